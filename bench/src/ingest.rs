//! How many rows a second `trainer ingest` takes in, and whether it takes more memory as rows grow.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::programs::program;
use crate::similar::Made;
use crate::sizes::grouped;
use crate::table::Table;
use crate::target::Target;

const SEED: u64 = 42;
/// What many rows are compared with.
const FEW_ROWS: u64 = 1_000_000;
const LEAST_ROWS_A_SECOND: f64 = 200_000.0;
/// Peak memory at many rows over that at few.
const MOST_TIMES: f64 = 1.5;
/// How often the trainer's peak memory is asked for: it is gone when the trainer is.
const PAUSE: Duration = Duration::from_millis(20);

/// What was measured.
pub(crate) struct Ingest {
    few: Taken,
    many: Taken,
}

struct Taken {
    rows: u64,
    file_bytes: u64,
    database_bytes: u64,
    seconds: f64,
    peak_bytes: u64,
}

impl Ingest {
    pub(crate) fn take(table: &Table, kept: &Path, rows: u64) -> Result<Ingest> {
        let kept = std::path::absolute(kept)?;
        Ok(Ingest {
            few: Taken::of(table, &kept, FEW_ROWS.min(rows))?,
            many: Taken::of(table, &kept, rows)?,
        })
    }

    fn times(&self) -> f64 {
        self.many.peak_bytes as f64 / self.few.peak_bytes as f64
    }

    pub(crate) fn to_markdown(&self) -> Result<String> {
        let mut text = String::from(
            "`trainer ingest` of a CSV of generated rows into a new database, by the clock\n\n\
             | rows | CSV MB | database MB | seconds | rows a second | peak MB |\n|---:|---:|---:|---:|---:|---:|\n",
        );
        for taken in [&self.few, &self.many] {
            writeln!(
                text,
                "| {} | {:.0} | {:.0} | {:.1} | {:.0} | {:.0} |",
                grouped(usize::try_from(taken.rows)?),
                taken.file_bytes as f64 / 1e6,
                taken.database_bytes as f64 / 1e6,
                taken.seconds,
                taken.rows_a_second(),
                taken.peak_bytes as f64 / 1e6,
            )?;
        }
        let speed = Target::AtLeast(LEAST_ROWS_A_SECOND).to_text(self.many.rows_a_second());
        let memory = Target::AtMost(MOST_TIMES).to_text(self.times());
        writeln!(text, "\n| many rows | figure | target |\n|---|---:|---|")?;
        writeln!(text, "| rows a second | {:.0} | {speed} |", self.many.rows_a_second())?;
        writeln!(text, "| peak memory over that of few | {:.2} | {memory} |", self.times())?;
        Ok(text)
    }

    pub(crate) fn to_json(&self) -> Value {
        let taken = [&self.few, &self.many].map(|taken| {
            json!({
                "rows": taken.rows,
                "file_bytes": taken.file_bytes,
                "database_bytes": taken.database_bytes,
                "seconds": taken.seconds,
                "rows_a_second": taken.rows_a_second(),
                "peak_bytes": taken.peak_bytes,
            })
        });
        let target = |name: &str, value: f64, target: Target| {
            json!({
                "name": name,
                "value": value,
                "target": target.bound(),
                "reached": target.is_reached(value),
            })
        };
        let speed = Target::AtLeast(LEAST_ROWS_A_SECOND);
        json!({
            "ingests": taken,
            "targets": [
                target("rows_a_second", self.many.rows_a_second(), speed),
                target("peak_memory_times", self.times(), Target::AtMost(MOST_TIMES)),
            ],
        })
    }
}

impl Taken {
    /// Makes a file and ingests it into a database of its own; both are gone afterwards.
    fn of(table: &Table, kept: &Path, rows: u64) -> Result<Taken> {
        let folder = kept.join("ingest");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let file = folder.join("rows.csv");
        eprintln!("making {rows} rows");
        write_rows(&file, table, rows)?;
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
        ensure!(report["added"] == rows, "{rows} rows were made and {} added", report["added"]);
        let taken = Taken {
            rows,
            file_bytes: file.metadata()?.len(),
            database_bytes: database.metadata()?.len(),
            seconds,
            peak_bytes,
        };
        fs::remove_dir_all(&folder)?;
        Ok(taken)
    }

    fn rows_a_second(&self) -> f64 {
        self.rows as f64 / self.seconds
    }
}

/// What a trainer reports, and the most memory it had.
fn watch(mut trainer: Child) -> Result<(Value, u64)> {
    let status = PathBuf::from(format!("/proc/{}/status", trainer.id()));
    let mut peak_bytes = 0;
    let exit = loop {
        peak_bytes = peak_bytes.max(fs::read_to_string(&status).map_or(0, |text| peak(&text)));
        match trainer.try_wait()? {
            Some(exit) => break exit,
            None => std::thread::sleep(PAUSE),
        }
    };
    ensure!(exit.success(), "trainer failed ({exit}); see its message above");
    let output = trainer.stdout.take().context("trainer has no output")?;
    Ok((serde_json::from_reader(output)?, peak_bytes))
}

/// The kernel's high-water mark of a process, in bytes; 0 where it says none.
fn peak(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.map_or(0, |kib| kib << 10)
}

/// Rows as like the public table's as the similar query's, no two alike: each has a size of its own.
fn write_rows(file: &Path, table: &Table, rows: u64) -> Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "carat,cut,color,clarity,depth,table,price,x,y,z")?;
    let mut state = SEED;
    for (stone, row) in table.stones.iter().cycle().zip(0..rows) {
        let Made { carat, measures: [depth, table, x, y, z], price_usd } =
            Made::like(stone, &mut state);
        let diamond = &stone.diamond;
        let (cut, color, clarity) =
            (diamond.cut.as_str(), diamond.color.as_str(), diamond.clarity.as_str());
        // Parts of a millionth of a millimetre, which no scale sees.
        let z = z + row as f64 * 1e-9;
        writeln!(
            out,
            "{carat},{cut},{color},{clarity},{depth},{table},{price_usd},{x},{y},{z:.9}"
        )?;
    }
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_from_what_the_kernel_says() {
        assert_eq!(peak("Name:\ttrainer\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), 2 << 20);
        assert_eq!(peak("Name:\ttrainer\n"), 0);
    }
}
