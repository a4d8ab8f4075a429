//! Tests `import`: models that XGBoost saved.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::desk::{Desk, fields, redacted};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("xgboost-model/tests/fixtures").join(name)
}

/// A desk with rows to price and some of the models that XGBoost saved.
fn desk() -> Desk {
    let desk = Desk::with_diamonds(60);
    for name in ["deep-3.2.0.ubj", "squarederror-1.0.2.json", "tweedie-3.2.0.json"] {
        desk.file(name, std::fs::read(fixture(name)).unwrap());
    }
    desk
}

#[test]
fn an_imported_model_is_one_of_the_registry() {
    let desk = desk();
    let imported = desk.json("import deep-3.2.0.ubj --name \"the jeweler's\"");
    insta::assert_snapshot!(redacted(&imported));
    let id = &imported["id"];
    insta::assert_snapshot!(redacted(&desk.json(format!("show {id}"))));
    insta::assert_snapshot!(redacted(&desk.json(format!("inspect {id}"))));
    for line in ["list", &format!("show {id}")] {
        desk.run(line).prints("xgboost \"the jeweler's\"");
    }
    // There is no champion yet.
    assert_eq!(desk.run("doctor").code, 1);

    let measured = desk.json(format!("evaluate {id} --data diamonds.csv"));
    assert_eq!(measured["coverage"], json!(null));
    // 360 rows of training, 20 trees of depth 4.
    let mae = measured["metrics"]["mae"].as_f64().unwrap();
    assert!((300.0..700.0).contains(&mae), "{mae}");
    desk.file("stone.csv", "carat,cut,color,clarity\n0.7,Ideal,G,VS1\n");
    let priced = &desk.json(format!("predict {id} --input stone.csv"))["predictions"][0];
    assert!((1500.0..4500.0).contains(&priced["price"].as_f64().unwrap()), "{priced}");
    assert_eq!(fields(priced, "low high"), json!([null, null]));

    assert_eq!(desk.json(format!("promote {id}"))["promoted"], true);
    assert_eq!(desk.json("doctor")["ok"], true);
    desk.run("export champion -o out.loupe").ok();
    assert_eq!(desk.json("verify out.loupe")["id"], *id);
    // A model of ours is compared with it on the held-out rows, and beats it or does not.
    let run = desk.json("train --families linear --folds 2");
    assert_eq!(fields(&run["champion"], "id promoted"), json!([id, false]));
    let comparison = desk.json(format!("compare {id} {}", run["models"][0]["id"]));
    assert_eq!(fields(&comparison, "same_holdout better"), json!([false, null]));
    assert_eq!(comparison["difference"]["mae"], json!(null));
    desk.run(format!("compare {id} challenger")).prints("different rows");
}

#[test]
fn the_same_model_again_adds_nothing() {
    let desk = desk();
    let first = desk.json("import squarederror-1.0.2.json");
    let again = desk.json("import squarederror-1.0.2.json --name another");
    assert_eq!([&first["added"], &again["added"]], [true, false]);
    assert_eq!(fields(&first, "id name"), fields(&again, "id name"));
    assert_eq!(desk.json("list")["models"].as_array().unwrap().len(), 1);
    desk.run("import squarederror-1.0.2.json").prints("already");
    // The same trees with another meaning are another model.
    let price = desk.json("import squarederror-1.0.2.json --target price");
    assert_ne!(first["id"], price["id"]);
    assert_eq!([&first["link"], &price["link"]], ["log", "identity"]);
}

#[test]
fn a_model_of_prices_gives_prices() {
    let desk = desk();
    desk.run("import tweedie-3.2.0.json").refused(3, "import it with `--target price`");
    let id = &desk.json("import tweedie-3.2.0.json --target price")["id"];
    let measured = desk.json(format!("evaluate {id} --data diamonds.csv"));
    let mae = measured["metrics"]["mae"].as_f64().unwrap();
    assert!((300.0..1500.0).contains(&mae), "{mae}");
}

#[test]
fn what_is_no_model_is_bad_input_and_nothing_is_made() {
    let desk = Desk::new();
    let model = std::fs::read_to_string(fixture("squarederror-3.2.0.json")).unwrap();
    desk.file("sum.json", std::fs::read(fixture("gblinear-3.2.0.json")).unwrap());
    desk.file("cut.json", &model[..model.len() / 2]);
    desk.file("ranking.json", model.replace("reg:squarederror", "rank:ndcg"));
    desk.file("trees.json", "[{\"nodeid\": 0, \"leaf\": 1}]");
    desk.file("empty.json", "");
    let mut said = Vec::new();
    for file in ["sum", "cut", "ranking", "trees", "empty", "missing"] {
        said.push(desk.run(format!("import {file}.json")).failed(3));
        assert!(!desk.path(".spin").exists(), "{file}");
    }
    insta::assert_snapshot!(said.join("\n"));
    desk.run("import sum.json --target dollars").failed(2);
}
