//! General-purpose compressors, as programs.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// A compressor at its highest level.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Squeeze {
    Gzip,
    Xz,
}

impl Squeeze {
    /// How many bytes a file has when it is compressed.
    pub(crate) fn bytes(self, file: &Path) -> Result<usize> {
        let mut command = match self {
            Squeeze::Gzip => Command::new("gzip"),
            Squeeze::Xz => Command::new("xz"),
        };
        let output = command
            .args(["-9", "--stdout"])
            .stdin(File::open(file)?)
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("{self:?} cannot be started; install gzip and xz-utils"))?;
        ensure!(output.status.success(), "{self:?} failed on {}", file.display());
        Ok(output.stdout.len())
    }
}
