//! Tests `import`: models that XGBoost saved.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::desk::{Desk, redacted};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("xgboost-model/tests/fixtures").join(name)
}

/// A desk with rows to price and some of the models that XGBoost saved.
fn desk() -> Desk {
    let desk = Desk::with_diamonds(60);
    for name in
        ["deep-3.2.0.ubj", "squarederror-1.0.2.json", "tweedie-3.2.0.json", "dart-3.2.0.json"]
    {
        desk.file(name, std::fs::read(fixture(name)).unwrap());
    }
    desk
}

#[test]
fn an_imported_model_is_one_of_the_registry() {
    let desk = desk();
    let imported = desk.json(&["import", "deep-3.2.0.ubj", "--name", "the jeweler's"]);
    insta::assert_snapshot!(redacted(&imported));
    let id = imported["id"].as_str().unwrap();
    insta::assert_snapshot!(redacted(&desk.json(&["show", id])));
    insta::assert_snapshot!(redacted(&desk.json(&["inspect", id])));
    for arguments in [&["list"][..], &["show", id], &["doctor"]] {
        // There is no champion yet, which is all that doctor finds.
        let outcome = desk.run(arguments);
        assert!(outcome.code == 0 || arguments == ["doctor"], "{outcome:?}");
    }
    assert!(desk.run(&["list"]).ok().stdout.contains("xgboost \"the jeweler's\""));
    assert!(desk.run(&["show", id]).ok().stdout.contains("xgboost \"the jeweler's\""));

    let measured = desk.json(&["evaluate", id, "--data", "diamonds.csv"]);
    assert_eq!(measured["coverage"], json!(null));
    // 360 rows of training, 20 trees of depth 4.
    let mae = measured["metrics"]["mae"].as_f64().unwrap();
    assert!((300.0..700.0).contains(&mae), "{mae}");
    desk.file("stone.csv", "carat,cut,color,clarity\n0.7,Ideal,G,VS1\n");
    let priced = desk.json(&["predict", id, "--input", "stone.csv"])["predictions"][0].clone();
    assert!((1500.0..4500.0).contains(&priced["price"].as_f64().unwrap()), "{priced}");
    assert_eq!((&priced["low"], &priced["high"]), (&json!(null), &json!(null)));

    assert_eq!(desk.json(&["promote", id])["promoted"], true);
    assert_eq!(desk.json(&["doctor"])["ok"], true);
    desk.run(&["export", "champion", "-o", "out.loupe"]).ok();
    assert_eq!(desk.json(&["verify", "out.loupe"])["id"], id);
    // A model of ours is compared with it on the held-out rows, and beats it or does not.
    let run = desk.json(&["train", "--families", "linear", "--folds", "2"]);
    assert_eq!((&run["champion"]["id"], &run["champion"]["promoted"]), (&id.into(), &false.into()));
    let comparison = desk.json(&["compare", id, run["models"][0]["id"].as_str().unwrap()]);
    assert_eq!(
        (&comparison["same_holdout"], &comparison["better"], &comparison["difference"]["mae"]),
        (&false.into(), &json!(null), &json!(null))
    );
    assert!(desk.run(&["compare", id, "challenger"]).ok().stdout.contains("different rows"));
}

#[test]
fn the_same_model_again_adds_nothing() {
    let desk = desk();
    let first = desk.json(&["import", "squarederror-1.0.2.json"]);
    let again = desk.json(&["import", "squarederror-1.0.2.json", "--name", "another"]);
    assert_eq!((&first["added"], &again["added"]), (&true.into(), &false.into()));
    assert_eq!((&first["id"], &first["name"]), (&again["id"], &again["name"]));
    assert_eq!(desk.json(&["list"])["models"].as_array().unwrap().len(), 1);
    assert!(desk.run(&["import", "squarederror-1.0.2.json"]).ok().stdout.contains("already"));
    // The same trees with another meaning are another model.
    let price = desk.json(&["import", "squarederror-1.0.2.json", "--target", "price"]);
    assert_ne!(first["id"], price["id"]);
    assert_eq!((&first["link"], &price["link"]), (&"log".into(), &"identity".into()));
}

#[test]
fn a_model_of_prices_gives_prices() {
    let desk = desk();
    let message = desk.run(&["import", "tweedie-3.2.0.json"]).failed(3);
    assert!(message.contains("import it with `--target price`"), "{message}");
    let id = desk.json(&["import", "tweedie-3.2.0.json", "--target", "price"])["id"].clone();
    let measured = desk.json(&["evaluate", id.as_str().unwrap(), "--data", "diamonds.csv"]);
    let mae = measured["metrics"]["mae"].as_f64().unwrap();
    assert!((300.0..1500.0).contains(&mae), "{mae}");
}

#[test]
fn what_is_no_model_is_bad_input_and_nothing_is_made() {
    let desk = Desk::new();
    let model = std::fs::read_to_string(fixture("squarederror-3.2.0.json")).unwrap();
    desk.file("dart.json", std::fs::read(fixture("dart-3.2.0.json")).unwrap());
    desk.file("cut.json", &model[..model.len() / 2]);
    desk.file("ranking.json", model.replace("reg:squarederror", "rank:ndcg"));
    desk.file("trees.json", "[{\"nodeid\": 0, \"leaf\": 1}]");
    desk.file("empty.json", "");
    let mut said = Vec::new();
    for file in
        ["dart.json", "cut.json", "ranking.json", "trees.json", "empty.json", "missing.json"]
    {
        said.push(desk.run(&["import", file]).failed(3));
        assert!(!desk.path(".spin").exists(), "{file}");
    }
    insta::assert_snapshot!(said.join("\n"));
    desk.run(&["import", "dart.json", "--target", "dollars"]).failed(2);
}
