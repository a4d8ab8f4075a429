//! The service on a table: a real SQLite in memory, fixed clocks and a small model.

#![allow(dead_code, reason = "every test file uses its own part of this")]

mod server;

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use futures::channel::oneshot;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use inference::blob::{Origin, Scores};
use inference::domain::Size;
use inference::form::{Basis, Linear, Term};
use inference::interval::{Bounds, Scale};
use inference::rare_grades::{COMBINATIONS, RareGrades};
use inference::{
    ConformalTable, Domain, Encoder, Form, Header, Link, MeasureImputer, Model, ModelId,
    PredictionInterval, blob,
};
use serde_json::Value as Json;
use server::Server;
use service::{App, Body, Database, DatabaseError, Host, Moment, Request, Row, Settings, Value};

pub(crate) struct Memory {
    pub(crate) connection: libsql::Connection,
    /// While set, every statement that contains this text is refused.
    pub(crate) refuses: RefCell<Option<&'static str>>,
    /// What is said then.
    pub(crate) words: Cell<&'static str>,
    /// While set, a look for a record finds none.
    pub(crate) hides: Cell<bool>,
    /// The settings that were made.
    pub(crate) pragmas: RefCell<Vec<String>>,
    /// How many statements of the journal were run.
    pub(crate) appends: Cell<usize>,
    /// The next so many statements of the journal fail, before or after they did their work.
    pub(crate) hiccups: Cell<(usize, Hiccup)>,
    /// How many connections were dropped.
    pub(crate) reopened: Cell<usize>,
    /// Where statements go in place of the connection.
    server: Option<Server>,
}

/// When a statement fails.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Hiccup {
    Before,
    After,
}

impl Memory {
    pub(crate) async fn new() -> Memory {
        // tests/server.rs is these tests once more.
        let server = (env!("CARGO_CRATE_NAME") == "server").then(Server::start);
        let connection = match &server {
            Some(server) => server.connect().await,
            None => {
                let database = libsql::Builder::new_local(":memory:").build().await.unwrap();
                database.connect().unwrap()
            }
        };
        migrations::apply(&connection).await.unwrap();
        Memory {
            connection,
            server,
            refuses: RefCell::new(None),
            words: Cell::new("disk I/O error"),
            hides: Cell::new(false),
            pragmas: RefCell::default(),
            appends: Cell::new(0),
            hiccups: Cell::new((0, Hiccup::Before)),
            reopened: Cell::new(0),
        }
    }

    /// Whether the database is a server's, and not a file's.
    pub(crate) fn is_server(&self) -> bool {
        self.server.is_some()
    }
}

impl Database for &Memory {
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        if self.refuses.borrow().is_some_and(|text| sql.contains(text)) {
            return Err(DatabaseError(self.words.get().into()));
        }
        if self.hides.get() && sql.starts_with("SELECT 1 FROM requests") {
            return Ok(Vec::new());
        }
        if sql.starts_with("PRAGMA") {
            self.pragmas.borrow_mut().push(sql.to_owned());
        }
        let is_append = sql.contains("INTO requests");
        let (left, hiccup) = self.hiccups.get();
        let fails = is_append && left > 0;
        if is_append {
            self.hiccups.set((left.saturating_sub(1), hiccup));
            if fails && hiccup == Hiccup::Before {
                return Err(DatabaseError("the connection is gone".into()));
            }
            self.appends.set(self.appends.get() + 1);
            // Long enough for other requests to queue up behind this one.
            tokio::task::yield_now().await;
        }
        let all = match &self.server {
            Some(server) => server.libsql.query(sql, parameters).await?,
            None => run(&self.connection, sql, parameters).await?,
        };
        if fails { Err(DatabaseError("the answer is lost".into())) } else { Ok(all) }
    }

    fn reopen(&self) {
        self.reopened.set(self.reopened.get() + 1);
    }
}

async fn run(
    connection: &libsql::Connection,
    sql: &str,
    parameters: Vec<Value>,
) -> Result<Vec<Row>, DatabaseError> {
    let refused = |error: libsql::Error| DatabaseError(error.to_string());
    let parameters: Vec<libsql::Value> = parameters.into_iter().map(to_libsql).collect();
    let mut rows = connection.query(sql, parameters).await.map_err(refused)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().await.map_err(refused)? {
        let value = |at| row.get_value(at).map(from_libsql).map_err(refused);
        all.push((0..row.column_count()).map(value).collect::<Result<Row, _>>()?);
    }
    Ok(all)
}

fn to_libsql(value: Value) -> libsql::Value {
    match value {
        Value::Null => libsql::Value::Null,
        Value::Integer(integer) => libsql::Value::Integer(integer),
        Value::Real(real) => libsql::Value::Real(real),
        Value::Text(text) => libsql::Value::Text(text),
        Value::Blob(bytes) => libsql::Value::Blob(bytes),
    }
}

fn from_libsql(value: libsql::Value) -> Value {
    match value {
        libsql::Value::Null => Value::Null,
        libsql::Value::Integer(integer) => Value::Integer(integer),
        libsql::Value::Real(real) => Value::Real(real),
        libsql::Value::Text(text) => Value::Text(text),
        libsql::Value::Blob(bytes) => Value::Blob(bytes),
    }
}

/// When every request of a test arrives.
pub(crate) const RECEIVED: Moment = Moment { unix_time_us: 1_795_453_200_000_000, monotonic_us: 0 };

/// A machine whose clock stands until it is moved and whose chance counts up.
#[derive(Default)]
pub(crate) struct TestHost {
    pub(crate) now_us: Cell<u64>,
    pub(crate) chance: Cell<u16>,
    pub(crate) released: RefCell<Option<Vec<u8>>>,
    pub(crate) lines: RefCell<Vec<String>>,
}

impl Host for &TestHost {
    type Notifier = oneshot::Sender<()>;

    fn notify(&self) -> (Self::Notifier, impl Future<Output = ()>) {
        let (notifier, wait) = oneshot::channel();
        (notifier, async { wait.await.unwrap_or_default() })
    }

    async fn yield_now(&self) {
        tokio::task::yield_now().await;
    }

    fn unix_time_us(&self) -> u64 {
        RECEIVED.unix_time_us + self.now_us.get()
    }

    fn monotonic_us(&self) -> u64 {
        self.now_us.get()
    }

    fn random(&self) -> [u8; 10] {
        self.chance.set(self.chance.get() + 1);
        let [high, low] = self.chance.get().to_be_bytes();
        [0, 0, 0, 0, 0, 0, 0, 0, high, low]
    }

    fn released_model(&self) -> Option<Vec<u8>> {
        self.released.borrow().clone()
    }

    fn page_file(&self, path: &str) -> Option<Vec<u8>> {
        match path {
            "index.html" => Some(b"<!doctype html>".to_vec()),
            "assets/app.js" => Some(b"export {}".to_vec()),
            "assets/app.js.br" => Some(b"by brotli".to_vec()),
            "assets/app.js.gz" => Some(b"by gzip".to_vec()),
            _ => None,
        }
    }

    fn log_error(&self, line: &str) {
        self.lines.borrow_mut().push(line.to_owned());
    }
}

pub(crate) type TestApp<'a> = App<&'a Memory, &'a TestHost>;

pub(crate) fn app<'a>(memory: &'a Memory, host: &'a TestHost) -> TestApp<'a> {
    App::new(memory, memory, host, Settings::default())
}

/// A model that prices every stone at `usd_per_carat * carat` and is off by up to 20 percent.
pub(crate) fn model(usd_per_carat: f64) -> Vec<u8> {
    let terms = vec![Term { basis: Basis::Value(0), weight: usd_per_carat, mean: 0.0 }];
    let imputer =
        MeasureImputer { depth_percent: [62.0; 5], table_percent: [57.0; 5], width_mm: [6.4; 5] };
    let wide = [0.0, 100.0];
    let header = Header {
        family: "linear".into(),
        features: Header::feature_names(),
        encoder: Encoder::Impute(imputer),
        link: Link::Identity,
        interval: Some(PredictionInterval {
            confidence: 0.9,
            measured: ConformalTable::even(Scale::Factor, Bounds { low: 0.75, high: 1.25 }),
            unmeasured: ConformalTable::even(Scale::Factor, Bounds { low: 0.5, high: 1.5 }),
        }),
        domain: Some(Domain {
            features: [[0.2, 5.01], wide, wide, wide, wide, wide, wide, wide, wide],
            price_usd: [326.0, 18_823.0],
            rare_grades: RareGrades::of(&[10; COMBINATIONS], 10),
            size: Size { volume_mm3: [1e-9, 1e9], sides_mm: [[1e-9, 1e9]; 3] },
        }),
        scores: Scores::default(),
        origin: Origin::default(),
    };
    blob::encode(&Model { header, form: Form::Linear(Linear::new(0.0, terms).unwrap()) }).unwrap()
}

/// Puts a blob into the registry under its id and promotes it.
pub(crate) async fn promote(memory: &Memory, blob: &[u8]) -> String {
    let id = ModelId::of(blob).to_string();
    promote_as(memory, &id, blob).await;
    id
}

/// Puts any bytes into the registry under any id and promotes them.
pub(crate) async fn promote_as(memory: &Memory, id: &str, blob: &[u8]) {
    memory
        .connection
        .execute(
            "INSERT INTO models (id, family, created_at, params, metrics, blob, blob_sha256, blob_bytes, nodes, seconds)
             VALUES (?1, 'linear', '2026-11-23T17:00:00.000Z', '{}', '{\"holdout\":{\"mae\":761}}', ?2, 'ab', 99, 2, 0.1)",
            libsql::params![id, blob.to_vec()],
        )
        .await
        .unwrap();
    memory
        .connection
        .execute(
            "INSERT INTO promotions (model_id, promoted_at, reason) VALUES (?1, '2026-11-23T17:00:01.000Z', 'test')",
            [id],
        )
        .await
        .unwrap();
}

pub(crate) fn request(
    method: Method,
    target: &str,
    media: Option<&'static str>,
    body: impl Into<Bytes>,
) -> Request {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (target.to_owned(), None),
    };
    let mut headers = HeaderMap::new();
    if let Some(media) = media {
        headers.insert("content-type", HeaderValue::from_static(media));
    }
    Request { method, path, query, headers, body: Body::whole(body), received: RECEIVED }
}

pub(crate) fn get(target: &str) -> Request {
    request(Method::GET, target, None, "")
}

pub(crate) fn post(target: &str, body: &str) -> Request {
    request(Method::POST, target, Some("application/json"), body.to_owned())
}

pub(crate) fn with(mut request: Request, name: &'static str, value: &'static str) -> Request {
    request.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    request
}

pub(crate) fn json(response: &Response<Bytes>) -> Json {
    serde_json::from_slice(response.body()).unwrap()
}

/// All rows of a query, every value as JSON.
pub(crate) async fn rows(memory: &Memory, sql: &str) -> Vec<Vec<Json>> {
    let rows = (&memory).query(sql, Vec::new()).await.unwrap();
    let to_json = |value| match value {
        Value::Null => Json::Null,
        Value::Integer(integer) => integer.into(),
        Value::Real(real) => real.into(),
        Value::Text(text) => text.into(),
        Value::Blob(bytes) => bytes.into(),
    };
    rows.into_iter().map(|row| row.into_iter().map(to_json).collect()).collect()
}

pub(crate) const STONE: &str = r#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1"}"#;
