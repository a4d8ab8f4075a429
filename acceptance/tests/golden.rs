//! The component reads every golden blob and gives the prices in its `cases.csv`.

use std::path::Path;

use acceptance::{Loupe, root};
use serde_json::{Value as Json, json};

/// A price as the API shows it: in cents, and not below 0.
fn shown(price_usd: f64) -> f64 {
    (price_usd.max(0.0) * 100.0).round() / 100.0
}

#[test]
fn the_component_gives_the_prices_of_every_golden_blob() {
    let loupe = Loupe::start();
    let mut connection = loupe.connect();
    let golden = root().join("inference-wasm/inference/tests/golden/format-1");
    let cases = std::fs::read_to_string(golden.join("cases.csv")).unwrap();
    let mut lines = cases.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let fields = names.iter().position(|name| name.ends_with(".loupe")).unwrap();
    let cases: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let diamonds: Vec<Json> = cases
        .iter()
        .map(|cells| {
            let value = |cell: &str| cell.parse::<f64>().map_or(json!(cell), Json::from);
            // The list c, which no model knows, is refused here; the core prices without it.
            let is_sent = |cell: &str| !["", "c"].contains(&cell);
            let fields = names[..fields].iter().zip(cells).filter(|(_, cell)| is_sent(cell));
            Json::from_iter(fields.map(|(name, cell)| (*name, value(cell))))
        })
        .collect();
    let mut compared = 0;
    for (column, name) in names.iter().enumerate().skip(fields) {
        let id = register(&loupe, &golden.join(name));
        let target = format!("/v1/predict/batch?model={id}");
        for (diamonds, cases) in diamonds.chunks(1_000).zip(cases.chunks(1_000)) {
            let body = json!({ "diamonds": diamonds }).to_string();
            let answer = connection.post(&target, &body).json();
            assert_eq!(answer["model"]["id"], id, "{answer}");
            let predictions = answer["predictions"].as_array().unwrap();
            assert_eq!(predictions.len(), cases.len());
            for (prediction, cells) in predictions.iter().zip(cases) {
                let bits = cells[column].strip_prefix('x').unwrap();
                let expected = shown(f64::from_bits(u64::from_str_radix(bits, 16).unwrap()));
                let found = prediction["price"].as_f64().unwrap();
                assert_eq!(found.to_bits(), expected.to_bits(), "{name}: {cells:?}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 4_000, "{compared}");
}

/// Adds a blob to the registry and returns its id.
fn register(loupe: &Loupe, file: &Path) -> String {
    let inspected = loupe.trainer(&["inspect", file.to_str().unwrap()]);
    let text = |name: &str| inspected[name].as_str().unwrap().to_owned();
    let (id, sha256) = (text("id"), text("sha256"));
    let bytes = std::fs::read(file).unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let returned = loupe.rows(&format!(
            "INSERT INTO models (id, family, created_at, params, metrics, blob, blob_sha256, blob_bytes, nodes, seconds) \
             VALUES ('{id}', 'golden', '2026-01-01T00:00:00.000Z', '{{}}', '{{}}', x'{hex}', '{sha256}', {}, 1, 0.0)",
            bytes.len()
        ),
    );
    assert!(returned.is_empty());
    id
}
