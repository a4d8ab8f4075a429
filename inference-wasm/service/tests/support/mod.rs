//! The service in a world of a test's own: a real SQLite in memory, a clock that stands still and a small model.

#![allow(dead_code, reason = "every test file uses its own part of this")]

pub(crate) mod reply;
mod server;

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;

use bytes::Bytes;
use connection::{Connection, Parameters};
use futures::channel::oneshot;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use inference::domain::{DESCRIBED, Size};
use inference::form::{Basis, Linear, Node, Term, Trees};
use inference::interval::{Bounds, ByMeasures, Scale};
use inference::rare_grades::{COMBINATIONS, RareGrades};
use inference::{
    ConformalTable, Domain, Encoder, Form, Header, Link, MeasureImputer, Model, ModelId,
    PredictionInterval, PriceLists, blob,
};
use serde_json::Value as Json;
use server::Server;
use service::{
    App, Body, Database, DatabaseError, Host, Moment, RELEASED_MODEL, Request, Row, Settings, Value,
};

use reply::Reply;

pub(crate) const STONE: &str = r#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1"}"#;

/// When every request of a test arrives.
const RECEIVED: Moment = Moment { unix_time_us: 1_795_453_200_000_000, monotonic_us: 0 };

/// One instance of the service.
pub(crate) struct Service {
    app: App<World, World>,
    world: World,
}

impl Service {
    /// In a world of its own, without a model.
    pub(crate) async fn new() -> Service {
        let world = World::new().await;
        Service { app: world.app(Settings::default()), world }
    }

    /// In a world of its own, with [`model`] as the champion.
    pub(crate) async fn pricing(usd_per_carat: f64) -> Service {
        let service = Service::new().await;
        service.promote(&model(usd_per_carat)).await;
        service
    }

    /// Another instance in the same world.
    pub(crate) fn another(&self, settings: Settings) -> Service {
        Service { app: self.world.app(settings), world: self.world.clone() }
    }

    pub(crate) async fn handle(&self, request: Request) -> Reply {
        Reply(self.app.handle(request).await)
    }

    pub(crate) async fn get(&self, target: &str) -> Reply {
        self.handle(get(target)).await
    }

    pub(crate) async fn post(&self, target: &str, body: &str) -> Reply {
        self.handle(post(target, body)).await
    }
}

impl Deref for Service {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

/// When a statement fails.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Hiccup {
    Before,
    After,
}

/// The database, and a machine whose clock stands until it is moved and whose chance counts up.
#[derive(Clone)]
pub(crate) struct World(Rc<Parts>);

pub(crate) struct Parts {
    pub(crate) connection: Connection,
    /// Where statements go in place of the connection.
    server: Option<Server>,
    /// Every statement that contains the first text is refused with the second.
    refuses: Cell<Option<(&'static str, &'static str)>>,
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
    pub(crate) now_us: Cell<u64>,
    chance: Cell<u16>,
    pub(crate) released: RefCell<Option<Vec<u8>>>,
    /// What was written to standard error.
    pub(crate) lines: RefCell<Vec<String>>,
}

impl Deref for World {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl World {
    pub(crate) async fn new() -> World {
        // tests/server.rs is these tests once more.
        let server = (env!("CARGO_CRATE_NAME") == "server").then(Server::start);
        let connection = match &server {
            Some(server) => server.connect().await,
            None => in_memory().await,
        };
        World(Rc::new(Parts {
            connection,
            server,
            refuses: Cell::default(),
            hides: Cell::default(),
            pragmas: RefCell::default(),
            appends: Cell::default(),
            hiccups: Cell::new((0, Hiccup::Before)),
            reopened: Cell::default(),
            now_us: Cell::default(),
            chance: Cell::default(),
            released: RefCell::default(),
            lines: RefCell::default(),
        }))
    }

    fn app(&self, settings: Settings) -> App<World, World> {
        App::new(self.clone(), self.clone(), self.clone(), settings)
    }

    /// Whether the database is a server's, and not a file's.
    pub(crate) fn is_server(&self) -> bool {
        self.server.is_some()
    }

    /// From now on the database refuses every statement that contains this text.
    pub(crate) fn refuse(&self, text: &'static str) {
        self.refuse_with(text, "disk I/O error");
    }

    pub(crate) fn refuse_with(&self, text: &'static str, words: &'static str) {
        self.refuses.set(Some((text, words)));
    }

    pub(crate) fn refuse_nothing(&self) {
        self.refuses.set(None);
    }

    /// How many rows the statement changed.
    pub(crate) async fn execute(&self, sql: &str, values: impl Parameters) -> u64 {
        self.connection.execute(sql, values).await.unwrap()
    }

    /// All rows of a query, every value as JSON.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<Json>> {
        let to_json = |value| match value {
            Value::Null => Json::Null,
            Value::Integer(integer) => integer.into(),
            Value::Real(real) => real.into(),
            Value::Text(text) => text.into(),
            Value::Blob(bytes) => bytes.into(),
        };
        let rows = self.query(sql, Vec::new()).await.unwrap();
        rows.into_iter().map(|row| row.into_iter().map(to_json).collect()).collect()
    }

    /// How many rows the journal has.
    pub(crate) async fn recorded(&self) -> usize {
        self.rows("SELECT 1 FROM requests").await.len()
    }

    /// All that the journal has, as text.
    pub(crate) async fn journal(&self) -> String {
        format!("{:?}", self.rows("SELECT * FROM requests").await)
    }

    /// Puts a blob into the registry under its id and promotes it.
    pub(crate) async fn promote(&self, blob: &[u8]) -> String {
        let id = ModelId::of(blob).to_string();
        self.promote_as(&id, blob).await;
        id
    }

    /// Puts any bytes into the registry under any id and promotes them.
    pub(crate) async fn promote_as(&self, id: &str, blob: &[u8]) {
        let sql = "INSERT INTO models (id, family, created_at, params, metrics, blob, blob_sha256, blob_bytes, nodes, seconds)
            VALUES (?1, 'linear', '2026-11-23T17:00:00.000Z', '{}', '{\"holdout\":{\"mae\":761}}', ?2, 'ab', 99, 2, 0.1)";
        self.execute(sql, connection::params![id, blob]).await;
        let sql = "INSERT INTO promotions (model_id, promoted_at, reason) VALUES (?1, '2026-11-23T17:00:01.000Z', 'test')";
        self.execute(sql, [id]).await;
    }
}

impl Database for World {
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        if let Some((_, words)) = self.refuses.get().filter(|(text, _)| sql.contains(text)) {
            return Err(DatabaseError(words.into()));
        }
        if self.hides.get() && sql.starts_with("SELECT 1 FROM requests WHERE id") {
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
            None => query(&self.connection, sql, parameters).await?,
        };
        if fails { Err(DatabaseError("the answer is lost".into())) } else { Ok(all) }
    }

    fn reopen(&self) {
        self.reopened.set(self.reopened.get() + 1);
    }
}

impl Host for World {
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

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        let content = match path {
            RELEASED_MODEL => return self.released.borrow().clone(),
            "web/index.html" => "<!doctype html>",
            "web/assets/app.js" => "export {}",
            "web/assets/app.js.br" => "by brotli",
            "web/assets/app.js.gz" => "by gzip",
            _ => return None,
        };
        Some(content.into())
    }

    fn log_error(&self, line: &str) {
        self.lines.borrow_mut().push(line.to_owned());
    }
}

/// A model that prices every stone at `usd_per_carat * carat` and is off by up to 20 percent.
pub(crate) fn model(usd_per_carat: f64) -> Vec<u8> {
    let terms = vec![Term { basis: Basis::Value(0), weight: usd_per_carat, mean: 0.0 }];
    let form = Form::Linear(Linear::new(0.0, terms).unwrap());
    blob::encode(&Model { header: header("linear", Encoder::Impute(IMPUTER), None), form }).unwrap()
}

/// A model that knows the price lists A and B. In A every stone costs what it does without a list, in B 500 euros more.
/// Its price depends on every feature that x and y decide.
pub(crate) fn model_of_lists() -> Vec<u8> {
    let lists = PriceLists::of(["A", "B"].map(|name| name.parse().unwrap())).unwrap();
    let tests = [
        (0, 1.0, [2_000.0, 5_000.0]),
        (4, 62.0, [0.0, 90.0]),
        (6, 6.0, [0.0, 40.0]),
        (7, 99.0, [0.0, 7.0]),
        (8, 2.2, [3.0, 0.0]),
        (9, 0.5, [0.0, 500.0]),
    ];
    let (mut roots, mut nodes) = (Vec::new(), Vec::new());
    for (feature, threshold, [left, right]) in tests {
        let root = u32::try_from(nodes.len()).unwrap();
        let (missing_left, left_fraction) = (true, 1 << 15);
        roots.push(root);
        nodes.push(Node::Split {
            feature,
            missing_left,
            left_fraction,
            threshold,
            right: root + 2,
        });
        nodes.extend([Node::Leaf(left), Node::Leaf(right)]);
    }
    let mut header =
        header("trees", Encoder::Proportions(IMPUTER, lists), Some(by_measures(0.9, 1.125)));
    header.prices_in = Some("EUR 2024".parse().unwrap());
    let form = Form::Trees(Trees::new(0.0, 1.0, roots, nodes).unwrap());
    blob::encode(&Model { header, form }).unwrap()
}

const IMPUTER: MeasureImputer =
    MeasureImputer { depth_percent: [62.0; 5], table_percent: [57.0; 5], width_mm: [6.4; 5] };

fn by_measures(low: f32, high: f32) -> ByMeasures {
    let table = |low, high| ConformalTable::even(Scale::Factor, Bounds { low, high });
    ByMeasures { measured: table(low, high), unmeasured: table(low - 0.25, high + 0.25) }
}

fn header(family: &str, encoder: Encoder, in_list: Option<ByMeasures>) -> Header {
    let mut properties = [[0.0, 100.0]; DESCRIBED];
    properties[0] = [0.2, 5.01];
    Header {
        interval: Some(PredictionInterval {
            confidence: 0.9,
            without_list: by_measures(0.75, 1.25),
            in_list,
        }),
        domain: Some(Domain {
            properties,
            price_usd: [326.0, 18_823.0],
            rare_grades: RareGrades::of(&[10; COMBINATIONS], 10),
            size: Size { volume_mm3: [1e-9, 1e9], sides_mm: [[1e-9, 1e9]; 3] },
        }),
        ..Header::new(family, encoder, Link::Identity)
    }
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
    let media = media.map(|media| (CONTENT_TYPE, HeaderValue::from_static(media)));
    let headers = HeaderMap::from_iter(media);
    Request { method, path, query, headers, body: Body::whole(body), received: RECEIVED }
}

/// A request without a body.
pub(crate) fn call(method: Method, target: &str) -> Request {
    request(method, target, None, "")
}

pub(crate) fn get(target: &str) -> Request {
    call(Method::GET, target)
}

pub(crate) fn post(target: &str, body: &str) -> Request {
    request(Method::POST, target, Some("application/json"), body.to_owned())
}

/// The request with one more header field.
pub(crate) fn with(mut request: Request, name: &'static str, value: &str) -> Request {
    request.headers.append(HeaderName::from_static(name), value.parse().unwrap());
    request
}

/// A database in memory with the schema.
async fn in_memory() -> Connection {
    let connection = Connection::to_file(":memory:").await.unwrap();
    migrations::apply(&connection).await.unwrap();
    connection
}

async fn query(
    connection: &Connection,
    sql: &str,
    parameters: Vec<Value>,
) -> Result<Vec<Row>, DatabaseError> {
    let rows = connection.all(sql, parameters, |row| Ok(row.values().to_vec())).await;
    rows.map_err(|error| DatabaseError(error.to_string()))
}
