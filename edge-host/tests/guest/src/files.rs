//! Reads, lists and writes files, and reports the result.

use std::io;

use serde_json::{Value, json};

pub(crate) fn read(path: &str) -> Value {
    report(std::fs::read_to_string(path).map(Value::from))
}

/// The sorted names in a directory.
pub(crate) fn list(path: &str) -> Value {
    let names = std::fs::read_dir(path).and_then(|entries| {
        let mut names = entries
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort_unstable();
        Ok(Value::from(names))
    });
    report(names)
}

pub(crate) fn write(path: &str) -> Value {
    report(std::fs::write(path, "written by the guest").map(|()| Value::Null))
}

fn report(outcome: io::Result<Value>) -> Value {
    match outcome {
        Ok(value) => json!({ "value": value }),
        Err(error) => json!({ "error": format!("{:?}", error.kind()) }),
    }
}
