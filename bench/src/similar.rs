//! Whether the similar query stays as quick as rows grow.

mod generated;

pub(crate) use self::generated::Made;

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use libsql::{Connection, params};
use serde_json::{Value, json};

use crate::client::Client;
use crate::clock::Moment;
use crate::database;
use crate::http;
use crate::programs::DataDir;
use crate::server::Server;
use crate::sizes::grouped;
use crate::table::{Stone, Table};
use crate::target::Target;

/// The service's own statement.
const SIMILAR: &str = include_str!("../../inference-wasm/service/src/store/similar.sql");
/// How many stones are asked for.
const N: i64 = 5;
/// How many questions each database is asked, and how many before that go untimed.
const QUESTIONS: usize = 4_000;
const WARMING: usize = 1_000;
const MOST_TIMES: f64 = 1.5;

/// What was measured.
pub(crate) struct Similar {
    few: Timed,
    many: Timed,
}

/// The times of one database, in microseconds, each question to both one after the other.
struct Timed {
    rows: u64,
    file_bytes: u64,
    /// Over HTTP, by the clock.
    http_us: Vec<f64>,
    /// The bare query, in time of this thread.
    query_us: Vec<f64>,
}

impl Similar {
    pub(crate) fn take(
        table: &Table,
        files: (&Path, &Path),
        kept: &Path,
        rows: u64,
    ) -> Result<Similar> {
        let kept = std::path::absolute(kept)?;
        let many = generated::data_dir(table, files, &kept, rows)?;
        let few = DataDir::fresh(kept.join("stones"), files.0, files.1)?;
        let mut timed = [Timed::of(&few)?, Timed::of(&many)?];
        eprintln!("asking over HTTP, {QUESTIONS} questions each");
        let servers = [Server::edge_host(&few, &[])?, Server::edge_host(&many, &[])?];
        let mut clients =
            [Client::connect(servers[0].address())?, Client::connect(servers[1].address())?];
        for (at, stone) in questions(table) {
            let request = http::similar(stone);
            for (client, timed) in clients.iter_mut().zip(&mut timed) {
                let took = client.ask(&request)?;
                if at >= WARMING {
                    timed.http_us.push(1e6 * took.as_secs_f64());
                }
            }
        }
        drop(servers);
        eprintln!("asking the databases themselves");
        database::run(async {
            let connections =
                [database::open(&few.database()).await?, database::open(&many.database()).await?];
            for (at, stone) in questions(table) {
                for (connection, timed) in connections.iter().zip(&mut timed) {
                    let took_us = ask(connection, stone).await?;
                    if at >= WARMING {
                        timed.query_us.push(took_us);
                    }
                }
            }
            Ok(())
        })?;
        std::fs::remove_dir_all(few.folder())?;
        let [few, many] = timed;
        Ok(Similar { few, many })
    }

    /// The ratio of the medians over HTTP, then of the bare query.
    fn times(&self) -> [f64; 2] {
        let ratio = |one: &[f64], other: &[f64]| percentile(one, 50) / percentile(other, 50);
        [
            ratio(&self.many.http_us, &self.few.http_us),
            ratio(&self.many.query_us, &self.few.query_us),
        ]
    }

    pub(crate) fn to_markdown(&self) -> Result<String> {
        let mut text = format!(
            "The {N} stones most like one, {QUESTIONS} stones of real kinds asked of both in turn; edge-host over HTTP at 1 \
             connection, by the clock, and the query by itself, in processor time\n\n\
             | rows | file MB | HTTP p50 µs | HTTP p99 µs | query p50 µs | query p99 µs |\n|---:|---:|---:|---:|---:|---:|\n"
        );
        for timed in [&self.few, &self.many] {
            writeln!(
                text,
                "| {} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} |",
                grouped(usize::try_from(timed.rows)?),
                timed.file_bytes as f64 / 1e6,
                percentile(&timed.http_us, 50),
                percentile(&timed.http_us, 99),
                percentile(&timed.query_us, 50),
                percentile(&timed.query_us, 99),
            )?;
        }
        let target = Target::AtMost(MOST_TIMES);
        writeln!(text, "\n| many rows / few, p50 | times | target |\n|---|---:|---|")?;
        for (name, times) in ["over HTTP", "the query by itself"].iter().zip(self.times()) {
            writeln!(text, "| {name} | {times:.2} | {} |", target.to_text(times))?;
        }
        Ok(text)
    }

    pub(crate) fn to_json(&self) -> Value {
        let timed = [&self.few, &self.many].map(|timed| {
            json!({
                "rows": timed.rows,
                "file_bytes": timed.file_bytes,
                "http_p50_us": percentile(&timed.http_us, 50),
                "http_p99_us": percentile(&timed.http_us, 99),
                "query_p50_us": percentile(&timed.query_us, 50),
                "query_p99_us": percentile(&timed.query_us, 99),
            })
        });
        let ratios = ["http", "query"].iter().zip(self.times()).map(|(name, times)| {
            json!({
                "name": name,
                "value": times,
                "target": MOST_TIMES,
                "reached": times <= MOST_TIMES,
            })
        });
        json!({ "databases": timed, "ratios": ratios.collect::<Vec<_>>() })
    }
}

impl Timed {
    fn of(data_dir: &DataDir) -> Result<Timed> {
        let file = data_dir.database();
        Ok(Timed {
            rows: database::count(&file, "SELECT count(*) FROM diamonds")?,
            file_bytes: file.metadata()?.len(),
            http_us: Vec::new(),
            query_us: Vec::new(),
        })
    }
}

/// The stones that are asked about: the table is in a seeded random order.
fn questions(table: &Table) -> impl Iterator<Item = (usize, &Stone)> {
    table.stones.iter().take(WARMING + QUESTIONS).enumerate()
}

/// Microseconds of this thread until every row is there.
async fn ask(connection: &Connection, stone: &Stone) -> Result<f64> {
    let diamond = &stone.diamond;
    let began = Moment::now();
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

/// The number below which so many in a hundred lie; NaN without any.
pub(crate) fn percentile(numbers: &[f64], hundredths: usize) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() * hundredths / 100).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_in_a_hundred_lie_below_a_percentile() {
        let numbers: Vec<f64> = (0..200).rev().map(f64::from).collect();
        for (hundredths, expected) in [(0, 0.0), (50, 100.0), (99, 198.0)] {
            assert!((percentile(&numbers, hundredths) - expected).abs() < 1e-12, "{hundredths}");
        }
        assert!(percentile(&[], 50).is_nan());
    }
}
