//! Generates load, and compares the responses with the journal.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use acceptance::{Answer, Connection, Loupe, head, post, wait_for};
use serde_json::Value as Json;

/// A request of the load.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) kind: Kind,
    pub(crate) bytes: Vec<u8>,
}

/// The kind of a request, which decides its possible responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Always has a price.
    Predict,
    /// Needs the data set.
    Similar,
    /// Is always wrong.
    Wrong,
}

/// Different requests of every kind.
pub(crate) fn questions() -> Vec<Question> {
    let cuts = ["Fair", "Good", "Very Good", "Premium", "Splendid"];
    let question = |at: usize| {
        let carat = 0.3 + 0.07 * (at as f64);
        let cut = cuts[at % 5];
        let stone = format!(r#"{{"carat":{carat:.2},"cut":"{cut}","color":"G","clarity":"VS1"}}"#);
        let query = format!("carat=0.{}&cut=Ideal&color=E&clarity=VS2&n=3", 30 + at);
        let (kind, bytes) = match at % 5 {
            3 => (Kind::Similar, head(&format!("GET /v1/similar?{query}"), "").into_bytes()),
            4 => (Kind::Wrong, post("/v1/predict", &stone)),
            _ => (Kind::Predict, post("/v1/predict", &stone)),
        };
        Question { kind, bytes }
    };
    (0..20).map(question).collect()
}

/// The price of every predict request, from a healthy server.
pub(crate) type Prices = HashMap<Vec<u8>, Json>;

/// Sends every predict request once.
pub(crate) fn prices(loupe: &Loupe) -> Prices {
    let mut connection = loupe.connect();
    let predictions = questions().into_iter().filter(|question| question.kind == Kind::Predict);
    let price = |question: Question| {
        let price = connection.send(&question.bytes).json()["price"].clone();
        assert!(price.as_f64().unwrap() > 100.0);
        (question.bytes, price)
    };
    predictions.map(price).collect()
}

/// A request and its response.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) question: Question,
    pub(crate) answer: Answer,
}

impl Exchange {
    /// Whether the response says that its record is on standard error.
    pub(crate) fn is_dead_letter(&self) -> bool {
        self.answer.header("x-loupe-journal") == Some("stderr")
    }
}

/// Concurrent callers.
pub(crate) struct Load {
    progress: Arc<Progress>,
    callers: Vec<JoinHandle<Vec<Exchange>>>,
}

#[derive(Default)]
struct Progress {
    is_over: AtomicBool,
    answered: AtomicUsize,
}

impl Load {
    /// Starts callers with a connection each. They send one request after the other, with a pause of `rest`, until they are
    /// stopped or the server is gone.
    pub(crate) fn start(loupe: &Loupe, callers: usize, rest: Duration) -> Load {
        let progress = Arc::<Progress>::default();
        let start = |caller| {
            let (progress, mut connection) = (Arc::clone(&progress), loupe.connect());
            // Every caller starts with a different request.
            let questions = questions().into_iter().cycle().skip(3 * caller);
            let ask = move |question: Question| {
                let is_over = progress.is_over.load(Relaxed);
                let answer = (!is_over).then(|| connection.try_send(&question.bytes).ok())??;
                progress.answered.fetch_add(1, Relaxed);
                std::thread::sleep(rest);
                Some(Exchange { question, answer })
            };
            std::thread::spawn(|| questions.map_while(ask).collect())
        };
        let callers = (0..callers).map(start).collect();
        Load { progress, callers }
    }

    /// The number of responses so far.
    pub(crate) fn answered(&self) -> usize {
        self.progress.answered.load(Relaxed)
    }

    /// Stops the callers and returns all exchanges.
    pub(crate) fn stop(self) -> Vec<Exchange> {
        self.progress.is_over.store(true, Relaxed);
        let answered = self.callers.into_iter().map(|caller| caller.join().unwrap());
        answered.flatten().collect()
    }
}

/// Sends every request once, over one new connection.
pub(crate) fn ask_once(loupe: &Loupe) -> Vec<Exchange> {
    let mut connection = loupe.connect();
    let ask = |question: Question| Exchange { answer: connection.send(&question.bytes), question };
    questions().into_iter().map(ask).collect()
}

/// Sends a request that always has a price.
pub(crate) fn predict(connection: &mut Connection) -> Answer {
    connection.send(&questions()[0].bytes)
}

/// The number of responses that say that their record is on standard error.
pub(crate) fn dead_letters(exchanges: &[Exchange]) -> usize {
    exchanges.iter().filter(|exchange| exchange.is_dead_letter()).count()
}

/// The median and the longest time of the responses.
pub(crate) fn times(exchanges: &[Exchange]) -> (Duration, Duration) {
    let mut took: Vec<Duration> = exchanges.iter().map(|exchange| exchange.answer.took).collect();
    took.sort_unstable();
    let (median, longest) = (took[took.len() / 2], took[took.len() - 1]);
    println!("{} answers: median {median:?}, longest {longest:?}", took.len());
    (median, longest)
}

/// Checks the responses: prices as from a healthy server, errors for wrong requests. Similar stones need the data set.
pub(crate) fn check_answers(exchanges: &[Exchange], prices: &Prices, has_data_set: bool) {
    for Exchange { question, answer } in exchanges {
        match (question.kind, answer.status) {
            (Kind::Predict, 200) => assert_eq!(answer.json()["price"], prices[&question.bytes]),
            (Kind::Similar, 200) | (Kind::Wrong, 422) => {}
            (Kind::Similar, 503) if !has_data_set => {}
            _ => panic!("{answer:?}"),
        }
    }
}

/// Checks the responses, and their records.
pub(crate) fn check(loupe: &Loupe, exchanges: &[Exchange], prices: &Prices, has_data_set: bool) {
    check_answers(exchanges, prices, has_data_set);
    check_journal(loupe, exchanges, journal(loupe));
}

/// Checks that every response has exactly one record with its status and body: a line of standard error if the response says
/// so, else a row.
pub(crate) fn check_journal(loupe: &Loupe, exchanges: &[Exchange], mut journal: Journal) {
    let dead_letters = exchanges.iter().filter(|exchange| exchange.is_dead_letter());
    let dead_letters = by_id(&loupe.dead_letters_of(&ids(dead_letters)));
    for exchange in exchanges {
        let id = exchange.answer.id();
        let answered = (u64::from(exchange.answer.status), exchange.answer.text().to_owned());
        let (row, line) = (journal.remove(id), dead_letters.get(id));
        if exchange.is_dead_letter() {
            assert_eq!(line, Some(&answered), "{id} is not on standard error");
            assert_eq!(row, None, "{id} is doubled");
        } else {
            assert_eq!(row, Some(answered), "{id} is not in the journal");
        }
    }
}

/// Status and body of every record by its id.
pub(crate) type Journal = HashMap<String, (u64, String)>;

/// The query for [`journal_of`].
pub(crate) const JOURNAL: &str = "SELECT id, status, response_body FROM requests";

/// Every row of the table. The id is its key, so no row is there twice.
pub(crate) fn journal(loupe: &Loupe) -> Journal {
    journal_of(loupe.rows(JOURNAL))
}

pub(crate) fn journal_of(rows: Vec<Vec<Json>>) -> Journal {
    let record = |row: Vec<Json>| {
        let text = |at: usize| row[at].as_str().unwrap_or_default().to_owned();
        (text(0), (row[1].as_u64().unwrap(), text(2)))
    };
    rows.into_iter().map(record).collect()
}

/// The ids of the responses.
pub(crate) fn ids<'a>(exchanges: impl IntoIterator<Item = &'a Exchange>) -> Vec<&'a str> {
    exchanges.into_iter().map(|exchange| exchange.answer.id()).collect()
}

/// The records on standard error by id; checks that each is there once.
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

/// Sends requests until one is in the journal again.
pub(crate) fn wait_until_journaled(loupe: &Loupe) {
    let mut connection = loupe.connect();
    wait_for("the journal goes on by itself", Duration::from_secs(10), || {
        predict(&mut connection).header("x-loupe-journal").is_none().then_some(())
    });
}
