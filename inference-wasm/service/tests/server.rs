//! The same tests once more, over a real libsql server in place of SQLite in memory: `support::World` asks which test
//! binary it is in. And what only a server can show.

#![allow(clippy::duplicate_mod, reason = "each of these tests brings its own support")]

#[path = "api.rs"]
mod api;
#[path = "journal.rs"]
mod journal;
#[path = "price_lists.rs"]
mod price_lists;
#[path = "similar.rs"]
mod similar;

mod support;

use service::{Database, Value};
use support::World;

/// A reproducible stream of bits.
fn bits(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state ^ (*state >> 29)
}

#[tokio::test]
async fn every_value_comes_back_from_the_server_to_the_bit() {
    let world = World::new().await;
    let mut state = 42;
    let mut values = vec![
        Value::Null,
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Real(1.0),
        Value::Real(-0.5),
        Value::Real(5e-324),
        Value::Text(String::new()),
        Value::Text("\"\\ é 🪨 \u{7f}\n".into()),
        Value::Blob(Vec::new()),
        Value::Blob((0..=255).collect()),
        Value::Blob(vec![0xff; 1_000_001]),
    ];
    let reals = std::iter::repeat_with(|| f64::from_bits(bits(&mut state)));
    values.extend(reals.filter(|real| real.is_finite()).take(500).map(Value::Real));
    for some in values.chunks(100) {
        let sql = format!("SELECT {}", vec!["?"; some.len()].join(","));
        let rows = world.query(&sql, some.to_vec()).await.unwrap();
        assert_eq!(rows, [some]);
    }
}

#[tokio::test]
async fn a_refusal_says_what_sqlite_says() {
    let world = World::new().await;
    for (sql, expected) in [
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        (
            "INSERT INTO secrets (name, value) VALUES ('client_key', x'00')",
            "UNIQUE constraint failed",
        ),
    ] {
        let error = world.query(sql, Vec::new()).await.unwrap_err();
        assert!(error.0.contains(expected), "{sql}: {error}");
    }
}
