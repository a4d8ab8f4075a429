//! The component and the trainer give the same prices, and a promotion reaches the component within seconds.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use acceptance::{Loupe, Stone, stones};
use serde_json::{Value as Json, json};

/// Every fifth stone with all, none or some of its measures.
fn described() -> Vec<(Stone, Vec<&'static str>)> {
    let known: [&[&str]; 3] = [&["depth", "table", "x", "y", "z"], &[], &["depth", "x"]];
    stones()
        .into_iter()
        .step_by(5)
        .filter(|stone| stone.measures.iter().all(|measure| *measure > 0.0))
        .enumerate()
        .map(|(at, stone)| (stone, known[at % 3].to_vec()))
        .collect()
}

fn fields(stone: &Stone, known: &[&str]) -> serde_json::Map<String, Json> {
    let [cut, color, clarity] = &stone.grades;
    let Json::Object(mut fields) =
        json!({"carat": stone.carat, "cut": cut, "color": color, "clarity": clarity})
    else {
        unreachable!("an object was written")
    };
    for (name, measure) in ["depth", "table", "x", "y", "z"].iter().zip(stone.measures) {
        if known.contains(name) {
            fields.insert((*name).to_owned(), json!(measure));
        }
    }
    fields
}

#[test]
fn the_component_prices_as_the_trainer_does() {
    let loupe = Loupe::start();
    let mut connection = loupe.connect();
    let described = described();
    let mut csv = String::from("carat,cut,color,clarity,depth,table,x,y,z\n");
    for (stone, known) in &described {
        let fields = fields(stone, known);
        let row: Vec<String> =
            ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"]
                .iter()
                .map(|name| match fields.get(*name) {
                    None => String::new(),
                    Some(Json::String(text)) => text.clone(),
                    Some(number) => number.to_string(),
                })
                .collect();
        writeln!(csv, "{}", row.join(",")).unwrap();
    }
    let file = loupe.file("stones.csv");
    std::fs::write(&file, csv).unwrap();
    let champion = "models/champion.loupe";
    let output = std::process::Command::new(acceptance::trainer())
        .args(["predict", champion, "--format", "ndjson", "--input"])
        .arg(&file)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected: Vec<f64> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap()["price"].as_f64().unwrap())
        .collect();
    assert_eq!(expected.len(), described.len());
    for ((stone, known), expected) in described.iter().zip(expected) {
        let body = Json::Object(fields(stone, known)).to_string();
        let price = connection.post("/v1/predict", &body).json()["price"].as_f64().unwrap();
        let cents = (expected * 100.0).round() / 100.0;
        assert_eq!(price.to_bits(), cents.to_bits(), "{body}: {price} and {expected}");
    }
}

#[test]
fn the_component_explains_its_prices_to_the_cent() {
    let loupe = Loupe::start();
    let diamonds: Vec<Json> = described()
        .iter()
        .step_by(50)
        .map(|(stone, known)| Json::Object(fields(stone, known)))
        .collect();
    let mut connection = loupe.connect();
    let mut predictions = Vec::new();
    for diamonds in diamonds.chunks(100) {
        let body = json!({ "diamonds": diamonds }).to_string();
        let answer = connection.post("/v1/predict/batch?explain=true", &body).json();
        predictions.extend(answer["predictions"].as_array().unwrap().clone());
    }
    assert_eq!(predictions.len(), diamonds.len());
    let cents = |usd: &Json| (usd.as_f64().unwrap() * 100.0).round();
    for prediction in &predictions {
        let parts = prediction["explanation"].as_array().unwrap();
        let sum: f64 = parts.iter().map(|part| cents(&part["effect"])).sum();
        assert!(sum.total_cmp(&cents(&prediction["price"])).is_eq(), "{prediction}");
        // The average stone is the same for all.
        assert_eq!(parts[0]["effect"], predictions[0]["explanation"][0]["effect"]);
    }
}

#[test]
fn a_promotion_is_served_within_five_seconds() {
    let loupe = Loupe::start();
    let mut connection = loupe.connect();
    let stone = r#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1"}"#;
    let before = connection.post("/v1/predict", stone).json()["model"]["id"].clone();
    let trained = loupe.trainer(&["train", "--families", "linear", "--folds", "2"]);
    let id = trained["champion"]["id"].clone();
    let promoted_at = Instant::now();
    let mut seen = before.clone();
    while seen != id && promoted_at.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(100));
        seen = connection.post("/v1/predict", stone).json()["model"]["id"].clone();
    }
    assert_ne!(before, id);
    assert_eq!(seen, id, "not served {:?} after the promotion", promoted_at.elapsed());
    let models = connection.get("/v1/models").json();
    assert_eq!((&models["champion"], &models["serving"]["id"]), (&id, &id));
    assert!(models["models"][0]["metrics"]["holdout"]["mae"].as_f64().unwrap() > 0.0);
}
