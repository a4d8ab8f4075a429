//! Tests `drift`: the journal's requests compared with the training data.

use http::Method;
use serde_json::{Value, json};
use service::Request;

use crate::desk::{Desk, csv, fields, rows, weighing};
use crate::service_desk::{Journal, request, serve_keeping};

/// Around the moment that every request arrives at.
const DRIFT: &str = "drift --since 2026-11-23T16:00:00Z --until 2026-11-23T18:00:00Z";

/// Rows of the public table, each with another weight.
fn batch(carat: impl Fn(f64) -> f64) -> Request {
    let stones = csv(rows(181).iter().map(|row| weighing(row, &carat)));
    request(Method::POST, "/v1/predict/batch", &[("content-type", "text/csv")], stones)
}

#[test]
fn requests_like_the_training_data_are_calm_others_drift() {
    let (desk, _) = Desk::trained(20, "log-linear");
    let ask = |requests: Vec<Request>| {
        desk.sql("DELETE FROM requests");
        serve_keeping(65_536, &desk, Journal::Takes, requests);
    };
    ask(vec![]);
    let document = desk.json(DRIFT);
    assert_eq!(document["verdict"], "too_few");
    assert_eq!(document["traffic"]["requests"], 0);

    let refused = request(Method::POST, "/v1/predict", &[], "{");
    ask(vec![batch(|carat| carat), refused]);
    let document = desk.json(DRIFT);
    assert_eq!(document["verdict"], "calm", "{document}");
    assert_eq!(document["traffic"]["stones"], 299);
    assert_eq!(document["traffic"]["refused"], 1);
    assert_eq!(document["training"]["is_champions"], true);
    assert_eq!(document["features"].as_array().unwrap().len(), 9);
    let said = desk.run(DRIFT).prints("left out: requests refused by the service: 1");
    assert!(said.contains("are like those that the champion learnt from"), "{said}");
    desk.run("drift --since 2026-11-23T18:00:00Z --json").prints("too_few");

    ask(vec![batch(|carat| 2.0 * carat)]);
    let outcome = desk.run(format!("{DRIFT} --json"));
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(fields(&document, "verdict drifted"), json!(["drifted", true]));
    let carat = &document["features"][0];
    assert_eq!(fields(carat, "feature verdict"), json!(["carat", "drifted"]));
    assert!(outcome.stderr.contains("carat (PSI"), "{}", outcome.stderr);
}

#[test]
fn refused_requests_and_missing_measures_are_drift() {
    let (desk, _) = Desk::trained(20, "log-linear");
    let stones = |color: &str, measures: &str| {
        let body =
            format!(r#"{{"carat":0.7,"cut":"Ideal","color":"{color}","clarity":"VS1"{measures}}}"#);
        request(Method::POST, "/v1/predict", &[("content-type", "application/json")], body)
    };
    let ask = |requests: Vec<Request>| {
        desk.sql("DELETE FROM requests");
        serve_keeping(65_536, &desk, Journal::Takes, requests);
    };
    // A new grade, in six requests of ten.
    let of_ten = |at: u32| if at % 10 < 6 { "K" } else { "G" };
    ask((0..100).map(|at| stones(of_ten(at), "")).collect());
    let outcome = desk.run(format!("{DRIFT} --json"));
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let refused = &document["refused"];
    assert_eq!(fields(refused, "asked refused requests verdict"), json!([100, 60, 0.6, "drifted"]));
    let color = fields(&refused["fields"][0], "field refused commonest_value verdict");
    assert_eq!(color, json!(["color", 60, "K", "drifted"]));
    assert_eq!(document["traffic"]["invalid"], 60);
    let outcome = desk.run(DRIFT);
    let row = outcome.stdout.lines().find(|line| line.contains("refused for color")).unwrap();
    assert!(row.contains("\"K\"") && row.contains("60.0 %") && row.contains("drifted"), "{row}");
    assert!(!outcome.stdout.contains("left out"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("refused for color, most often \"K\" (60.0 % of requests)"));

    // The same within a batch.
    let rows: Vec<String> = (0..100).map(|at| format!("0.7,Ideal,{},VS1", of_ten(at))).collect();
    let rows = format!("carat,cut,color,clarity\n{}\n", rows.join("\n"));
    ask(vec![request(Method::POST, "/v1/predict/batch", &[("content-type", "text/csv")], rows)]);
    let outcome = desk.run(format!("{DRIFT} --json"));
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(&document["refused"], refused);

    // Stones without their depth.
    let without = r#","table":57,"x":5.7,"y":5.72,"z":3.5"#;
    let measures = |at: u32| format!("{without}{}", if at < 40 { r#","depth":61.5"# } else { "" });
    ask((0..100).map(|at| stones("G", &measures(at))).collect());
    let outcome = desk.run(format!("{DRIFT} --json"));
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let depth = &document["features"][4];
    let missing = fields(&depth["missing"], "training requests verdict");
    assert_eq!(json!([depth["feature"], missing]), json!(["depth", [0.0, 0.6, "drifted"]]));
    assert_eq!(document["features"][5]["missing"]["verdict"], "calm");

    // Too few of either to tell.
    ask(vec![stones("G", "")]);
    assert_eq!(desk.run(DRIFT).ok().stdout, "1 priced stone is too few to tell; 100 are needed\n");
    ask(vec![stones("G", ""), stones("K", ""), stones("K", "")]);
    let said = "1 priced stone and 2 refused stones are too few to tell; 100 are needed\n";
    assert_eq!(desk.run(DRIFT).ok().stdout, said);
}

#[test]
fn without_a_champion_or_a_moment_there_is_no_drift_to_look_for() {
    let desk = Desk::with_diamonds(500);
    desk.run("drift").refused(4, "there is no champion yet");
    desk.run("drift --since lately").failed(2);
}

#[test]
fn a_watcher_trains_once_on_the_same_rows_after_drift() {
    let (desk, _) = Desk::trained(20, "log-linear");
    std::fs::create_dir(desk.path("inbox")).unwrap();
    serve_keeping(65_536, &desk, Journal::Takes, vec![batch(|carat| 2.0 * carat)]);
    // The service's clock in these tests stands still; a watcher looks back from now.
    desk.sql(
        "UPDATE requests SET received_at = strftime('%Y-%m-%dT%H:%M:%fZ'), \
         id = (SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) FROM (SELECT printf('%012x', \
         CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)) AS ms)) || substr(id, 14)",
    );
    let watch = "watch inbox --once --settle 0s --families linear";
    let on_drift = || desk.json(format!("{watch} --on-drift"))["training"].clone();
    assert_eq!(desk.json(watch)["training"]["due"], false);
    let training = on_drift();
    assert_eq!(training["due"], true, "{training:#}");
    assert!(training["reason"].as_str().unwrap().contains("drifted: carat"), "{training:#}");
    assert_eq!(on_drift()["due"], false);
}
