//! Load by wrk, a process of its own: every connection asks again as soon as it is answered.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// What wrk runs; its last line is JSON, so that nothing has to be read out of prose.
pub(super) const SCRIPT: &str = include_str!("load.lua");

/// What wrk found in a turn.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Load {
    pub(crate) answers: u64,
    duration_us: f64,
    /// As wrk tells percentiles: a request that a slow answer before it kept from being sent counts as one that waited, so
    /// that a pause of the server weighs as much as it would on callers who come at a steady pace.
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Answers with a status of 400 or more.
    pub(crate) refusals: u64,
    /// Connections that failed, and answers that did not come.
    pub(crate) failures: u64,
}

/// Who is asked what.
pub(super) struct Order<'a> {
    pub(super) address: &'a str,
    pub(super) script: &'a Path,
    pub(super) requests: &'a Path,
    pub(super) connections: u16,
    pub(super) duration: Duration,
}

impl Load {
    /// A turn.
    pub(super) fn take(order: &Order<'_>) -> Result<Load> {
        let output = Command::new("wrk")
            // One thread is enough to ask more than the servers here can answer, and leaves them the other processor.
            .args(["--threads", "1", "--timeout", "30s"])
            .args(["--connections", &order.connections.to_string()])
            .args(["--duration", &format!("{}s", order.duration.as_secs().max(1))])
            .arg("--script")
            .arg(order.script)
            .arg(format!("http://{}", order.address))
            .arg("--")
            .arg(order.requests)
            .stdin(Stdio::null())
            .output()
            .context("wrk cannot be started; install it, by its Debian name: wrk")?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "wrk failed: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let last = said.lines().next_back().unwrap_or_default();
        serde_json::from_str(last).with_context(|| format!("wrk said {said}"))
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.answers as f64 / (self.duration_us / 1e6)
    }
}
