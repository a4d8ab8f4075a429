//! Tests `replay`: the journal's requests, priced by another model.

use http::Method;
use serde_json::{Value as Json, json};
use service::Request;

use crate::desk::{Desk, diamonds, each, fields};
use crate::service_desk::{Journal, request, serve_keeping};

const FOUR_CS: &str = r#""carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1""#;

/// How many bytes of a body the journal keeps here.
const KEPT: usize = 2_000;

/// A desk with a champion, a challenger and this traffic.
fn desk(requests: Vec<Request>) -> Desk {
    let (desk, _) = Desk::trained(50, "linear,log-linear");
    serve_keeping(KEPT, &desk, Journal::Takes, requests);
    desk
}

fn post(target: &str, media: &'static str, body: &str) -> Request {
    request(Method::POST, target, &[("content-type", media)], body.to_owned())
}

/// Stones in every way that callers write them.
fn traffic() -> Vec<Request> {
    let json = "application/json";
    let predict = |body: &str| post("/v1/predict", json, body);
    let infer = |body: String| post("/v2/models/diamonds/infer", json, &body);
    let tensor = |name: &str, datatype: &str, data: &str| {
        format!(r#"{{"name":"{name}","datatype":"{datatype}","shape":[2],"data":[{data}]}}"#)
    };
    let grades = [
        tensor("cut", "BYTES", r#""Ideal","Fair""#),
        tensor("color", "BYTES", r#""G","j""#),
        tensor("clarity", "BYTES", r#""IF","I1""#),
    ]
    .join(",");
    let carat = tensor("carat", "FP32", "0.699999988079071,1.5");
    let (whole_carat, x) = (tensor("carat", "INT8", "1,2"), tensor("x", "FP64", "null,8.1"));
    let odd = r#"{"carat":1e0,"cut":" very good","color":"d","clarity":"si2","x":6.4,"y":null,"shop":"7"}"#;
    let measured = r#"{"carat":0.31,"cut":"Premium","color":"E","clarity":"VVS2","depth":61.5,"table":58,"x":4.35,"y":4.38,"z":2.69}"#;
    let explained = format!("{{{FOUR_CS},\"depth\":40}}");
    let batch = format!(
        r#"{{"diamonds":[{{{FOUR_CS}}},{{{FOUR_CS},"carat":3}},7,{{{FOUR_CS},"x":0}},{{{FOUR_CS},"z":9}}]}}"#
    );
    let csv = "color,clarity,shop,carat,cut,x\nE,IF,a,\" 0.5\",ideal,\nE,IF,a,,ideal,\nj,I1,b,5e0,\"Very Good\",11.1\n";
    let (short, long) = (diamonds(2_000), diamonds(600));
    assert!(short.len() < KEPT && long.len() > KEPT);
    vec![
        predict(&format!("{{{FOUR_CS}}}")),
        predict(odd),
        predict(measured),
        request(Method::POST, "/v1/predict?explain=true", &[], explained),
        post("/v1/predict/batch", "application/json; charset=utf-8", &batch),
        post("/v1/predict/batch", "TEXT/CSV", csv),
        infer(format!(r#"{{"inputs":[{grades},{carat}]}}"#)),
        infer(format!(r#"{{"inputs":[{whole_carat},{grades},{x}],"outputs":[{{"name":"low"}}]}}"#)),
        // The response is longer than what is kept, then the request is too.
        post("/v1/predict/batch", "text/csv", &short),
        post("/v1/predict/batch", "text/csv", &long),
        predict("{"),
        predict(r#"{"carat":1,"cut":"Round","color":"E","clarity":"IF"}"#),
        post("/v1/predict", "text/csv", "carat"),
        request(Method::GET, "/v1/predict", &[], ""),
        predict(&format!("{{{FOUR_CS},\"carat\":1}}")),
        post("/v1/similar", json, &format!("{{{FOUR_CS}}}")),
    ]
}

/// Replays what came around the moment that every request arrives at.
fn replay(desk: &Desk, more: &str) -> Json {
    desk.json(format!("replay --since 2026-11-23T16:00:00Z --until 2026-11-23T18:00:00Z {more}"))
}

#[test]
fn the_model_that_answered_would_answer_the_same_to_every_stone() {
    let desk = desk(traffic());
    let document = replay(&desk, "--model champion -o stones.csv");
    let stones = 1 + 1 + 1 + 1 + 2 + 2 + 2 + 2 + 27;
    let change = &document["change"];
    assert_eq!(fields(change, "stones changed mean_usd"), json!([stones, 0, 0.0]), "{document}");
    assert_eq!(document["largest"], json!([]));
    let expected = json!({
        "requests": 14, "priced": 9, "refused": 4, "invalid": 2, "failed": 0, "cut": 1, "unreadable": 0,
        "stones": stones, "stones_refused": 4,
    });
    assert_eq!(document["traffic"], expected);
    // Where only the low end was asked for, and where the response was cut.
    let gaps = json!({"recomputed": 2 + 27, "unanswered": 0, "without_price": 0});
    assert_eq!(document["answers"], gaps);
    let kinds = document["warnings"]["kinds"].as_object().unwrap();
    assert!(kinds.values().all(|counts| *counts == json!({"appeared": 0, "vanished": 0})));
    assert_eq!(document["warnings"]["compared"], stones - 2);

    let csv = desk.text("stones.csv");
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let header = rows.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), stones);
    assert!(rows.iter().all(|row| row[at("price_list")].is_empty()));
    assert!(rows.iter().all(|row| row[at("before")] == row[at("after")]));
    // The champion prices the same stones the same from a file.
    let cents = |price: f64| (price * 100.0).round() / 100.0;
    let again = desk.json("predict champion --input stones.csv");
    for (row, priced) in rows.iter().zip(again["predictions"].as_array().unwrap()) {
        assert_eq!(row[at("after")], format!("{:.2}", cents(priced["price"].as_f64().unwrap())));
    }
}

#[test]
fn another_model_would_have_answered_otherwise() {
    let desk = desk(traffic());
    let there = replay(&desk, "--model champion --against challenger");
    let back = replay(&desk, "--model challenger --against champion");
    let journal = replay(&desk, "--model challenger");
    // Against the champion is against what it answered.
    assert_eq!(fields(&journal, "change segments"), fields(&back, "change segments"));
    assert_eq!(journal["against"], "journal");
    let mean = |document: &Json| document["change"]["mean_usd"].as_f64().unwrap();
    assert!((mean(&there) + mean(&back)).abs() < 1e-9 && mean(&there).abs() > 1.0, "{there}");
    let by = each(&journal["segments"], "/by");
    for feature in ["cut", "color", "clarity", "carat", "measures"] {
        assert!(by.contains(&&json!(feature)), "{feature}");
    }
    let ids = desk.texts("SELECT id FROM requests ORDER BY id");
    let largest = each(&journal["largest"], "/request_id");
    assert_eq!(largest.len(), 10);
    assert!(largest.iter().all(|id| ids.iter().any(|known| **id == *known)));

    // Of sixteen requests the last is none for a price; the one before it was refused.
    let newest = replay(&desk, "--model challenger --limit 1");
    assert_eq!([&newest["traffic"]["requests"], &newest["change"]["stones"]], [1, 0]);
    let replay_of_all = desk.run("replay --model challenger --since 2026-11-23T16:00:00Z");
    let said = replay_of_all.prints("the largest changes");
    assert!(said.contains("requests whose bodies the journal cut (`journal_bodies`): 1"));
    desk.run("replay --model ffff").failed(4);
    desk.run("replay").failed(2);
    // A model that is gone cannot be asked once more.
    desk.sql("UPDATE requests SET model_id = 'gone'");
    let gaps = &replay(&desk, "--model challenger")["answers"];
    assert_eq!(*gaps, json!({"recomputed": 0, "unanswered": 29, "without_price": 0}));
}
