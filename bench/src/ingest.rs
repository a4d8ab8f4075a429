//! Measures how many rows per second `trainer ingest` adds, and whether it needs more memory as the number of rows grows.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::dataset::Dataset;
use crate::programs::{empty_folder, program};
use crate::report::{Goal, Report, Table, Target};
use crate::server::status_bytes;
use crate::synthetic::SyntheticStone;

const SEED: u64 = 42;
/// What many rows are compared with.
const FEW_ROWS: u64 = 1_000_000;
const LEAST_ROWS_PER_SECOND: Target = Target::AtLeast(200_000.0);
/// The goal for peak memory at many rows over that at few.
const MOST_TIMES: Target = Target::AtMost(1.5);
/// How often the trainer's peak memory is read, which is gone when the trainer ends.
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) fn measure(dataset: &Dataset, cache: &Path, rows: u64) -> Result<Report> {
    let cache = std::path::absolute(cache)?;
    let runs = [ingest(dataset, &cache, FEW_ROWS.min(rows))?, ingest(dataset, &cache, rows)?];
    let figure = |run: usize, key: &str| runs[run][key].as_f64().unwrap_or(f64::NAN);
    let times = figure(1, "peak_bytes") / figure(0, "peak_bytes");
    let goals = [
        Goal::new("rows per second", figure(1, "rows_per_second"), LEAST_ROWS_PER_SECOND),
        Goal::new("peak memory, times that of few rows", times, MOST_TIMES),
    ];
    let columns = [
        ("rows", "rows"),
        ("file_bytes", "CSV bytes"),
        ("database_bytes", "database bytes"),
        ("seconds", "seconds"),
        ("rows_per_second", "rows per second"),
        ("peak_bytes", "peak memory, bytes"),
    ];
    Ok(Report::new(
        "`trainer ingest` of a CSV of generated rows into a new database with its three indexes, by the clock",
        [Table::new("ingests", &columns, runs), Table::of_goals("with many rows", goals)],
    ))
}

/// Generates a file and ingests it into a new database; both are removed afterwards.
fn ingest(dataset: &Dataset, cache: &Path, rows: u64) -> Result<Value> {
    let folder = cache.join("ingest");
    empty_folder(&folder)?;
    let file = folder.join("rows.csv");
    eprintln!("generating {rows} rows");
    write_rows(&file, dataset, rows)?;
    eprintln!("ingesting {rows} rows");
    let database = folder.join("rows.db");
    let began = Instant::now();
    let trainer = program("trainer")?
        .arg("--db")
        .arg(&database)
        .args(["--json", "ingest"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("trainer cannot be started")?;
    let (report, peak_bytes) = watch(trainer)?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(report["added"] == rows, "{rows} rows were generated and {} added", report["added"]);
    let figures = json!({
        "rows": rows,
        "file_bytes": file.metadata()?.len(),
        "database_bytes": database.metadata()?.len(),
        "seconds": seconds,
        "rows_per_second": rows as f64 / seconds,
        "peak_bytes": peak_bytes,
    });
    fs::remove_dir_all(&folder)?;
    Ok(figures)
}

/// Waits for a trainer. Returns its JSON and its peak memory.
fn watch(mut trainer: Child) -> Result<(Value, u64)> {
    let status = PathBuf::from(format!("/proc/{}/status", trainer.id()));
    let mut peak_bytes = 0;
    let exit = loop {
        peak_bytes = peak_bytes
            .max(fs::read_to_string(&status).map_or(0, |text| status_bytes(&text, "VmHWM:")));
        match trainer.try_wait()? {
            Some(exit) => break exit,
            None => std::thread::sleep(PAUSE),
        }
    };
    ensure!(exit.success(), "trainer failed ({exit}); see its message above");
    let output = trainer.stdout.take().context("trainer has no output")?;
    Ok((serde_json::from_reader(output)?, peak_bytes))
}

/// Generated rows, each with a size of its own, so that no two are equal.
fn write_rows(file: &Path, dataset: &Dataset, rows: u64) -> Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "carat,cut,color,clarity,depth,table,price,x,y,z")?;
    let mut state = SEED;
    for (stone, row) in dataset.stones.iter().cycle().zip(0..rows) {
        let SyntheticStone { carat, measures: [depth, table, x, y, z], price_usd } =
            SyntheticStone::like(stone, &mut state);
        let diamond = &stone.diamond;
        let (cut, color, clarity) =
            (diamond.cut.as_str(), diamond.color.as_str(), diamond.clarity.as_str());
        // Differences far below what any instrument measures.
        let z = z + row as f64 * 1e-9;
        writeln!(
            out,
            "{carat},{cut},{color},{clarity},{depth},{table},{price_usd},{x},{y},{z:.9}"
        )?;
    }
    out.flush()?;
    Ok(())
}
