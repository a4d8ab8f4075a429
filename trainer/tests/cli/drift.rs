//! Tests `drift`: the journal's requests compared with the training data.

use http::Method;
use serde_json::json;
use service::Request;

use crate::desk::{Desk, diamonds};
use crate::service_desk::{Journal, request, serve_keeping};

/// Around the moment that every request arrives at.
const WINDOW: [&str; 4] = ["--since", "2026-11-23T16:00:00Z", "--until", "2026-11-23T18:00:00Z"];

/// A desk with a champion.
fn desk() -> Desk {
    let desk = Desk::with_diamonds(20);
    desk.run(&["train", "--families", "log-linear"]).ok();
    desk
}

fn batch(csv: String) -> Request {
    request(Method::POST, "/v1/predict/batch", &[("content-type", "text/csv")], csv)
}

/// Rows of the public table, each with its first column changed.
fn rows(every: usize, carat: impl Fn(f64) -> f64) -> String {
    let table = diamonds(every);
    let mut lines = table.lines();
    let mut csv = format!("{}\n", lines.next().unwrap());
    for line in lines {
        let (weight, rest) = line.split_once(',').unwrap();
        csv.push_str(&format!("{},{rest}\n", carat(weight.parse().unwrap())));
    }
    csv
}

fn drift<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["drift"], &WINDOW[..], more].concat()
}

#[test]
fn requests_like_the_training_data_are_calm_others_drift() {
    let desk = desk();
    let ask = |requests: Vec<Request>| {
        desk.sql("DELETE FROM requests");
        serve_keeping(65_536, &desk, Journal::Takes, requests);
    };
    ask(vec![]);
    let document = desk.json(&drift(&[]));
    assert_eq!(
        (&document["verdict"], &document["traffic"]["requests"]),
        (&json!("too_few"), &json!(0))
    );

    let refused = request(Method::POST, "/v1/predict", &[], "{");
    ask(vec![batch(rows(181, |carat| carat)), refused]);
    let document = desk.json(&drift(&[]));
    assert_eq!(document["verdict"], "calm", "{document}");
    assert_eq!(document["traffic"]["stones"], 299);
    assert_eq!(document["traffic"]["refused"], 1);
    assert_eq!(document["training"]["is_champions"], true);
    assert_eq!(document["features"].as_array().unwrap().len(), 9);
    let said = desk.run(&drift(&[])).ok().stdout;
    assert!(said.contains("left out: requests refused by the service: 1"), "{said}");
    assert!(said.contains("are like those that the champion learnt from"), "{said}");
    let outside = ["drift", "--since", "2026-11-23T18:00:00Z", "--json"];
    assert!(desk.run(&outside).ok().stdout.contains("too_few"));

    ask(vec![batch(rows(181, |carat| 2.0 * carat))]);
    let outcome = desk.run(&drift(&["--json"]));
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&document["verdict"], &document["drifted"]), (&json!("drifted"), &json!(true)));
    let carat = &document["features"][0];
    assert_eq!((&carat["feature"], &carat["verdict"]), (&json!("carat"), &json!("drifted")));
    assert!(outcome.stderr.contains("carat (PSI"), "{}", outcome.stderr);
}

#[test]
fn without_a_champion_or_a_moment_there_is_no_drift_to_look_for() {
    let desk = Desk::with_diamonds(500);
    let message = desk.run(&["drift"]).failed(4);
    assert!(message.contains("there is no champion yet"), "{message}");
    desk.run(&["drift", "--since", "lately"]).failed(2);
}

#[test]
fn a_watcher_trains_once_on_the_same_rows_after_drift() {
    let desk = desk();
    std::fs::create_dir(desk.path("inbox")).unwrap();
    serve_keeping(65_536, &desk, Journal::Takes, vec![batch(rows(181, |carat| 2.0 * carat))]);
    // The service's clock in these tests stands still; a watcher looks back from now.
    desk.sql(
        "UPDATE requests SET received_at = strftime('%Y-%m-%dT%H:%M:%fZ'), \
         id = (SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) FROM (SELECT printf('%012x', \
         CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)) AS ms)) || substr(id, 14)",
    );
    let watch = |more: &[&str]| {
        let asked = ["watch", "inbox", "--once", "--settle", "0s", "--families", "linear"];
        desk.json(&[&asked[..], more].concat())["training"].clone()
    };
    assert_eq!(watch(&[])["due"], false);
    let training = watch(&["--on-drift"]);
    assert_eq!(training["due"], true, "{training:#}");
    assert!(training["reason"].as_str().unwrap().contains("drifted: carat"), "{training:#}");
    assert_eq!(watch(&["--on-drift"])["due"], false);
}
