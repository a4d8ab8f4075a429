//! Tests `train`: the same seed gives the same blobs, and the best model wins.

use serde_json::Value;

use crate::desk::{Desk, HEADER, diamonds, redacted};

/// Small searches: what is tested here is not how good the models are.
const QUICK: [&str; 4] = ["--trials", "2", "--folds", "2"];

fn train(desk: &Desk, arguments: &[&str]) -> Value {
    desk.json(&[&["train"], arguments, &QUICK].concat())
}

fn blobs(run: &Value) -> Vec<&str> {
    run["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["blob"]["sha256"].as_str().unwrap())
        .collect()
}

fn mae(model: &Value) -> f64 {
    model["metrics"]["holdout"]["mae"].as_f64().unwrap()
}

#[test]
fn every_family_is_trained_registered_and_the_best_is_champion() {
    let desk = Desk::with_diamonds(30);
    let run = train(&desk, &[]);
    insta::assert_snapshot!(redacted(&run));
    let models = run["models"].as_array().unwrap();
    let best = models.iter().min_by(|one, other| mae(one).total_cmp(&mae(other))).unwrap();
    assert_eq!(run["champion"]["id"], best["id"]);
    assert_eq!(run["champion"]["promoted"], true);
    // Log price beats price, and a richer basis a poorer one: what the families are there for.
    let of = |family: &str| mae(models.iter().find(|model| model["family"] == family).unwrap());
    assert!(of("log-linear") < of("linear") && of("elastic-net") < of("log-linear"));
    let list = desk.json(&["list"]);
    assert_eq!(list["champion"], best["id"]);
    assert_eq!(list["models"].as_array().unwrap().len(), 5);
    insta::assert_snapshot!(redacted(&desk.json(&["show", "champion"])));
}

#[test]
fn the_same_rows_and_seed_give_the_same_blobs_byte_for_byte() {
    let desk = Desk::with_diamonds(60);
    let first = train(&desk, &[]);
    let again = train(&desk, &[]);
    assert_eq!(blobs(&first), blobs(&again));
    assert_eq!(again["champion"]["promoted"], false);
    assert_eq!(desk.json(&["list"])["models"].as_array().unwrap().len(), 5);

    // From a file, in another order and another spelling, into another database.
    let text = diamonds(60).replace(",Ideal,", ", ideal,");
    let mut rows: Vec<&str> = text.lines().skip(1).collect();
    rows.reverse();
    let other = Desk::new();
    other.file("rows.csv", format!("{HEADER}\n{}", rows.join("\n")));
    let run = train(&other, &["--data", "rows.csv"]);
    assert_eq!(blobs(&first), blobs(&run));
    assert_eq!(first["dataset"]["sha256"], run["dataset"]["sha256"]);
    assert_eq!(first["split"]["sha256"], run["split"]["sha256"]);

    let seven = train(&other, &["--data", "rows.csv", "--seed", "7"]);
    assert!(blobs(&seven).iter().zip(blobs(&run)).all(|(one, other)| *one != other));
}

#[test]
fn a_sample_is_the_same_rows_from_a_database_and_from_a_file() {
    let desk = Desk::with_diamonds(20);
    let arguments = ["--families", "linear", "--sample", "40%"];
    let run = train(&desk, &arguments);
    let rows = run["dataset"]["rows"].as_u64().unwrap();
    assert!((950..1210).contains(&rows), "{rows}");
    let sample = &run["split"]["sample"];
    assert_eq!((&sample["asked"], &sample["of_rows"]), (&"40%".into(), &2697.into()));
    let text = diamonds(20);
    let mut lines: Vec<&str> = text.lines().skip(1).collect();
    lines.reverse();
    desk.file("rows.csv", format!("{HEADER}\n{}", lines.join("\n")));
    let again = train(&desk, &[&arguments[..], &["--data", "rows.csv"]].concat());
    assert_eq!(blobs(&run), blobs(&again));
    let message = desk.run(&["train", "--sample", "0"]).failed(2);
    assert!(message.contains("such as 500000"), "{message}");
}

#[test]
fn a_champion_gives_way_only_to_a_lower_error_on_the_same_rows() {
    let desk = Desk::with_diamonds(60);
    let linear = train(&desk, &["--families", "linear"]);
    assert_eq!(linear["champion"]["promoted"], true);
    let kept = train(&desk, &["--families", "elastic-net", "--no-promote"]);
    assert_eq!(kept["champion"]["promoted"], false);
    assert_eq!(kept["champion"]["id"], linear["champion"]["id"]);
    let better = train(&desk, &["--families", "log-linear,elastic-net"]);
    assert_eq!(better["champion"]["promoted"], true);
    assert_eq!(better["models"][1]["family"], "elastic-net");
    assert_eq!(better["champion"]["id"], better["models"][1]["id"]);
    let reason = better["champion"]["reason"].as_str().unwrap();
    let expected = format!("{:.2} of the champion", mae(&linear["models"][0]));
    assert!(reason.contains(&expected), "{reason}");
    let worse = train(&desk, &["--families", "linear"]);
    assert_eq!(worse["champion"]["promoted"], false);
    assert_eq!(worse["champion"]["id"], better["champion"]["id"]);
    // Other rows are held out now, and the champion is measured on them again.
    let other = train(&desk, &["--families", "linear", "--seed", "1"]);
    assert_eq!(other["champion"]["promoted"], false);
    assert!(other["champion"]["reason"].as_str().unwrap().contains("may have trained on"));
}

#[test]
fn what_the_notebook_drops_is_dropped_and_reported() {
    let desk = Desk::new();
    let bad = "1,Good,E,SI1,60,58,-1,6,6,4\n1,Good,E,SI1,60,58,0,6,6,4\n1,Good,E,SI1,60,58,5000,0,6,4\n1,Quite,E,SI1,60,58,5000,6,6,4\n";
    desk.file("rows.csv", diamonds(60) + bad);
    let run = train(&desk, &["--data", "rows.csv", "--families", "linear"]);
    let dropped = &run["split"]["dropped"];
    assert_eq!(dropped["price_not_positive"]["rows"][0]["row"], 901);
    assert_eq!(dropped["price_not_positive"]["count"], 2);
    assert_eq!(dropped["dimension_zero"]["count"], 1);
    assert_eq!(dropped["dimension_zero"]["rows"][0]["row"], 903);
    assert_eq!(run["dataset"]["rejected"], 1);
    let rows = |part: &str| run["split"][part].as_u64().unwrap();
    assert_eq!(rows("train") + rows("holdout"), 899);
    // One row in five is held out, give or take four deviations.
    assert!((130..230).contains(&rows("holdout")), "{run:#}");
}

#[test]
fn a_holdout_file_is_measured_on_and_never_trained_on() {
    let desk = Desk::with_diamonds(60);
    let all = diamonds(60);
    let held_out: Vec<&str> = all.lines().skip(1).step_by(4).collect();
    desk.file("holdout.csv", format!("{HEADER}\n{}\n", held_out.join("\n")));
    let run = train(&desk, &["--holdout", "holdout.csv", "--families", "log-linear"]);
    assert_eq!(run["split"]["kind"], "file");
    assert_eq!(run["split"]["holdout"], held_out.len());
    assert_eq!(run["split"]["kept_from_training"], held_out.len());
    assert_eq!(run["split"]["train"], 899 - held_out.len());
    let measured = desk.json(&["evaluate", "champion", "--data", "holdout.csv"]);
    assert_eq!(measured["metrics"], run["models"][0]["metrics"]["holdout"]);
}

#[test]
fn wrong_usage_and_too_little_data_say_what_to_do() {
    let desk = Desk::new();
    desk.file("few.csv", diamonds(2000));
    let message = desk.run(&["train", "--data", "few.csv"]).failed(3);
    assert!(message.contains("rows to train on remain of few.csv; at least 100"), "{message}");
    let message = desk.run(&["train", "--families", "linear,forest"]).failed(2);
    assert!(message.contains("forest") && message.contains("log-linear"), "{message}");
    desk.run(&["train", "--folds", "1"]).failed(2);
    desk.run(&["train", "--trials", "0"]).failed(2);
    desk.run(&["train", "--timeout", "soon"]).failed(2);
}

#[test]
fn a_timeout_ends_the_search_and_not_the_training() {
    let desk = Desk::with_diamonds(60);
    let arguments =
        ["train", "--families", "xgboost", "--trials", "1000", "--timeout", "1s", "--folds", "2"];
    let run = desk.json(&arguments);
    let trials = run["models"][0]["params"]["search"]["trials"].as_u64().unwrap();
    assert!((1..1000).contains(&trials), "{trials}");
}

#[test]
fn data_that_cannot_be_trained_on_is_named_and_changes_nothing() {
    let check = |arguments: &[&str], files: &[(&str, String)], expected: &str| {
        let desk = Desk::new();
        for (name, content) in files {
            desk.file(name, content);
        }
        let message = desk.run(&[&["train", "--families", "linear"], arguments].concat()).failed(3);
        assert!(message.contains(expected), "{message}");
        assert!(!desk.path(".spin").exists(), "{expected}: a database was made");
    };
    check(&["--data", "nope.csv"], &[], "nope.csv: cannot be read: No such file or directory");
    let all = || diamonds(60);
    check(&["--data", "d.csv", "--holdout", "nope.csv"], &[("d.csv", all())], "nope.csv");
}

#[test]
fn too_few_different_rows_or_prices_are_named_with_their_file() {
    let check = |arguments: &[&str], files: &[(&str, String)], expected: &str| {
        let desk = Desk::new();
        for (name, content) in files {
            desk.file(name, content);
        }
        let families = ["train", "--families", "linear,xgboost", "--trials", "1"];
        let message = desk.run(&[&families, arguments].concat()).failed(3);
        assert!(message.contains(expected), "{message}");
    };
    let (header, rows) = (diamonds(60).lines().next().unwrap().to_owned(), diamonds(60));
    let few: String = rows.lines().skip(1).take(12).map(|row| format!("{row}\n")).collect();
    check(
        &["--data", "d.csv"],
        &[("d.csv", format!("{header}\n{}", few.repeat(40)))],
        "different rows to train on",
    );
    let some: String = rows.lines().take(6).map(|row| format!("{row}\n")).collect();
    check(
        &["--data", "d.csv", "--holdout", "h.csv"],
        &[("d.csv", rows.clone()), ("h.csv", some)],
        "rows to measure on remain of",
    );
    check(
        &["--data", "d.csv", "--holdout", "h.csv"],
        &[("d.csv", rows.clone()), ("h.csv", rows.clone())],
        "without the rows of",
    );
    let at = header.split(',').position(|column| column == "price").unwrap();
    let one_price = |row: &str| {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells[at] = "500";
        cells.join(",")
    };
    let same: Vec<String> =
        std::iter::once(header.clone()).chain(rows.lines().skip(1).map(one_price)).collect();
    check(&["--data", "d.csv"], &[("d.csv", same.join("\n"))], "all have the same price");
}

#[test]
fn a_family_that_cannot_bear_the_data_takes_no_other_with_it() {
    let desk = Desk::new();
    let rows = diamonds(7);
    let header = rows.lines().next().unwrap().to_owned();
    // Color and clarity always go together, so least squares has no single solution.
    let bound: Vec<&str> = std::iter::once(header.as_str())
        .chain(rows.lines().filter(|row| {
            row.contains(",E,SI1,") || row.contains(",F,VS2,") || row.contains(",E,\"SI1\"")
        }))
        .collect();
    desk.file("d.csv", bound.join("\n"));
    let run = desk.json(&[
        "train",
        "--data",
        "d.csv",
        "--families",
        "linear,elastic-net",
        "--folds",
        "2",
    ]);
    let trained: Vec<&str> = run["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["family"].as_str().unwrap())
        .collect();
    let failed = run["failed"].as_array().unwrap();
    assert_eq!(trained.len() + failed.len(), 2, "{run}");
    assert!(trained.contains(&"elastic-net"), "{run}");
}
