//! The component and the trainer give the same prices, and a promotion reaches the component within seconds.

use std::fmt::Write as _;

use acceptance::{Loupe, Stone, run_trainer, stones};
use serde_json::{Value as Json, json};

const FIELDS: [&str; 9] = ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"];

/// Every fifth stone as JSON, with all, none or some of its measures.
fn described() -> Vec<Json> {
    let known: [&[&str]; 3] = [&["depth", "table", "x", "y", "z"], &[], &["depth", "x"]];
    let stones = stones().into_iter().step_by(5);
    stones
        .filter(|stone| stone.measures.iter().all(|measure| *measure > 0.0))
        .zip(known.iter().cycle())
        .map(|(stone, known)| described_by(&stone, known))
        .collect()
}

fn described_by(stone: &Stone, known: &[&str]) -> Json {
    let [cut, color, clarity] = &stone.grades;
    let mut fields = json!({"carat": stone.carat, "cut": cut, "color": color, "clarity": clarity});
    for (name, measure) in FIELDS[4..].iter().zip(stone.measures) {
        if known.contains(name) {
            fields[*name] = json!(measure);
        }
    }
    fields
}

#[test]
fn the_component_prices_as_the_trainer_does() {
    let loupe = Loupe::start();
    let mut connection = loupe.connect();
    let described = described();
    let mut csv = FIELDS.join(",") + "\n";
    for stone in &described {
        let cells = FIELDS.map(|name| match &stone[name] {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            number => number.to_string(),
        });
        writeln!(csv, "{}", cells.join(",")).unwrap();
    }
    let file = loupe.file("stones.csv");
    std::fs::write(&file, csv).unwrap();
    let file = file.to_str().unwrap();
    let arguments = ["predict", "models/champion.loupe", "--format", "ndjson", "--input", file];
    let expected: Vec<f64> = run_trainer(&arguments)
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap()["price"].as_f64().unwrap())
        .collect();
    assert_eq!(expected.len(), described.len());
    for (stone, expected) in described.iter().zip(expected) {
        let body = stone.to_string();
        let price = connection.post("/v1/predict", &body).json()["price"].as_f64().unwrap();
        let cents = (expected * 100.0).round() / 100.0;
        assert_eq!(price.to_bits(), cents.to_bits(), "{body}: {price} and {expected}");
    }
}

#[test]
fn the_component_explains_its_prices_to_the_cent() {
    let loupe = Loupe::start();
    let mut diamonds: Vec<Json> = described().into_iter().step_by(50).collect();
    for stone in diamonds.iter_mut().step_by(2) {
        stone["price_list"] = json!("A");
    }
    let mut connection = loupe.connect();
    let mut predictions = Vec::new();
    for diamonds in diamonds.chunks(100) {
        let body = json!({ "diamonds": diamonds }).to_string();
        let answer = connection.post("/v1/predict/batch?explain=true", &body).json();
        predictions.extend(answer["predictions"].as_array().unwrap().clone());
    }
    assert_eq!(predictions.len(), diamonds.len());
    let cents = |usd: &Json| (usd.as_f64().unwrap() * 100.0).round();
    for (at, prediction) in predictions.iter().enumerate() {
        let parts = prediction["explanation"].as_array().unwrap();
        let sum: f64 = parts.iter().map(|part| cents(&part["effect"])).sum();
        assert!(sum.total_cmp(&cents(&prediction["price"])).is_eq(), "{prediction}");
        // The average stone is the same for all that name a list, but for a cent of rounding; without a list it has none
        // either.
        if at % 2 == 0 {
            let [one, first] =
                [prediction, &predictions[0]].map(|it| cents(&it["explanation"][0]["effect"]));
            assert!((one - first).abs() <= 1.0, "{prediction}");
        }
    }
}

#[test]
fn a_turned_stone_gets_the_same_answer() {
    let loupe = Loupe::start();
    let mut connection = loupe.connect();
    let stones = described().into_iter().filter(|stone| stone["y"].is_number()).step_by(9);
    let mut compared = 0;
    for (stone, list) in stones.zip([Json::Null, json!("A"), json!("b")].iter().cycle()) {
        let mut stone = stone.clone();
        stone["price_list"] = list.clone();
        let mut turned = stone.clone();
        (turned["x"], turned["y"]) = (stone["y"].clone(), stone["x"].clone());
        for target in ["/v1/predict?explain=true", "/v1/similar"] {
            let [one, other] = [&stone, &turned].map(|stone| {
                let mut answer = connection.post(target, &stone.to_string()).json();
                answer["request_id"].take();
                answer
            });
            assert_eq!(one, other, "{target} {stone}");
            assert_eq!(one.get("errors"), None, "{one}");
        }
        compared += 1;
    }
    assert!(compared > 300, "{compared}");
}

#[test]
fn a_promotion_is_served_within_five_seconds() {
    let loupe = Loupe::start();
    let before = loupe.serving();
    let trained = loupe.trainer(&["train", "--families", "linear", "--folds", "2"]);
    let id = trained["champion"]["id"].clone();
    assert_ne!(before, id);
    loupe.wait_until_served(id.as_str().unwrap());
    let models = loupe.connect().get("/v1/models").json();
    assert_eq!((&models["champion"], &models["serving"]["id"]), (&id, &id));
    assert!(models["models"][0]["metrics"]["holdout"]["mae"].as_f64().unwrap() > 0.0);
}
