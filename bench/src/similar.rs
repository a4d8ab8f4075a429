//! Measures whether the similar query stays as fast as the number of rows grows.

use acceptance::Connection;
use anyhow::Result;
use connection::params;
use inference::Diamond;

use crate::dataset::{Dataset, Stone};
use crate::programs::{DATA, DataDir, cached};
use crate::report::{Goal, Report, Table};
use crate::rounds::{self, Contender, Series};
use crate::server::Server;
use crate::thread_clock::ThreadTime;
use crate::{database, request, synthetic};

/// The service's own statement.
const SIMILAR: &str = include_str!("../../inference-wasm/service/src/store/similar.sql");
/// How many stones are requested.
const N: i64 = 5;
/// How many queries each database gets, and how many before that only warm up.
const QUERIES: usize = 4_000;
const WARM_UPS: usize = 1_000;
/// The goal for many rows over few.
const MOST_TIMES: f64 = 1.5;

/// Microseconds of every query of one database.
struct Measured {
    rows: u64,
    file_bytes: u64,
    http: Series<f64>,
    query: Series<f64>,
}

pub(crate) fn measure(rows: u64) -> Result<Report> {
    let dataset = Dataset::read(DATA)?;
    let few = DataDir::fresh(cached("stones"), DATA)?;
    let data_dirs = [&few, &synthetic::data_dir(&dataset, rows)?];
    // The stones of the data set are in a seeded random order.
    let stone = |round: usize| &dataset.stones[round];

    eprintln!("over HTTP, {QUERIES} queries each");
    let servers = [Server::edge_host(data_dirs[0], &[])?, Server::edge_host(data_dirs[1], &[])?];
    let contenders = servers.iter().map(|server| {
        let mut connection = Connection::open(server.address());
        Contender::new("HTTP", move |round| {
            let took = request::similar(stone(round)).send(&mut connection)?;
            Ok(1e6 * took.as_secs_f64())
        })
    });
    let http = rounds::run(contenders.collect(), WARM_UPS, QUERIES)?;
    drop(servers);

    eprintln!("in the databases themselves");
    let runtime = &database::runtime()?;
    let contenders = data_dirs.iter().map(|data_dir| {
        let connection = runtime.block_on(database::open(&data_dir.database()))?;
        let turn = move |round| runtime.block_on(query_us(&connection, stone(round)));
        Ok(Contender::new("query", turn))
    });
    let query = rounds::run(contenders.collect::<Result<_>>()?, WARM_UPS, QUERIES)?;

    let measured = data_dirs.iter().zip(http.into_iter().zip(query));
    let measured = measured.map(|(data_dir, (http, query))| {
        let file = data_dir.database();
        let rows = database::count(&file, "SELECT count(*) FROM diamonds")?;
        Ok(Measured { rows, file_bytes: file.metadata()?.len(), http, query })
    });
    let measured = measured.collect::<Result<Vec<_>>>()?;
    let p50 = |series: &Series<f64>| series.median(|us| *us);
    let p99 = |series: &Series<f64>| series.percentile(99, |us| *us);
    let times = |of: fn(&Measured) -> &Series<f64>| p50(of(&measured[1])) / p50(of(&measured[0]));
    let goals = [
        Goal::at_most("over HTTP, p50", times(|of| &of.http), MOST_TIMES),
        Goal::at_most("the query by itself, p50", times(|of| &of.query), MOST_TIMES),
    ];
    let about = format!(
        "The {N} stones most similar to one, {QUERIES} real stones, each sent to both databases in turn: edge-host over HTTP with 1 \
         connection, by the clock, and the query by itself, in processor time"
    );
    let databases = Table::new(
        "databases",
        measured,
        &[
            ("rows", "rows", &|of| of.rows.into()),
            ("file_bytes", "file bytes", &|of| of.file_bytes.into()),
            ("http_p50_us", "HTTP p50 µs", &|of| p50(&of.http).into()),
            ("http_p99_us", "HTTP p99 µs", &|of| p99(&of.http).into()),
            ("query_p50_us", "query p50 µs", &|of| p50(&of.query).into()),
            ("query_p99_us", "query p99 µs", &|of| p99(&of.query).into()),
        ],
    );
    std::fs::remove_dir_all(few.0)?;
    let goals = Table::of_goals("times as long with many rows as with few", goals);
    Ok(Report::new(about, [databases, goals]))
}

/// Microseconds of this thread until every row has been read.
async fn query_us(connection: &connection::Connection, stone: &Stone) -> Result<f64> {
    let Diamond { carat, cut, color, clarity, .. } = &stone.diamond;
    let began = ThreadTime::now();
    let parameters = params![cut.as_str(), color.as_str(), clarity.as_str(), carat.carats(), N];
    let mut rows = connection.query(SIMILAR, parameters).await?;
    while let Some(row) = rows.next().await? {
        std::hint::black_box(row.value(0));
    }
    Ok(1e6 * began.elapsed().as_secs_f64())
}
