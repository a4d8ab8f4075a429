//! Tests `import`: models that XGBoost saved.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::desk::{Desk, csv, each, fields, redacted, rows};

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
    let end = |name: &str| priced[name].as_f64().unwrap();
    assert!((end("low")..end("high")).contains(&end("price")), "{priced}");

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
fn a_model_that_depends_on_the_order_of_x_and_y_is_told() {
    let desk = desk();
    let imported = desk.json("import deep-3.2.0.ubj");
    let change = &imported["order_of_diameters"];
    let [mean, max] = ["mean_change_percent", "max_change_percent"].map(|name| &change[name]);
    assert!(0.0 < mean.as_f64().unwrap() && mean.as_f64() < max.as_f64(), "{imported:#}");
    let said = "depend on the order of x and y: exchanged, they change the price by";
    assert!(imported["notes"].to_string().contains(said), "{imported:#}");
    assert!(desk.run("import deep-3.2.0.ubj").ok().stderr.contains(said));
    // Every split by x or y becomes one by z.
    let symmetric = [6, 7].into_iter().fold(model("complete.json"), |model, feature| {
        let mut model = model;
        let trees = model.pointer_mut("/learner/gradient_booster/model/trees").unwrap();
        for at in trees
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .flat_map(|tree| tree["split_indices"].as_array_mut().unwrap())
        {
            if *at == feature {
                *at = json!(8);
            }
        }
        model
    });
    desk.file("symmetric.json", symmetric.to_string());
    let imported = desk.json("import symmetric.json --force");
    assert_eq!(imported["order_of_diameters"], Value::Null);
    assert!(!imported["notes"].to_string().contains("order of x and y"), "{imported:#}");
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
    let price = desk.json("import squarederror-1.0.2.json --target price --force");
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

/// A model of `tests/fixtures`: 16 trees of an XGBoost model that learnt from complete rows of the public table.
fn model(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The model with every split of some features changed: their thresholds, and whether the two sides are exchanged.
fn resplit(
    mut model: Value,
    feature: u64,
    threshold: impl Fn(f64) -> f64,
    exchange: bool,
) -> Value {
    let trees = model.pointer_mut("/learner/gradient_booster/model/trees").unwrap();
    for tree in trees.as_array_mut().unwrap() {
        for at in 0..tree["left_children"].as_array().unwrap().len() {
            if tree["split_indices"][at] != feature || tree["left_children"][at] == -1 {
                continue;
            }
            tree["split_conditions"][at] =
                json!(threshold(tree["split_conditions"][at].as_f64().unwrap()));
            if exchange {
                let left = tree["left_children"][at].take();
                tree["left_children"][at] = tree["right_children"][at].take();
                tree["right_children"][at] = left;
            }
        }
    }
    model
}

/// The model without names of columns, which are in another order; `columns` are the indices of ours.
fn reordered(mut model: Value, columns: [usize; 9]) -> Value {
    model["learner"]["feature_names"] = json!([]);
    let trees = model.pointer_mut("/learner/gradient_booster/model/trees").unwrap();
    for tree in trees.as_array_mut().unwrap() {
        for at in tree["split_indices"].as_array_mut().unwrap() {
            let feature = at.as_u64().unwrap();
            let column = columns.iter().position(|of| *of as u64 == feature).unwrap();
            *at = json!(column);
        }
    }
    model
}

#[test]
fn a_model_that_prices_known_stones_wrongly_is_refused() {
    let desk = desk();
    let check = |file: &str, model: &Value, target: &str, parts: &[&str]| {
        desk.file(file, model.to_string());
        let said = desk.run(format!("import {file} {target}")).failed(5);
        for part in parts.iter().chain(&["nothing was registered", "`--force`"]) {
            assert!(said.contains(part), "{file}: {part}: {said}");
        }
        assert_eq!(desk.json("list")["models"], json!([]), "{file}");
    };
    let complete = model("complete.json");
    let log_price =
        ["looks like the log of the price, read as the price", "without `--target price`"];
    check("complete.json", &complete, "--target price", &log_price);
    let price =
        ["no finite price for", "looks like the price, read as the log", "try `--target price`"];
    check("price.json", &model("price.json"), "", &price);
    let alphabet =
        ["clarity coded alphabetically", "LabelEncoder", "(I1 = 0, IF = 1, SI1 = 2, SI2 = 3,"];
    check("labelencoder.json", &model("labelencoder.json"), "", &alphabet);
    let from_one = (1..=3).fold(complete.clone(), |model, grade| {
        resplit(model, grade, |threshold| threshold + 1.0, false)
    });
    check(
        "one.json",
        &from_one,
        "",
        &["clarity counted from 1 (I1 = 1, SI2 = 2,", "train it on our codes"],
    );
    let from_j = resplit(complete.clone(), 2, |threshold| 7.0 - threshold.ceil(), true);
    check("j.json", &from_j, "", &["color in the opposite order (J = 0, I = 1,"]);
    let numbers_first = reordered(complete.clone(), [0, 4, 5, 6, 7, 8, 1, 2, 3]);
    let order = "columns in the order carat, depth, table, x, y, z, cut, color, clarity";
    check("order.json", &numbers_first, "", &[order, "train it with the names of the columns"]);

    // The same models read right.
    let good = desk.json("import complete.json");
    assert_eq!(fields(&good["check"], "rows champion_mae refusal"), json!([899, null, null]));
    desk.run("import price.json --target price").ok();
    // A champion is a measure too.
    let id = &good["id"];
    desk.run(format!("promote {id}")).ok();
    assert!(desk.json("import deep-3.2.0.ubj")["check"]["champion_mae"].as_f64().unwrap() > 100.0);
}

#[test]
fn by_force_a_wrong_model_is_registered_and_promoted_and_both_say_so() {
    let desk = desk();
    desk.file("price.json", model("price.json").to_string());
    let forced = desk.json("import price.json --force");
    let id = &forced["id"];
    assert_eq!(forced["params"]["forced"], true);
    assert!(forced["check"]["refusal"].as_str().unwrap().contains("no finite price"));
    assert!(forced["notes"][0].as_str().unwrap().contains("by --force"), "{forced:#}");
    assert_eq!(desk.json(format!("show {id}"))["params"]["forced"], true);

    desk.run(format!("promote {id}")).refused(5, "no finite price");
    assert_eq!(desk.json("list")["promotion"], Value::Null);
    let promoted = desk.json(format!("promote {id} --force --reason trial"));
    assert_eq!(fields(&promoted, "promoted forced"), json!([true, true]));
    let reason = &desk.json("show champion")["promotions"][0]["reason"];
    assert!(reason.as_str().unwrap().starts_with("trial; no gate decided; forced: "), "{reason}");
}

#[test]
fn without_known_stones_nothing_is_checked_but_that_a_champion_answers() {
    let desk = Desk::new();
    for name in ["complete.json", "price.json"] {
        desk.file(name, model(name).to_string());
    }
    let imported = desk.json("import complete.json");
    assert_eq!(fields(&imported["check"], "rows mae refusal"), json!([0, null, null]));
    assert!(imported["notes"][0].as_str().unwrap().contains("nothing was checked"));
    let promoted = desk.json(format!("promote {}", imported["id"]));
    assert_eq!(promoted["check"]["rows"], 0);
    let endless = &desk.json("import price.json")["id"];
    desk.run(format!("promote {endless}")).refused(5, "no stone a finite price");
}

#[test]
fn a_model_of_complete_rows_gets_imputed_measures_and_ranges() {
    let (empty, desk) = (Desk::new(), desk());
    for desk in [&empty, &desk] {
        desk.file("complete.json", model("complete.json").to_string());
        desk.file("four.csv", "carat,cut,color,clarity\n0.7,Ideal,G,VS1\n");
        desk.file("measured.csv", csv(rows(1000)));
    }
    let prices = |desk: &Desk, id: &Value, input: &str| -> Vec<f64> {
        let priced = desk.json(format!("predict {id} --input {input}"));
        each(&priced["predictions"], "/price").iter().map(|price| price.as_f64().unwrap()).collect()
    };
    let bare = empty.json("import complete.json");
    let fitted = desk.json("import complete.json");
    // By the directions that XGBoost gives missing values it does not know, the price is several times too high.
    assert!(prices(&empty, &bare["id"], "four.csv")[0] > 5000.0);
    let price = prices(&desk, &fitted["id"], "four.csv")[0];
    assert!((2300.0..3600.0).contains(&price), "{price}");
    // With all measures it is XGBoost's own.
    let measured = |desk: &Desk, model: &Value| prices(desk, &model["id"], "measured.csv");
    assert_eq!(measured(&empty, &bare), measured(&desk, &fitted));

    let missing = &fitted["params"]["missing_measures"];
    assert_eq!(fields(missing, "rule rows"), json!(["imputed", 899]));
    let error = |name: &str| missing[name].as_f64().unwrap();
    assert!(error("own_rule_mae") > 2.0 * error("imputed_mae"), "{missing}");
    assert_eq!(bare["params"]["missing_measures"], Value::Null);
    let inspected = desk.json(format!("inspect {}", fitted["id"]));
    assert_eq!(inspected["encoder"]["missing"], "estimated");
    let held = &desk.json(format!("evaluate {} --data diamonds.csv", fitted["id"]))["interval"];
    for share in ["coverage", "coverage_four_cs"] {
        let share = held[share].as_f64().unwrap();
        assert!((0.88..0.95).contains(&share), "{held}");
    }
    let notes = fitted["notes"].to_string();
    for part in ["as if it had learnt from complete rows", "if it has learnt from them"] {
        assert!(notes.contains(part), "{notes}");
    }
}

#[test]
fn a_model_that_learnt_from_gaps_keeps_its_own_rule_where_that_is_no_worse() {
    let desk = desk();
    let imported = desk.json("import deep-3.2.0.ubj");
    let missing = &imported["params"]["missing_measures"];
    let error = |name: &str| missing[name].as_f64().unwrap();
    let expected = if error("imputed_mae") < error("own_rule_mae") { "imputed" } else { "own" };
    assert_eq!(missing["rule"], expected, "{missing}");
}
