//! Counts instructions per row, which vary less than times: the benchmark runs itself under a counter, on some rows and on twice
//! as many, and divides the difference.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::contenders::{CONTENDERS, Spec};
use super::models::Models;

/// A program that counts instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counter {
    /// The processor's own counter, where the machine lets it be read.
    Perf,
    /// Valgrind's simulated processor.
    Callgrind,
}

impl Counter {
    /// The first that works here.
    pub(crate) fn find() -> Option<Counter> {
        [Counter::Perf, Counter::Callgrind]
            .into_iter()
            .find(|counter| counter.count(&["true".into()]).is_ok())
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Counter::Perf => "perf stat -e instructions:u",
            Counter::Callgrind => "valgrind --tool=callgrind",
        }
    }

    fn count(self, program: &[std::ffi::OsString]) -> Result<u64> {
        let mut command = match self {
            Counter::Perf => Command::new("perf"),
            Counter::Callgrind => Command::new("valgrind"),
        };
        command.args(match self {
            Counter::Perf => &["stat", "-x,", "-e", "instructions:u", "--"][..],
            Counter::Callgrind => &["--tool=callgrind", "--callgrind-out-file=/dev/null"][..],
        });
        let output = command.args(program).output().context("cannot be started")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {said}", self.name());
        let number = match self {
            Counter::Perf => said.lines().find_map(|line| line.split(',').next()?.parse().ok()),
            Counter::Callgrind => said.lines().find_map(|line| {
                let (_, number) = line.split_once("Collected : ")?;
                number.split_whitespace().next()?.parse().ok()
            }),
        };
        number.with_context(|| format!("{} counted nothing: {said}", self.name()))
    }

    /// The instructions that a contender needs for a row.
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^53")]
    pub(crate) fn per_row(self, spec: &Spec, models: &Models) -> Result<f64> {
        let program = env::current_exe()?;
        let count = |rows: usize| {
            let rows = rows.to_string();
            let arguments = ["count", "--contender", spec.name, "--rows", &rows, "--models"];
            let mut command = vec![program.clone().into_os_string()];
            command.extend(arguments.map(Into::into));
            command.push(models.folder().into());
            self.count(&command)
        };
        let rows = rows_of(spec);
        let (once, twice) = (count(rows)?, count(2 * rows)?);
        Ok((twice as f64 - once as f64) / rows as f64)
    }
}

fn rows_of(spec: &Spec) -> usize {
    spec.rows_per_call.max(500)
}

/// What is counted: loads the same rows however many are computed, and computes that many.
pub(crate) fn compute_rows(models: &Models, name: &str, count: usize) -> Result<()> {
    let spec = CONTENDERS.iter().find(|spec| spec.name == name);
    let spec = spec.with_context(|| format!("there is no contender {name}"))?;
    let rows = models.rows()?;
    let rows = rows.get(..2 * rows_of(spec)).context("there are too few rows")?;
    let mut contender = spec.open(models)?;
    let mut margins = vec![0.0; rows.len()];
    contender.load(rows)?;
    contender.compute(margins.get_mut(..count).context("more rows than are loaded")?)
}
