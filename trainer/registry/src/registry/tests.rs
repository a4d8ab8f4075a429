//! Tests the rules of the registry on a database of its own.

use inference::ModelId;
use serde_json::json;

use super::promotions::line;
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
    Decision {
        id: id(number),
        against: against.map(id),
        reason: String::from("better"),
        evidence: json!({}),
    }
}

/// An empty registry, and the database that goes away when it is dropped.
async fn scratch() -> (Database, Registry) {
    let database = Database::scratch().await.unwrap();
    let registry = Registry::new(database.connect().await.unwrap());
    (database, registry)
}

#[tokio::test]
async fn an_id_that_starts_several_models_names_them_all() {
    let (_database, registry) = scratch().await;
    // Seventeen models and sixteen first digits.
    let models: Vec<_> = (0..17).map(|number| registration(number, 1.0)).collect();
    registry.record(&run("1"), &models, None, "").await.unwrap();
    let starts = |digit: &str| (0..17).map(id).filter(|id| id.starts_with(digit)).count();
    let digit = ('0'..='f').map(String::from).find(|digit| starts(digit) > 1).unwrap();
    match registry.find(&digit).await.unwrap_err() {
        RegistryError::Ambiguous { asked, found, .. } => {
            assert_eq!((asked, found.len()), (digit.clone(), starts(&digit)));
        }
        other => panic!("{other}"),
    }
    assert_eq!(registry.find(&id(3)).await.unwrap().id, id(3));
}

#[tokio::test]
async fn the_challenger_is_the_best_other_model_of_the_latest_run() {
    let (_database, registry) = scratch().await;
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
async fn a_champion_that_changed_meanwhile_stops_the_run() {
    let (_database, registry) = scratch().await;
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
    // `-` is a rollback; the champion and those before it are expected.
    let check = |history: &[&str], expected: &[&str]| {
        let mut promotions: Vec<Promotion> = Vec::new();
        for step in history {
            let (model_id, rolls_back) = match *step {
                "-" => (line(&promotions).into_iter().rev().nth(1).unwrap(), true),
                model => (model.to_owned(), false),
            };
            promotions.push(Promotion {
                seq: 0,
                model_id,
                promoted_at: String::new(),
                // What people write as a reason decides nothing.
                reason: String::from("rolled back the October model"),
                rolls_back,
                evidence: Value::Null,
            });
        }
        assert_eq!(line(&promotions), expected, "{history:?}");
    };
    check(&[], &[]);
    check(&["a"], &["a"]);
    check(&["a", "b"], &["a", "b"]);
    check(&["a", "b", "c", "-"], &["a", "b"]);
    check(&["a", "b", "c", "-", "-"], &["a"]);
    check(&["a", "b", "-", "c"], &["a", "c"]);
}

/// A registry of champions 0, 1, 2 …, each promoted after the one before; the second half of a run is never promoted.
async fn champions(count: u8) -> (Database, Registry) {
    let (database, registry) = scratch().await;
    for number in 0..count {
        let models = [registration(number, 5.0), registration(number + 100, 6.0)];
        let decision = decision(number, number.checked_sub(1));
        let run = run(&format!("{number}"));
        registry.record(&run, &models, Some(&decision), "").await.unwrap();
    }
    (database, registry)
}

#[tokio::test]
async fn pruning_keeps_last_champions_the_challenger_and_history() {
    let (_database, registry) = champions(8).await;
    let dry = registry.prune(3, true).await.unwrap();
    assert_eq!(registry.models().await.unwrap().len(), 16);
    let pruned = registry.prune(3, false).await.unwrap();
    assert_eq!((&dry.models, dry.kept), (&pruned.models, pruned.kept));
    let mut left: Vec<String> =
        registry.models().await.unwrap().into_iter().map(|entry| entry.id).collect();
    left.sort();
    let mut expected: Vec<String> = [5, 6, 7, 107].map(id).into();
    expected.sort();
    assert_eq!(left, expected);
    assert_eq!((pruned.models.len(), pruned.kept), (12, 4));
    assert_eq!(registry.promotions().await.unwrap().len(), 8);
    assert_eq!(registry.find("challenger").await.unwrap().id, id(107));
    let promoted = registry.promote(&id(0), "").await;
    assert!(matches!(promoted, Err(RegistryError::NoSuchModel { .. })), "{promoted:?}");
    // Nothing is left to remove.
    assert!(registry.prune(3, false).await.unwrap().models.is_empty());
}

#[tokio::test]
async fn nothing_is_pruned_before_the_first_promotion() {
    let (_database, registry) = scratch().await;
    let models = [registration(0, 1.0), registration(1, 2.0)];
    registry.record(&run("1"), &models, None, "").await.unwrap();
    assert!(registry.prune(1, false).await.unwrap().models.is_empty());
}

/// Removes models as pruning does.
async fn remove(registry: &Registry, numbers: &[u8]) {
    for number in numbers {
        for column in ["run_models WHERE model_id", "models WHERE id"] {
            let sql = format!("DELETE FROM {column} = ?");
            registry.connection.execute(&sql, [id(*number)]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_rollback_skips_removed_champions_and_ends_at_the_first() {
    let (_database, registry) = champions(4).await;
    remove(&registry, &[1, 2]).await;
    let back = registry.rollback().await.unwrap();
    let expected = Rollback { id: id(0), from: id(3), passed_over: vec![id(2), id(1)] };
    assert_eq!(back, expected);
    assert_eq!(registry.champion().await.unwrap(), Some(id(0)));
    assert_eq!(line(&registry.promotions().await.unwrap()), [id(0)]);
    assert!(matches!(registry.rollback().await, Err(RegistryError::NothingBefore)));
    registry.promote(&id(3), "").await.unwrap();
    remove(&registry, &[0]).await;
    let back = registry.rollback().await;
    assert!(
        matches!(&back, Err(RegistryError::NothingLeft { removed }) if *removed == [id(0)]),
        "{back:?}"
    );
    assert_eq!(registry.champion().await.unwrap(), Some(id(3)));
}
