//! A row of a result, whose columns are read by their place or as the fields of a struct.

use std::sync::Arc;

use hrana::Value;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::record::Columns;

/// A row of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub(crate) names: Arc<[String]>,
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// The value of a column, from 0.
    ///
    /// # Errors
    ///
    /// [`Error::Column`] where there is no such column, or where it holds something else.
    pub fn get<T: FromValue>(&self, column: usize) -> Result<T, Error> {
        let value = self.value(column);
        let wrong = || Error::Column { column, found: value.kind(), expected: T::NAME };
        T::from_value(value).ok_or_else(wrong)
    }

    /// The text of a column.
    ///
    /// # Errors
    ///
    /// As of [`Self::get`].
    pub fn get_str(&self, column: usize) -> Result<&str, Error> {
        match self.value(column) {
            Value::Text(text) => Ok(text),
            other => Err(Error::Column { column, found: other.kind(), expected: "a text" }),
        }
    }

    /// What a column holds; NULL where there is no such column.
    pub fn value(&self, column: usize) -> &Value {
        self.values.get(column).unwrap_or(&Value::Null)
    }

    /// What all columns hold.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The row as a struct whose fields have the names of the columns. A server may send a whole number for a real one.
    ///
    /// # Errors
    ///
    /// [`Error::Record`]
    pub fn record<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(Columns(self))
    }
}

/// What a column can be read as.
pub trait FromValue: Sized {
    /// The type, in words.
    const NAME: &'static str;

    /// The value; `None` where it is of another type.
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($type:ty, $name:literal: $pattern:pat => $value:expr;)+) => {
        $(impl FromValue for $type {
            const NAME: &'static str = $name;

            fn from_value(value: &Value) -> Option<$type> {
                match value {
                    $pattern => $value,
                    _ => None,
                }
            }
        })+
    };
}

from_value! {
    i64, "an integer": Value::Integer(integer) => Some(*integer);
    u64, "an integer from 0": Value::Integer(integer) => u64::try_from(*integer).ok();
    u32, "an integer from 0": Value::Integer(integer) => u32::try_from(*integer).ok();
    String, "a text": Value::Text(text) => Some(text.clone());
    Vec<u8>, "a blob": Value::Blob(bytes) => Some(bytes.clone());
}

impl FromValue for f64 {
    const NAME: &'static str = "a number";

    #[expect(
        clippy::cast_precision_loss,
        reason = "REAL columns hold integers only where they are small"
    )]
    fn from_value(value: &Value) -> Option<f64> {
        match value {
            Value::Real(real) => Some(*real),
            Value::Integer(integer) => Some(*integer as f64),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const NAME: &'static str = T::NAME;

    fn from_value(value: &Value) -> Option<Option<T>> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}
