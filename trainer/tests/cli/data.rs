//! Tests `data`: the exact rows that a model came from.

use serde_json::{Value, json};

use crate::desk::{Desk, HEADER, diamonds, fields};

fn train(desk: &Desk, arguments: &str) -> Value {
    desk.json(format!("train --families linear --folds 2 {arguments}"))
}

/// Exports a part of the rows of a run's model; how many they are, and the hash that a new database gives them.
fn export(desk: &Desk, run: &Value, part: &str) -> Value {
    let model = &run["models"][0]["id"];
    let written = desk.json(format!("data export --model {model} --part {part} -o out.csv"));
    let other = Desk::new();
    other.file("rows.csv", desk.read("out.csv"));
    let ingested = other.json("ingest rows.csv");
    assert_eq!(ingested["rejected"], 0);
    assert_eq!(ingested["dataset"]["sha256"], written["sha256"]);
    assert_eq!(ingested["added"], written["rows"]);
    fields(&written, "rows sha256")
}

/// Checks that the rows of a run's model are given back, all and in parts.
fn check(desk: &Desk, run: &Value) {
    assert_eq!(export(desk, run, "all"), fields(&run["dataset"], "rows sha256"));
    assert_eq!(export(desk, run, "holdout"), fields(&run["split"], "holdout sha256"));
    assert_eq!(export(desk, run, "train")[0], run["split"]["train"]);
}

#[test]
fn stones_that_are_listed_twice_are_counted_and_compared() {
    let desk = Desk::new();
    let row =
        |x: &str, y: &str, price: u32| format!("0.7,Ideal,G,VS1,61.5,55,{price},{x},{y},3.5\n");
    let rows = [
        row("5.6", "5.7", 500),
        row("5.7", "5.6", 640),
        row("5.8", "5.9", 2_000),
        row("5.9", "5.8", 2_100),
        row("6.1", "6.1", 900),
        row("0", "5.7", 900),
    ];
    desk.file("rows.csv", format!("{HEADER}\n{}", rows.concat()));
    let document = desk.json("data listings --data rows.csv");
    let names = "measured repeated pairs turned of_two_lists cuts_differ held_out_twins effect";
    assert_eq!(fields(&document, names), json!([5, 4, 2, 2, 2, 0, null, null]));
    let groups = document["price_ratios"].as_array().unwrap();
    let medians: Vec<&Value> = groups.iter().map(|group| &group["median"]).collect();
    assert_eq!(json!(medians), json!([1.28, null, null, 1.05, null, null, null]));
    desk.run("data listings --data rows.csv").ok().prints("2 stones have two listings");

    // The lists that rows state count, not the order of x and y.
    let stated = rows.iter().zip(["Smith", "Smith", "Smith", "Jones", "", ""]);
    let stated: String =
        stated.map(|(row, list)| row.replace('\n', &format!(",{list}\n"))).collect();
    desk.file("stated.csv", format!("{HEADER},price_list\n{stated}"));
    let document = desk.json("data listings --data stated.csv");
    assert_eq!(fields(&document, "pairs turned of_two_lists"), json!([2, 2, 1]));
    let median = &document["price_ratios"][3]["median"];
    assert!((median.as_f64().unwrap() - 2_000.0 / 2_100.0).abs() < 1e-9, "{document:#}");
}

#[test]
fn a_model_that_sees_x_and_y_changes_its_price_for_a_turned_stone() {
    let desk = Desk::with_diamonds(10);
    let run = train(&desk, "");
    let document =
        desk.json(format!("data listings --model {}", run["models"][0]["id"].as_str().unwrap()));
    assert!(document["effect"]["mean_change_percent"].as_f64().unwrap() > 0.0, "{document:#}");
    assert!(document["effect"]["ranges"][0]["held"].as_f64().unwrap() > 0.5, "{document:#}");
    assert_eq!(document["held_out_twins"], 0, "{document:#}");
}

#[test]
fn rows_of_the_table_are_given_back_before_and_after_more_came() {
    let desk = Desk::with_diamonds(60);
    let run = train(&desk, "");
    check(&desk, &run);
    desk.file("more.csv", diamonds(50));
    desk.run("ingest more.csv").ok();
    check(&desk, &run);
    let later = train(&desk, "--no-promote");
    assert_ne!(later["dataset"]["sha256"], run["dataset"]["sha256"]);
    check(&desk, &later);
    let listed = desk.json("data list");
    assert_eq!(listed["datasets"].as_array().unwrap().len(), 2);
    assert_eq!(listed["datasets"][1]["sha256"], run["dataset"]["sha256"]);
    assert_eq!(listed["datasets"][1]["last_id"], 899);
    assert_eq!(desk.json("show champion")["dataset"], listed["datasets"][1]);

    // As an older build left it: the rows that came first are tried.
    desk.sql("DELETE FROM datasets");
    check(&desk, &run);
    // Other rows are never taken for them.
    desk.sql("DELETE FROM diamonds WHERE id = 7");
    let message = desk.run("data export --model champion").refused(1, "gives 899 rows with sha256");
    assert!(message.contains(run["dataset"]["sha256"].as_str().unwrap()), "{message}");
}

#[test]
fn rows_of_files_are_given_back_when_the_files_are_gone() {
    let desk = Desk::new();
    // Two copies of a row, one without a price and one without measures.
    let odd = "1,Good,E,SI1,60,58,5000,6,6,4\n1,Good,E,SI1,60,58,5000,6,6,4\n1,Good,E,SI1,60,58,-1,6,6,4\n1,Good,E,SI1,60,58,5000,0,6,4\n";
    desk.file("rows.csv", diamonds(60) + odd);
    desk.file("holdout.csv", diamonds(55));
    let seeded = train(&desk, "--data rows.csv");
    let by_file = train(&desk, "--data rows.csv --holdout holdout.csv");
    for file in ["rows.csv", "holdout.csv"] {
        std::fs::remove_file(desk.path(file)).unwrap();
    }
    check(&desk, &seeded);
    check(&desk, &by_file);
    desk.sql("UPDATE datasets SET contents = x'00'");
    desk.run("data export --model champion").refused(1, "cannot be restored");
}

#[test]
fn rows_go_to_standard_output_unless_a_document_does() {
    let desk = Desk::with_diamonds(60);
    train(&desk, "");
    let rows = desk.run("data export --model champion").ok().stdout;
    let header = format!("{HEADER},price_list");
    assert_eq!((rows.lines().next(), rows.lines().count()), (Some(header.as_str()), 900));
    desk.run("data export --model champion --json").refused(2, "--output");
    desk.run("data export --model abc").failed(4);
}

#[test]
fn pruning_removes_unneeded_models_and_rows_rollback_says_so() {
    let desk = Desk::with_diamonds(60);
    desk.file("rows.csv", diamonds(60).replace("0.23,Ideal", "0.24,Ideal"));
    let first = train(&desk, "--data rows.csv");
    let second = desk.json("train --families log-linear,elastic-net --folds 2 --trials 1");
    assert_eq!(second["champion"]["promoted"], true, "{second:#}");
    let linear = first["models"][0]["id"].as_str().unwrap();
    // The defaults keep the last five champions.
    assert_eq!(desk.json("prune")["models"], json!([]));
    let dry = desk.json("prune --keep 1 --dry-run");
    assert_eq!(dry["models"][0]["id"], linear);
    assert_eq!(dry["datasets"][0]["sha256"], first["dataset"]["sha256"]);
    assert_eq!(desk.json("list")["models"].as_array().unwrap().len(), 3);
    let pruned = desk.json("prune --keep 1");
    assert_eq!(fields(&pruned, "models datasets"), fields(&dry, "models datasets"));
    assert!(pruned["bytes"].as_u64() > Some(1000) && pruned["reusable_bytes"].as_u64() > Some(0));
    assert_eq!(desk.json("list")["models"].as_array().unwrap().len(), 2);
    assert_eq!(desk.json("data list")["datasets"].as_array().unwrap().len(), 1);
    let message = desk.run("rollback").refused(5, "trainer prune");
    assert!(message.contains(linear), "{message}");
    desk.run(format!("promote {linear}")).failed(4);
    desk.run("doctor").ok();
    // The history stays.
    assert_eq!(desk.texts("SELECT model_id FROM promotions ORDER BY seq")[0], linear);
    desk.run("prune --keep 0").failed(2);
}
