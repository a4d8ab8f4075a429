//! Another model is promoted under load; the promoted model is damaged, or has a later format.

use std::time::{Duration, Instant};

use acceptance::{Connection, Loupe, stones};

use crate::load::{Exchange, Kind, Load, check_journal, dead_letters, journal, predict};

/// Trains two small models and promotes neither.
fn two_models(loupe: &Loupe) -> [String; 2] {
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
    assert_eq!(dead_letters(&exchanges), 0);
    check_journal(&loupe, &exchanges, journal(&loupe));
    let sql = "SELECT model_id, json_extract(response_body, '$.model.id') FROM requests WHERE route = '/v1/predict'";
    let rows = loupe.rows(sql);
    assert!(rows.iter().all(|row| row[0] == row[1]), "a row names another model");
}

/// Damages the champion's blob and checks that the previous champion is still served, by the same instance and by a new one.
/// Both must report the error.
fn check(spoil: impl Fn(&mut Vec<u8>), said: &str) {
    let mut loupe = Loupe::start();
    let [good, bad] = two_models(&loupe);
    let _ = loupe.trainer(&["promote", &good]);
    loupe.wait_until_served(&good);

    let select = format!("SELECT blob FROM models WHERE id = '{bad}'");
    let blob = loupe.rows(&select)[0][0].clone();
    let mut blob: Vec<u8> = serde_json::from_value(blob).unwrap();
    spoil(&mut blob);
    let hex: String = blob.iter().map(|byte| format!("{byte:02x}")).collect();
    let update = format!("UPDATE models SET blob = x'{hex}', image = NULL WHERE id = '{bad}'");
    let _ = loupe.rows(&update);
    let values = format!("VALUES ('{bad}', '2026-11-23T17:00:01.000Z', 'test')");
    let sql = format!("INSERT INTO promotions (model_id, promoted_at, reason) {values}");
    let _ = loupe.rows(&sql);
    let check = |connection: &mut Connection| {
        // Longer than an instance uses one check of the registry.
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(300));
            let answer = predict(connection);
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.json()["model"]["id"], *good);
        }
        let ready = connection.get("/readyz");
        assert_eq!(ready.status, 200);
        let trouble = ready.json()["trouble"].as_str().unwrap_or_default().to_owned();
        assert!(trouble.contains(&bad) && trouble.contains(said), "{trouble:?}");
        let models = connection.get("/v1/models").json();
        assert_eq!(models["champion"], *bad);
        assert_eq!(models["serving"]["id"], *good);
        assert_eq!(models["serving"]["released"], false);
        assert_eq!(models["serving"]["trouble"], *trouble);
    };
    check(&mut loupe.connect());
    loupe.kill_and_restart();
    check(&mut loupe.connect());
}

#[test]
fn a_damaged_champion_is_not_served() {
    let spoil = |blob: &mut Vec<u8>| {
        let middle = blob.len() / 2;
        blob[middle] ^= 1;
    };
    check(spoil, "");
}

#[test]
fn a_champion_of_a_later_format_is_not_served() {
    // FORMAT.md: the magic's eight bytes, then the number of the format.
    check(|blob| blob[8] = 99, "99");
}
