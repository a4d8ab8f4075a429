//! Sends thousands of malicious and malformed requests: each gets the right status and one row in the journal, and the data
//! set does not change.

use std::collections::{BTreeMap, BTreeSet};

use acceptance::{Loupe, Rng, rows};
use serde_json::{Value as Json, json};

mod attack;
mod bodies;
mod numbers;
mod targets;
mod framing;
mod client;

use attack::{Attack, Expected};
use client::{Answer, send_raw};

/// The seed of the random attacks.
const SEED: u64 = 4;

/// How many connections are open at once.
const CONNECTIONS: usize = 8;

fn attacks() -> Vec<Attack> {
    let mut rng = Rng::seeded(SEED);
    [bodies::all(&mut rng), numbers::all(), targets::all(), framing::all(&mut rng)].concat()
}

/// The number of rows of every table that the journal does not write.
fn counts(loupe: &Loupe) -> BTreeMap<String, Json> {
    let tables = rows(&loupe.database(), "SELECT name FROM sqlite_master WHERE type = 'table'");
    let tables = tables.iter().map(|row| row[0].as_str().expect("a name").to_owned());
    tables
        .filter(|table| !["requests", "request_totals"].contains(&table.as_str()))
        .map(|table| {
            let count = rows(&loupe.database(), &format!("SELECT count(*) FROM \"{table}\""));
            (table, count[0][0].clone())
        })
        .collect()
}

/// Checks a response. Returns its id if it comes from the service, or what is wrong with it.
fn check(expected: &Expected, answer: &Answer) -> Result<Option<String>, String> {
    let id = answer.field("x-request-id");
    let is_right = match expected {
        Expected::Status(status) => id.is_some() && answer.status == *status,
        Expected::OneOf(statuses) => id.is_some() && statuses.contains(&answer.status),
        Expected::Server(status) => id.is_none() && answer.status == *status,
    };
    if !is_right {
        return Err(format!("expected {expected:?}"));
    }
    let Some(id) = id else { return Ok(None) };
    if ["x-injected", "set-cookie", "x-loupe-journal"]
        .iter()
        .any(|name| answer.field(name).is_some())
    {
        return Err("an unexpected header field".into());
    }
    if answer.field("x-content-type-options") != Some("nosniff") {
        return Err("the header nosniff is missing".into());
    }
    // The response to HEAD has no body.
    if answer.status >= 400 && !answer.body.is_empty() {
        let problem: Json =
            serde_json::from_str(answer.body_text()).map_err(|error| error.to_string())?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        let is_whole = answer.field("content-type") == Some("application/problem+json")
            && problem["status"] == answer.status
            && problem["request_id"] == id
            && !detail.is_empty()
            && detail.len() < 2_000;
        if !is_whole {
            return Err("the problem is incomplete".into());
        }
        let errors = problem["errors"].as_array().ok_or("no errors")?;
        let names_a_field = answer.status == 422 || problem["type"] == "/docs#no-such-model";
        if names_a_field == errors.is_empty() {
            return Err("errors[] must list fields if and only if fields are wrong".into());
        }
    }
    Ok(Some(id.to_owned()))
}

fn describe(attack: &Attack, why: &str, answers: &[Answer]) -> String {
    let sent = String::from_utf8_lossy(&attack.bytes[..attack.bytes.len().min(300)]).into_owned();
    let answers: Vec<String> = answers
        .iter()
        .map(|answer| {
            format!(
                "{} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body[..answer.body.len().min(200)])
            )
        })
        .collect();
    format!("{}: {why}\n  sent {sent:?}\n  got {answers:?}", attack.kind)
}

/// Sends some of the attacks. Returns the ids of the service's responses, kind and status of the server's own responses, and
/// the failures.
fn send(
    address: &str,
    attacks: &[&Attack],
) -> (Vec<String>, Vec<(&'static str, u16)>, Vec<String>) {
    let (mut ids, mut refused, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for attack in attacks {
        let answers = send_raw(address, &attack.bytes, attack.expected.len());
        if answers.len() != attack.expected.len() {
            wrong.push(describe(attack, "not every request has a response", &answers));
        }
        for (expected, answer) in attack.expected.iter().zip(&answers) {
            match check(expected, answer) {
                Ok(Some(id)) => ids.push(id),
                Ok(None) => refused.push((attack.kind, answer.status)),
                Err(why) => {
                    ids.extend(answer.field("x-request-id").map(str::to_owned));
                    wrong.push(describe(attack, &why, &answers));
                }
            }
        }
    }
    (ids, refused, wrong)
}

#[test]
fn every_attack_gets_the_right_status_and_one_journal_row() {
    let attacks = attacks();
    let requests: usize = attacks.iter().map(|attack| attack.expected.len()).sum();
    assert!(requests >= 2_000, "{requests}");
    let loupe = Loupe::start_with(&["--variable", "request_timeout=2"]);
    let before = counts(&loupe);
    let shares: Vec<Vec<&Attack>> = (0..CONNECTIONS)
        .map(|share| attacks.iter().skip(share).step_by(CONNECTIONS).collect())
        .collect();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let senders: Vec<_> =
            shares.iter().map(|share| scope.spawn(|| send(loupe.address(), share))).collect();
        senders.into_iter().map(|sender| sender.join().expect("a sender")).collect()
    });

    let wrong: Vec<&String> = outcomes.iter().flat_map(|(_, _, wrong)| wrong).collect();
    assert!(
        wrong.is_empty(),
        "{} wrong, such as\n{}",
        wrong.len(),
        wrong.iter().take(20).map(|text| text.as_str()).collect::<Vec<_>>().join("\n")
    );

    let mut refused: BTreeMap<(&str, u16), usize> = BTreeMap::new();
    for (kind, status) in outcomes.iter().flat_map(|(_, refused, _)| refused) {
        *refused.entry((kind, *status)).or_default() += 1;
    }
    eprintln!("{requests} requests; refused by the server before the service: {refused:?}");

    let answered: Vec<&String> = outcomes.iter().flat_map(|(ids, _, _)| ids).collect();
    let ids: BTreeSet<&str> = answered.iter().map(|id| id.as_str()).collect();
    assert_eq!(ids.len(), answered.len(), "every answer has an id of its own");
    let journal = rows(&loupe.database(), "SELECT id FROM requests");
    let journal: BTreeSet<&str> =
        journal.iter().map(|row| row[0].as_str().expect("an id")).collect();
    assert_eq!(journal, ids, "every answer has its row, and there are no others");

    assert_eq!(rows(&loupe.database(), "PRAGMA integrity_check"), [[json!("ok")]]);
    assert_eq!(counts(&loupe), before);
    let mut connection = loupe.connect();
    assert_eq!(connection.get("/livez").status, 200);
    assert_eq!(connection.post("/v1/predict", attack::STONE).status, 200);
}
