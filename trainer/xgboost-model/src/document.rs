//! The document that JSON and UBJSON are read into, and a cursor on one of its parts that knows its path.

use std::borrow::Cow;

use crate::error::ImportError;
use crate::numbers::{Numbers, Numeral};

/// The deepest nesting that is accepted; that of XGBoost is 8.
pub(crate) const MAX_NESTING: usize = 32;

/// A part of a document. Texts and numbers are borrowed from the file.
#[derive(Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// One number, boolean or null.
    Number(Numeral<'a>),
    /// A text.
    Text(Cow<'a, str>),
    /// A list of numbers only, or an empty list.
    Numbers(Numbers<'a>),
    /// A list of texts, lists and objects.
    List(Vec<Value<'a>>),
    /// Named parts, in the order of the file.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl Value<'_> {
    /// Its kind, in words.
    fn kind(&self) -> &'static str {
        match self {
            Value::Number(Numeral::Null) => "null",
            Value::Number(Numeral::Flag(_)) => "a yes or no",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::Numbers(numbers) if numbers.is_empty() => "an empty list",
            Value::Numbers(_) => "a list of numbers",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// A part of a document and the path to it, such as `learner.gradient_booster.model.trees[3].left_children`.
#[derive(Debug)]
pub(crate) struct At<'d, 'a> {
    value: &'d Value<'a>,
    path: String,
}

impl<'d, 'a> At<'d, 'a> {
    /// The whole document.
    pub(crate) fn root(value: &'d Value<'a>) -> At<'d, 'a> {
        At { value, path: String::new() }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The part with a name, which must exist.
    pub(crate) fn field(&self, name: &str) -> Result<At<'d, 'a>, ImportError> {
        self.optional(name)?.ok_or_else(|| ImportError::Shape {
            path: self.path_to(name),
            found: "nothing",
            wanted: "a part of an XGBoost model",
        })
    }

    /// The part with a name, if it exists.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<At<'d, 'a>>, ImportError> {
        let Value::Object(fields) = self.value else { return Err(self.shape("an object")) };
        let found = fields.iter().find(|(found, _)| found == name);
        Ok(found.map(|(_, value)| At { value, path: self.path_to(name) }))
    }

    /// The parts of a list that does not consist of numbers.
    pub(crate) fn items(
        &self,
    ) -> Result<impl ExactSizeIterator<Item = At<'d, 'a>> + use<'d, 'a>, ImportError> {
        let items = match self.value {
            Value::List(items) => items.as_slice(),
            Value::Numbers(numbers) if numbers.is_empty() => &[],
            _ => return Err(self.shape("a list")),
        };
        let path = self.path.clone();
        let item = move |(at, value)| At { value, path: format!("{path}[{at}]") };
        Ok(items.iter().enumerate().map(item))
    }

    pub(crate) fn text(&self) -> Result<&'d str, ImportError> {
        match self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.shape("a text")),
        }
    }

    /// A count, which XGBoost writes as a text of digits.
    pub(crate) fn count(&self) -> Result<u64, ImportError> {
        let allowed = "a whole number from 0";
        match self.value {
            Value::Text(text) => {
                text.parse().map_err(|_| self.refuse(format!("{text:?}"), allowed))
            }
            Value::Number(numeral) => numeral
                .to_i64()
                .and_then(|count| u64::try_from(count).ok())
                .ok_or_else(|| self.refuse(numeral, allowed)),
            _ => Err(self.shape("a whole number")),
        }
    }

    /// Checks that a count, where there is one, is at most 1: of the outputs of a model.
    pub(crate) fn check_single(&self, name: &str) -> Result<(), ImportError> {
        let Some(at) = self.optional(name)? else { return Ok(()) };
        match at.count()? {
            0 | 1 => Ok(()),
            found => Err(ImportError::Outputs { path: at.path, found }),
        }
    }

    /// The list with a name, of as many numbers as promised.
    pub(crate) fn numbers<T>(
        &self,
        name: &str,
        promised: usize,
        read: impl Fn(&At<'d, 'a>) -> Result<Vec<T>, ImportError>,
    ) -> Result<Vec<T>, ImportError> {
        let at = self.field(name)?;
        let numbers = read(&at)?;
        if numbers.len() == promised {
            Ok(numbers)
        } else {
            Err(at.length(numbers.len(), promised))
        }
    }

    /// A list of whole numbers of 32 bits.
    pub(crate) fn integers(&self) -> Result<Vec<i32>, ImportError> {
        self.convert("a whole number of 32 bits", |numeral| {
            numeral.to_i64().and_then(|value| i32::try_from(value).ok())
        })
    }

    /// A list of numbers, finite or not.
    pub(crate) fn floats(&self) -> Result<Vec<f32>, ImportError> {
        self.convert("a number", Numeral::to_f32)
    }

    fn convert<T>(
        &self,
        allowed: &str,
        convert: impl Fn(Numeral<'a>) -> Option<T>,
    ) -> Result<Vec<T>, ImportError> {
        let Value::Numbers(numbers) = self.value else {
            return Err(self.shape("a list of numbers"));
        };
        numbers
            .read(convert)
            .map_err(|(at, found)| self.refuse_in(&format!("[{at}]"), found, allowed))
    }

    /// The error for a list of another length.
    pub(crate) fn length(&self, found: usize, promised: usize) -> ImportError {
        ImportError::Length { path: self.path.clone(), found, promised }
    }

    /// The error for a part of another kind.
    fn shape(&self, wanted: &'static str) -> ImportError {
        ImportError::Shape { path: self.path.clone(), found: self.value.kind(), wanted }
    }

    /// The error for a value that is not allowed.
    pub(crate) fn refuse(&self, found: impl ToString, allowed: &str) -> ImportError {
        self.refuse_in("", found, allowed)
    }

    /// The error for a value that is not allowed, at this path from here.
    pub(crate) fn refuse_in(&self, path: &str, found: impl ToString, allowed: &str) -> ImportError {
        let path = format!("{}{path}", self.path);
        ImportError::Value { path, found: found.to_string(), allowed: allowed.to_owned() }
    }

    fn path_to(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}
