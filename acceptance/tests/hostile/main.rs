//! Sends thousands of malicious and malformed requests: each gets the right status and one row in the journal, and the data
//! set does not change.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind::{ConnectionReset, UnexpectedEof};

use acceptance::{Answer, Loupe, concurrently};
use fastrand::Rng;
use serde_json::{Value as Json, json};

mod attack;
mod bodies;
mod numbers;
mod targets;
mod framing;

use attack::{Attack, Attacks, Expected};

/// The seed of the random attacks.
const SEED: u64 = 4;

/// How many connections are open at once.
const CONNECTIONS: usize = 8;

fn attacks() -> Vec<Attack> {
    let (mut rng, mut attacks) = (Rng::with_seed(SEED), Attacks::default());
    bodies::all(&mut attacks, &mut rng);
    numbers::all(&mut attacks);
    targets::all(&mut attacks);
    framing::all(&mut attacks, &mut rng);
    attacks.list
}

/// The number of rows of every table that the journal does not write.
fn counts(loupe: &Loupe) -> BTreeMap<String, Json> {
    let tables = loupe.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
    let tables = tables.iter().map(|row| row[0].as_str().expect("a name").to_owned());
    tables
        .filter(|table| !["requests", "request_totals"].contains(&table.as_str()))
        .map(|table| {
            let count = loupe.rows(&format!("SELECT count(*) FROM \"{table}\""));
            (table, count[0][0].clone())
        })
        .collect()
}

/// Checks a response. Returns its id if it comes from the service, or what is wrong with it.
fn check<'a>(expected: &Expected, answer: &'a Answer) -> Result<Option<&'a str>, String> {
    let id = answer.header("x-request-id");
    let is_right = match expected {
        Expected::Status(status) => id.is_some() && answer.status == *status,
        Expected::OneOf(statuses) => id.is_some() && statuses.contains(&answer.status),
        Expected::Server(status) => id.is_none() && answer.status == *status,
    };
    let ensure = |holds, why: &str| if holds { Ok(()) } else { Err(why.to_owned()) };
    ensure(is_right, &format!("expected {expected:?}"))?;
    let Some(id) = id else { return Ok(None) };
    let unexpected = ["x-injected", "set-cookie", "x-loupe-journal"];
    let has_none = unexpected.iter().all(|name| answer.header(name).is_none());
    ensure(has_none, "an unexpected header field")?;
    let is_nosniff = answer.header("x-content-type-options") == Some("nosniff");
    ensure(is_nosniff, "the header nosniff is missing")?;
    // The response to HEAD has no body.
    if answer.status >= 400 && !answer.body.is_empty() {
        let problem = serde_json::from_str::<Json>(answer.text());
        let problem = problem.map_err(|error| error.to_string())?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        let is_whole = answer.header("content-type") == Some("application/problem+json")
            && problem["status"] == answer.status
            && problem["request_id"] == id
            && !detail.is_empty()
            && detail.len() < 2_000;
        ensure(is_whole, "the problem is incomplete")?;
        let errors = problem["errors"].as_array().ok_or("no errors")?;
        let naming = ["/docs#no-such-model", "/docs#unsupported-content-encoding"];
        let names_a_field = answer.status == 422 || naming.iter().any(|it| problem["type"] == *it);
        let are_right = names_a_field != errors.is_empty();
        ensure(are_right, "errors[] must list fields if and only if fields are wrong")?;
    }
    Ok(Some(id))
}

fn describe(attack: &Attack, why: &str, answers: &[Answer]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(300).collect::<String>();
    let answers: Vec<_> = answers.iter().map(|one| (one.status, text(&one.body))).collect();
    format!("{}: {why}\n  sent {:?}\n  got {answers:?}", attack.kind, text(&attack.bytes))
}

/// Sends an attack over a new connection. Returns one response for each request, or fewer if the server closes it.
fn send(loupe: &Loupe, attack: &Attack) -> Vec<Answer> {
    let mut connection = loupe.connect();
    // A server may respond and close before it has read everything.
    let _ = connection.write(&attack.bytes);
    // If no response is expected, wait for one or for the end of the connection.
    let expected = attack.expected.len().max(1);
    let read = |_| match connection.read() {
        Ok(answer) => Some(answer),
        Err(error) if matches!(error.kind(), UnexpectedEof | ConnectionReset) => None,
        Err(error) => panic!("{error}: {}", describe(attack, "no response", &[])),
    };
    (0..expected).map_while(read).collect()
}

#[test]
fn every_attack_gets_the_right_status_and_one_journal_row() {
    let attacks = attacks();
    let requests: usize = attacks.iter().map(|attack| attack.expected.len()).sum();
    assert!(requests >= 2_000, "{requests}");
    let loupe = Loupe::start_with(&["--variable", "request_timeout=2"]);
    let before = counts(&loupe);
    let answers = concurrently(CONNECTIONS, |caller| {
        let share = attacks.iter().skip(caller).step_by(CONNECTIONS);
        share.map(|attack| (attack, send(&loupe, attack))).collect::<Vec<_>>()
    });
    let mut refused: BTreeMap<(&str, u16), usize> = BTreeMap::new();
    let (mut answered, mut failures) = (Vec::new(), Vec::new());
    for (attack, answers) in answers.iter().flatten() {
        if answers.len() != attack.expected.len() {
            failures.push(describe(attack, "not every request has a response", answers));
        }
        for (expected, answer) in attack.expected.iter().zip(answers) {
            match check(expected, answer) {
                Ok(Some(id)) => answered.push(id),
                Ok(None) => *refused.entry((attack.kind, answer.status)).or_default() += 1,
                Err(why) => failures.push(describe(attack, &why, answers)),
            }
        }
    }
    let some = failures[..failures.len().min(20)].join("\n");
    assert!(failures.is_empty(), "{} wrong, such as\n{some}", failures.len());
    eprintln!("{requests} requests; refused by the server before the service: {refused:?}");

    let ids: BTreeSet<&str> = answered.iter().copied().collect();
    assert_eq!(ids.len(), answered.len(), "every answer has an id of its own");
    let journal = loupe.rows("SELECT id FROM requests");
    let journal: BTreeSet<&str> = journal.iter().map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(journal, ids, "every answer has its row, and there are no others");

    assert_eq!(loupe.rows("PRAGMA integrity_check"), [[json!("ok")]]);
    assert_eq!(counts(&loupe), before);
    let mut connection = loupe.connect();
    assert_eq!(connection.get("/livez").status, 200);
    assert_eq!(connection.post("/v1/predict", attack::STONE).status, 200);
}
