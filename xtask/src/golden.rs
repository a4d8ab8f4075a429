//! `cargo xtask golden`: makes the golden blobs of a new format, once.

use anyhow::Result;

use crate::cargo;
use crate::steps::Steps;

/// Runs the program that makes them; where they are there already, it says so and changes nothing.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    let mut golden = cargo::cargo("run");
    golden.args(["--release", "-p", "inference", "--example", "golden"]);
    steps.run("golden blobs", &mut golden, "see its message above")
}
