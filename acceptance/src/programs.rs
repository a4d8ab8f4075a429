//! Finds and runs the programs under test.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The path of a binary from the same build as this test.
pub(crate) fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    test.ancestors().nth(2).expect("tests lie in a folder below the binaries").join(name)
}

/// Runs the trainer from the root of the repository; what it prints.
pub fn run_trainer(arguments: &[&str]) -> String {
    let output = Command::new(binary("trainer"))
        .args(arguments)
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .expect("run `cargo xtask build` first: trainer does not start");
    assert!(output.status.success(), "trainer {arguments:?}: {}", output.status);
    String::from_utf8(output.stdout).expect("trainer prints UTF-8")
}

/// Runs the trainer over a database; its JSON result.
pub(crate) fn trainer(database: &str, arguments: &[&str]) -> Json {
    let printed = run_trainer(&[&["--db", database, "--json"], arguments].concat());
    serde_json::from_str(&printed).expect("trainer --json prints one JSON document")
}
