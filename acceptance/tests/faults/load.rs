//! Generates load, and compares the responses with the journal.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use acceptance::{Answer, Connection, Loupe, rows};
use serde_json::Value as Json;

/// What a caller asks.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) kind: Kind,
    pub(crate) bytes: Vec<u8>,
}

/// What a question is about, and so what may become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Always has a price.
    Predict,
    /// Needs the data set.
    Similar,
    /// Is always wrong.
    Wrong,
}

/// Questions of every kind, each one different.
pub(crate) fn questions() -> Vec<Question> {
    let post = |kind, body: String| {
        let length = body.len();
        let head = "POST /v1/predict HTTP/1.1\r\nhost: loupe\r\ncontent-type: application/json";
        let bytes = format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes();
        Question { kind, bytes }
    };
    let cuts = ["Fair", "Good", "Very Good", "Premium", "Ideal"];
    let stone = |at: usize, cut: &str| {
        let carat = 0.3 + 0.07 * (at as f64);
        format!(r#"{{"carat":{carat:.2},"cut":"{cut}","color":"G","clarity":"VS1"}}"#)
    };
    (0..20)
        .map(|at| match at % 5 {
            3 => {
                let query = format!("carat=0.{}&cut=Ideal&color=E&clarity=VS2&n=3", 30 + at);
                let bytes = format!("GET /v1/similar?{query} HTTP/1.1\r\nhost: loupe\r\n\r\n");
                Question { kind: Kind::Similar, bytes: bytes.into_bytes() }
            }
            4 => post(Kind::Wrong, stone(at, "Splendid")),
            _ => post(Kind::Predict, stone(at, cuts[at % 5])),
        })
        .collect()
}

/// The price of every question that has one, from a server in good health.
pub(crate) type Prices = HashMap<Vec<u8>, Json>;

/// Asks every question once.
pub(crate) fn prices(loupe: &Loupe) -> Prices {
    let mut connection = loupe.connect();
    let predictions = questions().into_iter().filter(|question| question.kind == Kind::Predict);
    predictions
        .map(|question| {
            let price = connection.send(&question.bytes).json()["price"].clone();
            assert!(price.as_f64().unwrap() > 100.0);
            (question.bytes, price)
        })
        .collect()
}

/// A question and what came back.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) question: Question,
    pub(crate) answer: Answer,
}

impl Exchange {
    /// Whether the answer says that its record is on standard error.
    pub(crate) fn is_dead_letter(&self) -> bool {
        self.answer.header("x-loupe-journal") == Some("stderr")
    }
}

/// Callers at work.
pub(crate) struct Load {
    is_over: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    callers: Vec<JoinHandle<Vec<Exchange>>>,
}

impl Load {
    /// So many callers, each with a connection of its own, that ask one question after the other until they are
    /// stopped or the server goes away. They rest between two questions.
    pub(crate) fn start(loupe: &Loupe, callers: usize, rest: Duration) -> Load {
        let is_over = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicUsize::new(0));
        let callers = (0..callers)
            .map(|caller| {
                let (is_over, answered) = (Arc::clone(&is_over), Arc::clone(&answered));
                let connection = loupe.connect();
                std::thread::spawn(move || ask(connection, caller, rest, &is_over, &answered))
            })
            .collect();
        Load { is_over, answered, callers }
    }

    /// How many answers came so far.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// Waits for the callers; they end at once where the server is gone.
    pub(crate) fn stop(self) -> Vec<Exchange> {
        self.is_over.store(true, Ordering::Relaxed);
        let answered = self.callers.into_iter().map(|caller| caller.join().unwrap());
        answered.flatten().collect()
    }
}

fn ask(
    mut connection: Connection,
    caller: usize,
    rest: Duration,
    is_over: &AtomicBool,
    answered: &AtomicUsize,
) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    // Every caller begins elsewhere.
    for question in questions().iter().cycle().skip(3 * caller) {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let Ok(answer) = connection.try_send(&question.bytes) else { break };
        answered.fetch_add(1, Ordering::Relaxed);
        exchanges.push(Exchange { question: question.clone(), answer });
        std::thread::sleep(rest);
    }
    exchanges
}

/// Asks every question once, on a connection of its own.
pub(crate) fn ask_once(loupe: &Loupe) -> Vec<Exchange> {
    let mut connection = loupe.connect();
    questions()
        .into_iter()
        .map(|question| {
            let answer = connection.send(&question.bytes);
            Exchange { question, answer }
        })
        .collect()
}

/// Holds answers against what they must be: prices as in good health, errors where the question is wrong. Similar
/// stones cannot be had without a database.
pub(crate) fn check_answers(exchanges: &[Exchange], prices: &Prices, has_data_set: bool) {
    for Exchange { question, answer } in exchanges {
        let status = answer.status;
        match question.kind {
            Kind::Predict => {
                assert_eq!(status, 200, "{answer:?}");
                assert_eq!(answer.json()["price"], prices[&question.bytes]);
            }
            Kind::Similar => {
                assert!(status == 200 || (status == 503 && !has_data_set), "{answer:?}");
            }
            Kind::Wrong => assert_eq!(status, 422, "{answer:?}"),
        }
    }
}

/// Every answer has exactly one record with its status and its body: a row where the answer says nothing, a line of
/// standard error where it says so.
pub(crate) fn check_journal(exchanges: &[Exchange], mut journal: Journal, dead_letters: &[Json]) {
    let dead_letters = by_id(dead_letters);
    for exchange in exchanges {
        let id = exchange.answer.id();
        let body = std::str::from_utf8(&exchange.answer.body).unwrap();
        let answered = (u64::from(exchange.answer.status), body.to_owned());
        let (row, line) = (journal.remove(id), dead_letters.get(id));
        if exchange.is_dead_letter() {
            assert_eq!(line, Some(&answered), "{id} is not on standard error");
            assert_eq!(row, None, "{id} is doubled");
        } else {
            assert_eq!(row, Some(answered), "{id} is not in the journal");
        }
    }
}

/// Status and body of every record, by its id.
pub(crate) type Journal = HashMap<String, (u64, String)>;

/// What a query over the table `requests` reads for [`journal_of`].
pub(crate) const JOURNAL: &str = "SELECT id, status, response_body FROM requests";

/// Every row of the table. Its key is the id, so none is there twice.
pub(crate) fn journal(database: &Path) -> Journal {
    journal_of(rows(database, JOURNAL))
}

pub(crate) fn journal_of(rows: Vec<Vec<Json>>) -> Journal {
    rows.into_iter()
        .map(|row| {
            let text = |at: usize| row[at].as_str().unwrap_or_default().to_owned();
            (text(0), (row[1].as_u64().unwrap(), text(2)))
        })
        .collect()
}

/// The ids of what was answered.
pub(crate) fn ids(exchanges: &[Exchange]) -> Vec<&str> {
    exchanges.iter().map(|exchange| exchange.answer.id()).collect()
}

/// Every record on standard error; each of them once.
pub(crate) fn by_id(dead_letters: &[Json]) -> Journal {
    let mut found = HashMap::new();
    for dead_letter in dead_letters {
        assert_eq!(dead_letter["loupe_journal"], "stray");
        let record = &dead_letter["record"];
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        let said = (record["status"].as_u64().unwrap(), text(&record["response"]["kept"]["text"]));
        assert_eq!(found.insert(text(&record["id"]), said), None, "{} is doubled", record["id"]);
    }
    found
}

/// Asks until an answer is in the journal again.
pub(crate) fn wait_until_journaled(loupe: &Loupe) {
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    let mut connection = loupe.connect();
    while connection.send(&questions()[0].bytes).header("x-loupe-journal").is_some() {
        assert!(std::time::Instant::now() < deadline, "the journal does not go on by itself");
        std::thread::sleep(Duration::from_millis(100));
    }
}
