//! Another model is promoted under load.

use std::time::{Duration, Instant};

use acceptance::{Loupe, rows, stones};

use crate::load::{Exchange, Kind, Load, check_journal, journal};

/// Trains two small models and promotes neither.
pub(crate) fn two_models(loupe: &Loupe) -> [String; 2] {
    let mut csv = String::from("carat,cut,color,clarity,depth,table,x,y,z,price\n");
    for stone in stones().iter().step_by(40) {
        let grades = stone.grades.join(",");
        let measures = stone.measures.map(|measure| measure.to_string()).join(",");
        csv.push_str(&format!("{},{grades},{measures},{}\n", stone.carat, stone.price));
    }
    let file = loupe.file("small.csv");
    std::fs::write(&file, csv).unwrap();
    let file = file.to_str().unwrap();
    let options = "train --families linear,log-linear --folds 2 --no-promote --data";
    let trained = loupe.trainer(&options.split(' ').chain([file]).collect::<Vec<_>>());
    [0, 1].map(|at| trained["models"][at]["id"].as_str().unwrap().to_owned())
}

#[test]
fn a_promotion_under_load_causes_no_error_or_third_price() {
    let loupe = Loupe::start();
    let [old, new] = two_models(&loupe);
    let _ = loupe.trainer(&["promote", &old]);
    loupe.wait_until_served(&old);
    // After this, no instance is left that found no champion.
    std::thread::sleep(Duration::from_millis(2500));

    let load = Load::start(&loupe, 8, Duration::from_millis(10));
    std::thread::sleep(Duration::from_millis(500));
    let _ = loupe.trainer(&["promote", &new]);
    let promoted_at = Instant::now();
    std::thread::sleep(Duration::from_secs(5).saturating_sub(promoted_at.elapsed()));
    let late = Load::start(&loupe, 8, Duration::from_millis(10));
    std::thread::sleep(Duration::from_millis(500));
    let (exchanges, late) = (load.stop(), late.stop());

    let by = |exchange: &Exchange| {
        let answer = &exchange.answer;
        (exchange.question.kind == Kind::Predict).then(|| {
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()["model"]["id"].as_str().unwrap().to_owned()
        })
    };
    let models: Vec<String> = exchanges.iter().filter_map(by).collect();
    assert!(models.iter().all(|id| [&old, &new].contains(&id)), "a third model answered");
    assert!(models.contains(&old) && models.contains(&new));
    assert!(late.iter().filter_map(by).all(|id| id == new), "the old model answers after 5 s");
    check_journal(&exchanges, journal(&loupe.database()), &[]);
    let sql = "SELECT model_id, json_extract(response_body, '$.model.id') FROM requests WHERE route = '/v1/predict'";
    let rows = rows(&loupe.database(), sql);
    assert!(rows.iter().all(|row| row[0] == row[1]), "a row names another model");
}
