//! The registry's champion is damaged, or has a later format.

use std::time::Duration;

use acceptance::{Connection, Loupe, rows};

use crate::load::predict;
use crate::promotion::two_models;

/// Replaces the blob of a model.
fn replace_blob(loupe: &Loupe, id: &str, blob: &[u8]) {
    let hexadecimal: String = blob.iter().map(|byte| format!("{byte:02x}")).collect();
    let sql = format!("UPDATE models SET blob = x'{hexadecimal}', image = NULL WHERE id = '{id}'");
    let _ = rows(&loupe.database(), &sql);
}

fn blob(loupe: &Loupe, id: &str) -> Vec<u8> {
    let sql = format!("SELECT blob FROM models WHERE id = '{id}'");
    let blob = rows(&loupe.database(), &sql)[0][0].clone();
    serde_json::from_value(blob).unwrap()
}

/// Damages the champion's blob and checks that the previous champion is still served, by the same instance and by a new one.
/// Both must report the error.
fn check(spoil: impl Fn(&mut Vec<u8>), said: &str) {
    let mut loupe = Loupe::start();
    let [good, bad] = two_models(&loupe);
    let _ = loupe.trainer(&["promote", &good]);
    loupe.wait_until_served(&good);

    let mut spoilt = blob(&loupe, &bad);
    spoil(&mut spoilt);
    replace_blob(&loupe, &bad, &spoilt);
    let values = format!("VALUES ('{bad}', '2026-11-23T17:00:01.000Z', 'test')");
    let sql = format!("INSERT INTO promotions (model_id, promoted_at, reason) {values}");
    let _ = rows(&loupe.database(), &sql);
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
    check(
        |blob| {
            let middle = blob.len() / 2;
            blob[middle] ^= 1;
        },
        "",
    );
}

#[test]
fn a_champion_of_a_later_format_is_not_served() {
    // FORMAT.md: the magic's eight bytes, then the number of the format.
    check(|blob| blob[FORMAT_AT] = 99, "99");
}

const FORMAT_AT: usize = 8;
