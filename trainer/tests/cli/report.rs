//! Tests `report`, `card`, `man`, and tables as CSV and Markdown.

use http::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, csv, diamonds, each, fields, rows, weighing};
use crate::service_desk::{Journal, request, serve_keeping};

/// A desk with a linear and a log-linear model; the second is champion. Its document.
fn trained() -> (Desk, Value) {
    Desk::trained(60, "linear,log-linear --folds 2")
}

/// Every section of the page, as it is called in an address and in the document.
const SECTIONS: &str =
    "fit segments calibration importance dependence learning-curve trials champions";

#[test]
fn a_report_is_one_complete_page_and_one_document() {
    let (desk, run) = trained();
    let run_id = run["run_id"].as_str().unwrap();
    let trials =
        [("500.0", "finished"), ("NULL", "pruned"), ("450.0", "finished"), ("470.0", "pruned")];
    for (number, (score, ended)) in trials.iter().enumerate() {
        desk.sql(&format!(
            "INSERT INTO trials VALUES ('{run_id}', 'log-linear', {number}, '{{\"depth\": {number}}}', '[]', {score}, 10, 0.5, '{ended}', '');"
        ));
    }
    let document = desk.json("report -o out");
    assert_eq!(document["file"], "out/report.html");
    assert_eq!(document["model"]["id"], run["champion"]["id"]);
    assert_eq!(document["model"]["measured_on"]["same_as_registered"], true);
    // What the report measures is what the registry keeps.
    let registered = &run["models"][1]["metrics"]["holdout"];
    assert_eq!(document["metrics"]["n"], registered["n"]);
    let mae = |metrics: &Value| metrics["mae"].as_f64().unwrap();
    assert!((mae(&document["metrics"]) - mae(registered)).abs() < 1e-6, "{document:#}");

    let html = desk.text("out/report.html");
    for foreign in ["http", "<script", "src=", "url(", "@import", "<link"] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    assert!(html.len() < 1_000_000, "{}", html.len());
    let count = |text: &str| html.matches(text).count();
    let figures = count("<figure>");
    assert!(figures >= 16, "{figures}");
    assert_eq!(count("<svg role=\"img\" aria-label=\""), figures);
    assert_eq!(count("<table>"), figures);
    for section in SECTIONS.split(' ') {
        assert!(html.contains(&format!("<section id=\"{section}\"")), "{section}");
        let figures = document["sections"][section]["figures"].as_array().unwrap();
        assert!(!figures.is_empty(), "{section}");
        for figure in figures {
            assert!(!figure["rows"].as_array().unwrap().is_empty(), "{section}: {figure:#}");
        }
    }
    let best = &document["sections"]["trials"]["figures"][0]["rows"];
    assert_eq!(each(best, "/best_so_far"), [500.0, 500.0, 450.0, 450.0]);

    desk.run("report -o again").ok();
    assert_eq!(desk.text("again/report.html"), html);
}

#[test]
fn a_report_is_of_any_model_and_of_any_rows_and_says_which() {
    let (desk, run) = trained();
    let linear = &run["models"][0]["id"];
    desk.file("other.csv", diamonds(400));
    let document = desk.json(format!("report {linear} --data other.csv -o out"));
    assert_eq!(fields(&document["model"], "id champion"), json!([linear, false]));
    let which = document["model"]["measured_on"]["which"].as_str().unwrap();
    assert!(which.contains("other.csv"), "{which}");
    // Rows were added since: the same seed holds out more of them.
    desk.file("more.csv", diamonds(50));
    desk.run("ingest more.csv").ok();
    let document = desk.json("report -o out");
    assert_eq!(document["model"]["measured_on"]["same_as_registered"], false);

    desk.run("report ffffffffffff -o none").failed(4);
    assert!(!desk.path("none").exists());
    desk.file("file", "");
    desk.run("report -o file").failed(1);
    let empty = Desk::new();
    empty.run("migrate").ok();
    empty.run("report").failed(4);
}

#[test]
fn requests_are_drawn_next_to_the_training_rows() {
    let (desk, _) = trained();
    let heavy = csv(rows(200).iter().map(|row| weighing(row, |carat| 2.0 * carat)));
    let headers = [("content-type", "text/csv")];
    let asked = request(Method::POST, "/v1/predict/batch", &headers, heavy);
    serve_keeping(1 << 20, &desk, Journal::Takes, vec![asked]);
    let document = desk.json("report --since 2026-11-23T16:00:00Z -o out");
    let drift = &document["sections"]["drift"];
    let rows = drift["figures"][0]["rows"].as_array().unwrap();
    let carat = rows.iter().find(|row| row["feature"] == "carat").unwrap();
    assert_eq!(carat["verdict"], "drifted", "{drift:#}");
    assert!(desk.text("out/report.html").contains("<section id=\"drift\""));
    // Nobody asked any other model.
    let document = desk.json("report challenger --since 2026-11-23T16:00:00Z -o out");
    assert!(document["sections"]["drift"].is_null());
}

#[test]
fn a_card_says_what_a_model_is_good_for_and_what_not() {
    let (desk, run) = trained();
    let document = desk.json("card champion");
    let markdown = document["markdown"].as_str().unwrap();
    assert_eq!(desk.run("card champion").ok().stdout.trim_end(), markdown);
    let model = &document["model"];
    let mut card = markdown.replace(run["run_id"].as_str().unwrap(), "<run_id>");
    for (name, hash) in [
        ("blob", &model["blob"]["sha256"]),
        ("dataset", &model["dataset_sha256"]),
        ("split", &model["split_sha256"]),
        ("id", &model["id"]),
    ] {
        card = card.replace(hash.as_str().unwrap(), &format!("<{name}>"));
    }
    insta::assert_snapshot!(without_numbers(&card));
}

#[test]
fn a_model_of_price_lists_is_shown_with_them_and_without_them() {
    let (desk, run) = Desk::trained(60, "xgboost --trials 1 --folds 2");
    let champion = &run["champion"]["id"];
    for document in [
        &desk.json("list")["models"][0],
        &desk.json("show champion"),
        &desk.json("inspect champion"),
        &desk.json("report -o out")["model"],
    ] {
        assert_eq!(document["id"], *champion);
        assert_eq!(fields(document, "prices_in price_lists"), json!(["USD 2008", ["A", "B"]]));
    }
    desk.run("show champion").prints("prices in USD 2008, by the price lists A, B");
    desk.run("show champion").prints("stones without a list");
    let inspected = desk.json("inspect champion");
    for kind in ["/interval/without_list/measured", "/interval/in_list/unmeasured"] {
        assert!(inspected.pointer(kind).unwrap()["groups"].is_array(), "{inspected:#}");
    }
    assert!(inspected["domain"]["maximum diameter"].is_array(), "{inspected:#}");

    let report = desk.json("report -o out");
    let mae = |part: &str| report[part]["mae"].as_f64().unwrap();
    assert!(mae("metrics") < mae("metrics_without_list"), "{report:#}");
    let html = desk.text("out/report.html");
    for part in [
        "Prices are in USD of the year 2008.",
        "price list A",
        "list not known",
        "two sellers",
        "Price by price list",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let card = desk.run("card champion").ok().stdout;
    for part in [
        "| Prices in | USD 2008 |",
        "| Price lists | A, B |",
        "| measured, list not known |",
        "In the public data A and B are two sellers' lists.",
        "minimum diameter",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
}

#[test]
fn a_model_of_rows_of_another_year_says_so() {
    let desk = Desk::new();
    desk.file("diamonds.csv", diamonds(60));
    desk.run("train --data diamonds.csv --prices-in 'EUR 2024' --families log-linear --folds 2")
        .ok();
    let card = desk.run("card champion").ok().stdout;
    assert!(card.contains("Prices are in EUR of the year 2024. The sign $ stands for"), "{card}");
    assert!(
        !card.contains("of the year 2008") && card.contains("| Price lists | none |"),
        "{card}"
    );
    desk.run("train --data diamonds.csv --families linear --folds 2 --no-promote").ok();
    desk.run("card challenger")
        .prints("The currency and the year of its prices are not known here.");
}

/// Every number but the year as `#`, with no sign and no brackets: they differ from processor to processor.
fn without_numbers(text: &str) -> String {
    let mut kept = String::new();
    for character in text.replace("2008", "<year>").chars() {
        let is_of_a_name = kept.ends_with(|before: char| before.is_ascii_alphabetic());
        if !character.is_ascii_digit() || is_of_a_name {
            kept.push(character);
        } else if !kept.ends_with('#') {
            kept.push('#');
        }
    }
    let numbers = kept.replace("#,#", "#").replace("#.#", "#").replace('\u{2212}', "+");
    let share = "+#\u{a0}%";
    numbers.replace(&format!("({share})"), share).replace("<year>", "2008")
}

#[test]
fn tables_are_had_as_csv_and_as_markdown() {
    let (desk, run) = trained();
    let csv = desk.run("list --csv").ok().stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(lines[0].starts_with("id,role,family,holdout MAE,"), "{csv}");
    let champion = run["champion"]["id"].as_str().unwrap();
    assert!(csv.contains(&format!("{champion},champion,log-linear,")), "{csv}");
    let md = desk.run("list --md").ok().stdout;
    assert!(md.starts_with("| id | role | family |"), "{md}");
    assert_eq!(md.lines().nth(1).unwrap().matches("---").count(), lines[0].split(',').count());
    let md = desk.run("compare challenger champion --md").prints("is better");
    assert!(md.contains("| mae |"), "{md}");
    let csv = desk.run("compare challenger champion --csv").prints("\nmae,");
    assert!(!csv.contains("is better"), "{csv}");
    assert!(desk.run("show champion --csv").ok().stdout.starts_with("rows,n,MAE,"));
    desk.run("show champion --md").prints("| holdout |");
    desk.run("list --csv --md").failed(2);
}

#[test]
fn every_command_has_its_manual_page() {
    let desk = Desk::new();
    desk.run("man").prints(".TH trainer 1");
    let files = desk.json("man -o man1")["files"].as_array().unwrap().len();
    for name in ["", "-train", "-report", "-logs", "-logs-export"] {
        let page = desk.text(&format!("man1/trainer{name}.1"));
        assert!(page.contains(&format!(".TH trainer{name} 1")), "{name}: {page}");
    }
    assert_eq!(std::fs::read_dir(desk.path("man1")).unwrap().count(), files);
}
