//! Reads columns that SQLite has no type for.

use connection::{Error, Row};
use serde::de::{Deserialize, Deserializer};
use serde_json::Value;

/// A column that holds JSON; `null` where it does not.
pub(crate) fn document(row: &Row, column: usize) -> Result<Value, Error> {
    Ok(parse(row.get(column)?))
}

/// The same for a field of a [`Row::record`].
pub(crate) fn json<'de, D: Deserializer<'de>>(column: D) -> Result<Value, D::Error> {
    Option::deserialize(column).map(parse)
}

fn parse(text: Option<String>) -> Value {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// A column that holds the bits of an unsigned number, for a field of a [`Row::record`].
pub(crate) fn unsigned<'de, D: Deserializer<'de>>(column: D) -> Result<u64, D::Error> {
    i64::deserialize(column).map(i64::cast_unsigned)
}
