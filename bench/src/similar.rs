//! Measures whether the similar query stays as fast as the number of rows grows.

use std::path::Path;

use anyhow::Result;
use libsql::{Connection, params};
use serde_json::{Value, json};

use crate::client::Client;
use crate::database;
use crate::dataset::{Dataset, Stone};
use crate::programs::DataDir;
use crate::report::{Goal, Report, Table, Target};
use crate::request;
use crate::rounds::{self, Contender};
use crate::server::Server;
use crate::synthetic;
use crate::thread_clock::ThreadTime;

/// The service's own statement.
const SIMILAR: &str = include_str!("../../inference-wasm/service/src/store/similar.sql");
/// How many stones are requested.
const N: i64 = 5;
/// How many queries each database gets, and how many before that only warm up.
const QUERIES: usize = 4_000;
const WARM_UPS: usize = 1_000;
/// The goal for many rows over few.
const MOST_TIMES: Target = Target::AtMost(1.5);

pub(crate) fn measure(
    dataset: &Dataset,
    (data, champion): (&Path, &Path),
    cache: &Path,
    rows: u64,
) -> Result<Report> {
    let cache = std::path::absolute(cache)?;
    let few = DataDir::fresh(cache.join("stones"), data, champion)?;
    let data_dirs = [&few, &synthetic::data_dir(dataset, (data, champion), &cache, rows)?];
    // The stones of the data set are in a seeded random order.
    let stone = |round: usize| &dataset.stones[round];

    eprintln!("over HTTP, {QUERIES} queries each");
    let servers = [Server::edge_host(data_dirs[0], &[])?, Server::edge_host(data_dirs[1], &[])?];
    let contenders = servers.iter().map(|server| {
        let mut client = Client::connect(server.address())?;
        Ok(Contender::new("HTTP", move |round| {
            Ok(1e6 * client.send(&request::similar(stone(round)))?.as_secs_f64())
        }))
    });
    let http = rounds::run(contenders.collect::<Result<_>>()?, WARM_UPS, QUERIES)?;
    drop(servers);

    eprintln!("in the databases themselves");
    let runtime = database::runtime()?;
    let contenders = data_dirs.iter().map(|data_dir| {
        let connection = runtime.block_on(database::open(&data_dir.database()))?;
        let runtime = &runtime;
        Ok(Contender::new("query", move |round| {
            runtime.block_on(query_us(&connection, stone(round)))
        }))
    });
    let query = rounds::run(contenders.collect::<Result<_>>()?, WARM_UPS, QUERIES)?;

    let figures = data_dirs.iter().zip(http.iter().zip(&query)).map(|(data_dir, (http, query))| {
        let file = data_dir.database();
        Ok(json!({
            "rows": database::count(&file, "SELECT count(*) FROM diamonds")?,
            "file_bytes": file.metadata()?.len(),
            "http_p50_us": http.median(|us| *us),
            "http_p99_us": http.percentile(99, |us| *us),
            "query_p50_us": query.median(|us| *us),
            "query_p99_us": query.percentile(99, |us| *us),
        }))
    });
    let figures = figures.collect::<Result<Vec<Value>>>()?;
    std::fs::remove_dir_all(few.folder())?;
    let times = |key: &str| figures[1][key].as_f64().zip(figures[0][key].as_f64());
    let times = |key: &str| times(key).map_or(f64::NAN, |(many, few)| many / few);
    let goals = [
        Goal::new("over HTTP, p50", times("http_p50_us"), MOST_TIMES),
        Goal::new("the query by itself, p50", times("query_p50_us"), MOST_TIMES),
    ];
    let about = format!(
        "The {N} stones most similar to one, {QUERIES} real stones, each sent to both databases in turn: edge-host over HTTP with 1 \
         connection, by the clock, and the query by itself, in processor time"
    );
    let columns = [
        ("rows", "rows"),
        ("file_bytes", "file bytes"),
        ("http_p50_us", "HTTP p50 µs"),
        ("http_p99_us", "HTTP p99 µs"),
        ("query_p50_us", "query p50 µs"),
        ("query_p99_us", "query p99 µs"),
    ];
    Ok(Report::new(
        about,
        [
            Table::new("databases", &columns, figures),
            Table::of_goals("times as long with many rows as with few", goals),
        ],
    ))
}

/// Microseconds of this thread until every row has been read.
async fn query_us(connection: &Connection, stone: &Stone) -> Result<f64> {
    let diamond = &stone.diamond;
    let began = ThreadTime::now();
    let parameters = params![
        diamond.cut.as_str(),
        diamond.color.as_str(),
        diamond.clarity.as_str(),
        diamond.carat.carats(),
        N
    ];
    let mut rows = connection.query(SIMILAR, parameters).await?;
    while let Some(row) = rows.next().await? {
        std::hint::black_box(row.get_value(0)?);
    }
    Ok(1e6 * began.elapsed().as_secs_f64())
}
