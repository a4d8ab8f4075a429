//! The registry's rules, over a database of its own.

use inference::ModelId;
use serde_json::json;

use super::*;
use crate::database::Database;

fn registration(number: u8, mae: f64) -> Registration {
    Registration {
        family: String::from("test"),
        name: None,
        params: json!({}),
        metrics: json!({ "holdout": { "mae": mae } }),
        dataset_sha256: None,
        split_sha256: None,
        seed: Some(u64::MAX >> 1),
        blob: vec![number],
        exact_blob: None,
        blob_sha256: String::new(),
        nodes: 1,
        seconds: 0.5,
    }
}

fn id(number: u8) -> String {
    ModelId::of(&[number]).to_string()
}

fn run(id: &str) -> Run {
    Run {
        id: id.to_owned(),
        started_at: id.to_owned(),
        arguments: json!({}),
        dataset_rows: 1,
        dataset_sha256: String::new(),
        split_sha256: String::new(),
        split: json!({}),
        seed: 42,
    }
}

fn decision(number: u8, against: Option<u8>) -> Decision {
    Decision { id: id(number), against: against.map(id), reason: String::from("better") }
}

#[tokio::test]
async fn an_id_that_starts_several_models_names_them_all() {
    let database = Database::scratch().await.unwrap();
    let registry = Registry::new(database.connect().await.unwrap());
    // Seventeen models and sixteen first digits.
    let models: Vec<_> = (0..17).map(|number| registration(number, 1.0)).collect();
    registry.record(&run("1"), &models, None, "").await.unwrap();
    let starts = |digit: &str| (0..17).map(id).filter(|id| id.starts_with(digit)).count();
    let digit = ('0'..='f').map(String::from).find(|digit| starts(digit) > 1).unwrap();
    match registry.find(&digit).await.unwrap_err() {
        RegistryError::Ambiguous { asked, found } => {
            assert_eq!((asked, found.len()), (digit.clone(), starts(&digit)));
        }
        other => panic!("{other}"),
    }
    assert_eq!(registry.find(&id(3)).await.unwrap().id, id(3));
}

#[tokio::test]
async fn the_challenger_is_the_best_of_the_latest_run_beside_the_champion() {
    let database = Database::scratch().await.unwrap();
    let registry = Registry::new(database.connect().await.unwrap());
    let first = [registration(0, 10.0), registration(1, 1.0)];
    registry.record(&run("1"), &first, Some(&decision(1, None)), "").await.unwrap();
    assert_eq!(registry.find("challenger").await.unwrap().id, id(0));
    let second = [registration(2, 7.0), registration(3, 5.0), registration(4, 6.0)];
    registry.record(&run("2"), &second, None, "").await.unwrap();
    assert_eq!(registry.find("challenger").await.unwrap().id, id(3));
    registry.promote(&id(3), "by hand").await.unwrap();
    assert_eq!(registry.find("challenger").await.unwrap().id, id(4));
}

#[tokio::test]
async fn a_champion_that_changed_meanwhile_stops_the_run_and_keeps_nothing_of_it() {
    let database = Database::scratch().await.unwrap();
    let registry = Registry::new(database.connect().await.unwrap());
    let first = [registration(0, 10.0), registration(1, 1.0)];
    registry.record(&run("1"), &first, Some(&decision(0, None)), "").await.unwrap();
    registry.promote(&id(1), "by hand").await.unwrap();
    let late =
        registry.record(&run("2"), &[registration(2, 5.0)], Some(&decision(2, Some(0))), "").await;
    assert!(matches!(late, Err(RegistryError::Overtaken { .. })), "{late:?}");
    assert_eq!(registry.champion().await.unwrap(), Some(id(1)));
    assert_eq!(registry.models().await.unwrap().len(), 2);
}

#[test]
fn a_rollback_takes_back_the_promotion_before_it() {
    // `-` is a rollback; the champion before the champion is expected.
    let check = |history: &[&str], expected: Option<(&str, &str)>| {
        let mut promotions: Vec<Promotion> = Vec::new();
        for step in history {
            let (model, rolls_back) = match *step {
                "-" => (predecessor(&promotions).unwrap().1, true),
                model => (model.to_owned(), false),
            };
            promotions.push(Promotion {
                seq: 0,
                model_id: model,
                promoted_at: String::new(),
                // What people write as a reason decides nothing.
                reason: String::from("rolled back the October model"),
                rolls_back,
            });
        }
        let expected = expected.map(|(one, other)| (one.to_owned(), other.to_owned()));
        assert_eq!(predecessor(&promotions), expected, "{history:?}");
    };
    check(&[], None);
    check(&["a"], None);
    check(&["a", "b"], Some(("b", "a")));
    check(&["a", "b", "c", "-"], Some(("b", "a")));
    check(&["a", "b", "c", "-", "-"], None);
    check(&["a", "b", "-", "c"], Some(("c", "a")));
}
