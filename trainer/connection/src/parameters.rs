//! The values of a statement's marks.

use hrana::Value;

/// What can be the values of a statement's marks, in their order.
pub trait Parameters {
    /// The values.
    fn into_values(self) -> Vec<Value>;
}

impl Parameters for () {
    fn into_values(self) -> Vec<Value> {
        Vec::new()
    }
}

impl Parameters for Vec<Value> {
    fn into_values(self) -> Vec<Value> {
        self
    }
}

impl<T: Into<Value>, const N: usize> Parameters for [T; N] {
    fn into_values(self) -> Vec<Value> {
        self.into_iter().map(Into::into).collect()
    }
}

/// Values of different types as [`Parameters`].
#[macro_export]
macro_rules! params {
    ($($value:expr),+ $(,)?) => {
        [$($crate::Value::from($value)),+]
    };
}
