//! Measures how many rows per second `trainer ingest` adds, and whether it needs more memory as the number of rows grows.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::dataset::Dataset;
use crate::programs::{DATA, cached, empty_folder, trainer};
use crate::report::{Goal, Report, Table};
use crate::server::status_bytes;
use crate::synthetic::write_rows;

/// What many rows are compared with.
const FEW_ROWS: u64 = 1_000_000;
const LEAST_ROWS_PER_SECOND: f64 = 200_000.0;
/// The goal for peak memory at many rows over that at few.
const MOST_TIMES: f64 = 1.5;
/// How often the trainer's peak memory is read, which is gone when the trainer ends.
const PAUSE: Duration = Duration::from_millis(20);

struct Ingested {
    rows: u64,
    file_bytes: u64,
    database_bytes: u64,
    seconds: f64,
    peak_bytes: u64,
}

impl Ingested {
    fn rows_per_second(&self) -> f64 {
        self.rows as f64 / self.seconds
    }
}

pub(crate) fn measure(rows: u64) -> Result<Report> {
    let dataset = Dataset::read(DATA)?;
    let (few, many) = (ingest(&dataset, FEW_ROWS.min(rows))?, ingest(&dataset, rows)?);
    let times = many.peak_bytes as f64 / few.peak_bytes as f64;
    let goals = [
        Goal::at_least("rows per second", many.rows_per_second(), LEAST_ROWS_PER_SECOND),
        Goal::at_most("peak memory, times that of few rows", times, MOST_TIMES),
    ];
    let ingests = Table::new(
        "ingests",
        [few, many],
        &[
            ("rows", "rows", &|run| run.rows.into()),
            ("file_bytes", "CSV bytes", &|run| run.file_bytes.into()),
            ("database_bytes", "database bytes", &|run| run.database_bytes.into()),
            ("seconds", "seconds", &|run| run.seconds.into()),
            ("rows_per_second", "rows per second", &|run| run.rows_per_second().into()),
            ("peak_bytes", "peak memory, bytes", &|run| run.peak_bytes.into()),
        ],
    );
    Ok(Report::new(
        "`trainer ingest` of a CSV of generated rows into a new database with its three indexes, by the clock",
        [ingests, Table::of_goals("with many rows", goals)],
    ))
}

/// Generates a file and ingests it into a new database; both are removed afterwards.
fn ingest(dataset: &Dataset, rows: u64) -> Result<Ingested> {
    let folder = cached("ingest");
    empty_folder(&folder)?;
    let (file, database) = (folder.join("rows.csv"), folder.join("rows.db"));
    write_rows(&file, dataset, rows)?;
    eprintln!("ingesting {rows} rows");
    let began = Instant::now();
    let mut ingest = trainer(&database)?;
    ingest.args(["--json", "ingest"]).arg(&file).stdin(Stdio::null()).stdout(Stdio::piped());
    let (report, peak_bytes) = watch(ingest.spawn().context("trainer cannot be started")?)?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(report["added"] == rows, "{rows} rows were generated and {} added", report["added"]);
    let (file_bytes, database_bytes) = (file.metadata()?.len(), database.metadata()?.len());
    fs::remove_dir_all(&folder)?;
    Ok(Ingested { rows, file_bytes, database_bytes, seconds, peak_bytes })
}

/// Waits for a trainer. Returns its JSON and its peak memory.
fn watch(mut trainer: Child) -> Result<(Value, u64)> {
    let status = PathBuf::from(format!("/proc/{}/status", trainer.id()));
    let mut peak_bytes = 0;
    let exit = loop {
        let now = fs::read_to_string(&status).unwrap_or_default();
        peak_bytes = peak_bytes.max(status_bytes(&now, "VmHWM:"));
        match trainer.try_wait()? {
            Some(exit) => break exit,
            None => std::thread::sleep(PAUSE),
        }
    };
    ensure!(exit.success(), "trainer failed ({exit}); see its message above");
    let output = trainer.stdout.take().context("trainer has no output")?;
    Ok((serde_json::from_reader(output)?, peak_bytes))
}
