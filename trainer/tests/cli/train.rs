//! Tests `train`: the same seed gives the same blobs, and the best model wins.

use serde_json::{Value, json};

use crate::desk::{
    AS_PUBLISHED, Desk, blobs, changed, csv, diamonds, each, fields, redacted, rows,
};

/// Trains with small searches: what is tested here is not how good the models are.
fn train(desk: &Desk, arguments: &str) -> Value {
    desk.json(format!("train {arguments} --trials 2 --folds 2"))
}

fn mae(model: &Value) -> f64 {
    model["metrics"]["holdout"]["mae"].as_f64().unwrap()
}

#[test]
fn every_family_is_trained_registered_and_the_best_is_champion() {
    let desk = Desk::with_diamonds(30);
    let run = train(&desk, "");
    insta::assert_snapshot!(redacted(&run));
    let models = run["models"].as_array().unwrap();
    let best = models.iter().min_by(|one, other| mae(one).total_cmp(&mae(other))).unwrap();
    assert_eq!(fields(&run["champion"], "id promoted"), json!([best["id"], true]));
    // Log price beats price, and a richer basis a poorer one: what the families are there for.
    let of = |family: &str| mae(models.iter().find(|model| model["family"] == family).unwrap());
    assert!(of("log-linear") < of("linear") && of("elastic-net") < of("log-linear"));
    let list = desk.json("list");
    assert_eq!(list["champion"], best["id"]);
    assert_eq!(list["models"].as_array().unwrap().len(), 5);
    insta::assert_snapshot!(redacted(&desk.json("show champion")));
}

#[test]
fn the_same_rows_and_seed_give_the_same_blobs_byte_for_byte() {
    let desk = Desk::with_diamonds(60);
    let first = train(&desk, "");
    let again = train(&desk, "");
    assert_eq!(blobs(&first), blobs(&again));
    assert_eq!(again["champion"]["promoted"], false);
    assert_eq!(desk.json("list")["models"].as_array().unwrap().len(), 5);

    // From a file, in another order and another spelling, into another database.
    let respelt = rows(60).into_iter().rev().map(|row| row.replace(",Ideal,", ", ideal,"));
    let other = Desk::new();
    other.file("rows.csv", csv(respelt).trim_end());
    let run = train(&other, &format!("--data rows.csv {AS_PUBLISHED}"));
    assert_eq!(blobs(&first), blobs(&run));
    assert_eq!(first["dataset"]["sha256"], run["dataset"]["sha256"]);
    assert_eq!(first["split"]["sha256"], run["split"]["sha256"]);

    let seven = train(&other, &format!("--data rows.csv {AS_PUBLISHED} --seed 7"));
    assert!(blobs(&seven).iter().zip(blobs(&run)).all(|(one, other)| *one != other));
}

#[test]
fn a_sample_is_the_same_rows_from_a_database_and_from_a_file() {
    let desk = Desk::with_diamonds(20);
    let arguments = "--families linear --sample 40%";
    let run = train(&desk, arguments);
    let drawn = run["dataset"]["rows"].as_u64().unwrap();
    assert!((950..1210).contains(&drawn), "{drawn}");
    assert_eq!(fields(&run["split"]["sample"], "asked of_rows"), json!(["40%", 2697]));
    desk.file("rows.csv", csv(rows(20).into_iter().rev()).trim_end());
    let again = train(&desk, &format!("{arguments} --data rows.csv {AS_PUBLISHED}"));
    assert_eq!(blobs(&run), blobs(&again));
    desk.run("train --sample 0").refused(2, "such as 500000");
}

#[test]
fn a_champion_gives_way_only_to_a_lower_error_on_the_same_rows() {
    let desk = Desk::with_diamonds(60);
    let linear = train(&desk, "--families linear");
    assert_eq!(linear["champion"]["promoted"], true);
    let champion = |run: &Value| fields(&run["champion"], "id promoted");
    let kept = train(&desk, "--families elastic-net --no-promote");
    assert_eq!(champion(&kept), json!([linear["champion"]["id"], false]));
    let better = train(&desk, "--families log-linear,elastic-net");
    assert_eq!(better["models"][1]["family"], "elastic-net");
    assert_eq!(champion(&better), json!([better["models"][1]["id"], true]));
    let reason = better["champion"]["reason"].as_str().unwrap();
    let expected = format!("{:.2} of the champion", mae(&linear["models"][0]));
    assert!(reason.contains(&expected), "{reason}");
    let worse = train(&desk, "--families linear");
    assert_eq!(champion(&worse), json!([better["champion"]["id"], false]));
    // Other rows are held out now, and the champion is measured on them again.
    let other = train(&desk, "--families linear --seed 1");
    assert_eq!(other["champion"]["promoted"], false);
    assert!(other["champion"]["reason"].as_str().unwrap().contains("may have trained on"));
}

#[test]
fn what_the_notebook_drops_is_dropped_and_reported() {
    let desk = Desk::new();
    let bad = "1,Good,E,SI1,60,58,-1,6,6,4\n1,Good,E,SI1,60,58,0,6,6,4\n1,Good,E,SI1,60,58,5000,0,6,4\n1,Quite,E,SI1,60,58,5000,6,6,4\n";
    desk.file("rows.csv", diamonds(60) + bad);
    let run = train(&desk, "--data rows.csv --families linear");
    let dropped = &run["split"]["dropped"];
    for (reason, row, count) in [("price_not_positive", 901, 2), ("dimension_zero", 903, 1)] {
        assert_eq!(dropped[reason]["rows"][0]["row"], row);
        assert_eq!(dropped[reason]["count"], count);
    }
    assert_eq!(run["dataset"]["rejected"], 1);
    let rows = |part: &str| run["split"][part].as_u64().unwrap();
    assert_eq!(rows("train") + rows("holdout"), 899);
    // One row in five is held out, give or take four deviations.
    assert!((130..230).contains(&rows("holdout")), "{run:#}");
}

#[test]
fn a_holdout_file_is_measured_on_and_never_trained_on() {
    let desk = Desk::with_diamonds(60);
    desk.file("holdout.csv", csv(rows(60).iter().step_by(4)));
    let run = train(&desk, "--holdout holdout.csv --families log-linear");
    let split = fields(&run["split"], "kind holdout kept_from_training train");
    // One more lists a stone of the file.
    assert_eq!(split, json!(["file", 225, 226, 899 - 226]));
    let measured = desk.json("evaluate champion --data holdout.csv");
    assert_eq!(measured["metrics"], run["models"][0]["metrics"]["holdout"]);
}

#[test]
fn wrong_usage_and_too_little_data_say_what_to_do() {
    let desk = Desk::new();
    desk.file("few.csv", diamonds(2000));
    desk.run("train --data few.csv").refused(3, "rows to train on remain of few.csv; at least 100");
    let message = desk.run("train --families linear,forest").refused(2, "forest");
    assert!(message.contains("log-linear"), "{message}");
    for wrong in ["--folds 1", "--trials 0", "--timeout soon"] {
        desk.run(format!("train {wrong}")).failed(2);
    }
}

#[test]
fn a_timeout_ends_the_search_and_not_the_training() {
    let (_, run) = Desk::trained(60, "xgboost --trials 1000 --timeout 1s --folds 2");
    let trials = run["models"][0]["params"]["search"]["trials"].as_u64().unwrap();
    assert!((1..1000).contains(&trials), "{trials}");
}

#[test]
fn data_that_cannot_be_trained_on_is_named_and_changes_nothing() {
    let check = |arguments: &str, expected: &str| {
        let desk = Desk::new();
        desk.file("d.csv", diamonds(60));
        desk.run(format!("train --families linear {arguments}")).refused(3, expected);
        assert!(!desk.path(".spin").exists(), "{expected}: a database was made");
    };
    check("--data nope.csv", "nope.csv: cannot be read: No such file or directory");
    check("--data d.csv --holdout nope.csv", "nope.csv");
}

#[test]
fn too_few_different_rows_or_prices_are_named_with_their_file() {
    let check = |rows: &[String], holdout: Option<&[String]>, expected: &str| {
        let desk = Desk::new();
        desk.file("d.csv", csv(rows));
        let holdout = holdout.map_or("", |rows| {
            desk.file("h.csv", csv(rows));
            "--holdout h.csv"
        });
        let line = format!("train --families linear,xgboost --trials 1 --data d.csv {holdout}");
        desk.run(line).refused(3, expected);
    };
    let rows = rows(60);
    check(&[&rows[..12]; 40].concat(), None, "different rows to train on");
    check(&rows, Some(&rows[..5]), "rows to measure on remain of");
    check(&rows, Some(&rows), "without the rows of");
    let same: Vec<String> =
        rows.iter().map(|row| changed(row, "price", |_| String::from("500"))).collect();
    check(&same, None, "all have the same price");
}

#[test]
fn a_family_that_cannot_bear_the_data_takes_no_other_with_it() {
    let desk = Desk::new();
    // Color and clarity always go together, so least squares has no single solution.
    let together = [",E,SI1,", ",F,VS2,", ",E,\"SI1\""];
    let bound = rows(7).into_iter().filter(|row| together.iter().any(|both| row.contains(both)));
    desk.file("d.csv", csv(bound));
    let run = desk.json("train --data d.csv --families linear,elastic-net --folds 2");
    let trained = each(&run["models"], "/family");
    assert_eq!(trained.len() + run["failed"].as_array().unwrap().len(), 2, "{run}");
    assert!(trained.contains(&&json!("elastic-net")), "{run}");
}
