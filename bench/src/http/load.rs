//! Loads a server with wrk, whose connections each send the next request as soon as they have an answer.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// wrk's script; its last line of output is JSON, so that no prose has to be parsed.
pub(super) const SCRIPT: &str = include_str!("load.lua");

/// What wrk measured in one turn.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Load {
    pub(super) answers: u64,
    duration_us: f64,
    /// wrk corrects its percentiles for requests that could not be sent while a slow answer was awaited, so that a pause of the
    /// server weighs as much as it does for callers that send at a steady rate.
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    /// Answers with a status of 400 or more.
    pub(super) refusals: u64,
    /// Connections that failed, and answers that were never received.
    pub(super) failures: u64,
}

/// One turn of wrk.
pub(super) struct Turn {
    pub(super) address: String,
    pub(super) script: PathBuf,
    pub(super) requests: PathBuf,
    pub(super) connections: u16,
    pub(super) duration: Duration,
}

impl Turn {
    pub(super) fn take(&self) -> Result<Load> {
        let output = Command::new("wrk")
            // One thread can send more than these servers can answer, and leaves them the other processor.
            .args(["--threads", "1", "--timeout", "30s"])
            .args(["--connections", &self.connections.to_string()])
            .args(["--duration", &format!("{}s", self.duration.as_secs().max(1))])
            .arg("--script")
            .arg(&self.script)
            .arg(format!("http://{}", self.address))
            .arg("--")
            .arg(&self.requests)
            .stdin(Stdio::null())
            .output()
            .context("wrk cannot be started; install it, by its Debian name: wrk")?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "wrk failed: {printed}{said}");
        let last = printed.lines().next_back().unwrap_or_default();
        serde_json::from_str(last).with_context(|| format!("wrk printed {printed}"))
    }
}

impl Load {
    pub(super) fn per_second(&self) -> f64 {
        self.answers as f64 / (self.duration_us / 1e6)
    }
}
