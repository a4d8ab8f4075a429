//! The npm package in Chromium, beside onnxruntime-web over the same trees, and the page at `/`.

mod report;

mod measured;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use self::measured::Measured;
use crate::programs::{answer, program, text, trainer};

/// Trains with XGBoost and converts to ONNX.
const CONVERT: &str = "bench/peers/onnx/convert.py";
/// Measures in Chromium.
const MEASURE: &str = "bench/browser/main.js";

/// By how much prices may differ, as a share: who computes something else has no place beside us.
const MOST_DIFFERENCE: f64 = 1e-3;

/// What was measured.
pub(crate) struct Browser(Measured);

impl Browser {
    /// Trains, converts, imports and measures.
    ///
    /// # Errors
    ///
    /// Where a program fails or the two price differently.
    pub(crate) fn take(table: &Path, kept: &Path, python: &Path) -> Result<Browser> {
        let folder = std::path::absolute(kept.join("browser"))?;
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        eprintln!("training the ensemble and converting it to ONNX");
        let status = Command::new(python).arg(CONVERT).arg(table).arg(&folder).status();
        let status = status.with_context(|| format!("{} cannot be started", python.display()))?;
        ensure!(status.success(), "{CONVERT} failed ({status}); see its message above");
        import(&folder)?;
        let measured: Measured = answer(Command::new("node").arg(MEASURE).arg(table).arg(&folder))?;
        ensure!(
            measured.difference <= MOST_DIFFERENCE,
            "prices of the same stones differ by {:e}: these are not the same trees",
            measured.difference
        );
        Ok(Browser(measured))
    }

    pub(crate) fn to_json(&self) -> Value {
        report::to_json(&self.0)
    }

    pub(crate) fn to_markdown(&self) -> Result<String> {
        report::to_markdown(&self.0)
    }
}

/// XGBoost's file as a blob, by way of a registry, as anybody would.
fn import(folder: &Path) -> Result<()> {
    let database = folder.join("registry.db");
    let mut import = program("trainer")?;
    import.arg("--db").arg(&database).args(["--json", "import"]).arg(folder.join("model.json"));
    let imported: Value = answer(&mut import)?;
    let id = imported["id"].as_str().context("the trainer names no model")?;
    let blob = folder.join("model.loupe");
    trainer(text(&database)?, &["export", id, "--output", text(&blob)?])
}
