//! Counts instructions per row, which vary less than times: the benchmark runs itself under a counter, on some rows and on twice
//! as many, and divides the difference.

use std::env;
use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::contenders::{CONTENDERS, Spec};
use super::models;

/// A program that counts instructions.
pub(crate) struct Counter {
    pub(crate) name: &'static str,
    command: &'static [&'static str],
    /// The number, if it is in this line of what the program says.
    number: fn(&str) -> Option<u64>,
}

/// The processor's own counter, where the machine lets it be read; else valgrind's simulated processor.
const COUNTERS: [Counter; 2] = [
    Counter {
        name: "perf stat -e instructions:u",
        command: &["perf", "stat", "-x,", "-e", "instructions:u", "--"],
        number: |line| line.split(',').next()?.parse().ok(),
    },
    Counter {
        name: "valgrind --tool=callgrind",
        command: &["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"],
        number: |line| line.split_once("Collected : ")?.1.split_whitespace().next()?.parse().ok(),
    },
];

impl Counter {
    /// The first that works here.
    pub(crate) fn find() -> Option<&'static Counter> {
        COUNTERS.iter().find(|counter| counter.count("true".as_ref(), &[]).is_ok())
    }

    fn count(&self, program: &OsStr, arguments: &[&str]) -> Result<u64> {
        let mut command = Command::new(self.command[0]);
        command.args(&self.command[1..]).arg(program).args(arguments);
        let output =
            command.output().with_context(|| format!("{} cannot be started", self.name))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {said}", self.name);
        let number = said.lines().find_map(self.number);
        number.with_context(|| format!("{} counted nothing: {said}", self.name))
    }

    /// The instructions that a contender needs for a row.
    pub(crate) fn per_row(&self, spec: &Spec) -> Result<f64> {
        let program = env::current_exe()?;
        let count =
            |rows: usize| self.count(program.as_os_str(), &["count", spec.name, &rows.to_string()]);
        let rows = rows_of(spec);
        let (once, twice) = (count(rows)?, count(2 * rows)?);
        Ok((twice as f64 - once as f64) / rows as f64)
    }
}

fn rows_of(spec: &Spec) -> usize {
    spec.rows_per_call.max(500)
}

/// What is counted: loads the same rows however many are computed, and computes that many.
pub(crate) fn compute_rows(name: &str, count: usize) -> Result<()> {
    let spec = CONTENDERS.iter().find(|spec| spec.name == name);
    let spec = spec.with_context(|| format!("there is no contender {name}"))?;
    let rows = models::rows()?;
    let rows = rows.get(..2 * rows_of(spec)).context("there are too few rows")?;
    let mut contender = spec.open()?;
    let mut margins = vec![0.0; rows.len()];
    contender.load(rows)?;
    contender.compute(margins.get_mut(..count).context("more rows than are loaded")?)
}
