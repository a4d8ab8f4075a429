//! Errors of fields: collected over a whole request, so that all of them are reported at once.

use inference::FieldError;
use inference::text::shortened;

/// Why a body could not be turned into what it should hold.
#[derive(Debug, Clone, PartialEq)]
pub enum ParseError {
    /// The body is not what its content type says.
    NotParseable {
        /// What is wrong with it and what to send.
        detail: String,
    },
    /// The body is well-formed, but these fields are wrong: all of them.
    Invalid {
        /// One error a field.
        errors: Vec<FieldError>,
    },
}

impl From<Vec<FieldError>> for ParseError {
    fn from(errors: Vec<FieldError>) -> ParseError {
        ParseError::Invalid { errors: shorten(errors) }
    }
}

/// Collects the errors of the parts of a request.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Adds errors. Only the first error of a field is kept: a field that is given twice needs no second one.
    pub fn add(&mut self, errors: impl IntoIterator<Item = FieldError>) {
        for error in errors {
            if !self.0.iter().any(|known| known.field == error.field) {
                self.0.push(error);
            }
        }
    }

    /// The value of a part; its errors are added where it has none.
    pub fn take<T, E: IntoIterator<Item = FieldError>>(&mut self, part: Result<T, E>) -> Option<T> {
        part.map_err(|errors| self.add(errors)).ok()
    }

    /// The same for a part that has one error at most.
    pub fn take_one<T>(&mut self, part: Result<T, FieldError>) -> Option<T> {
        self.take(part.map_err(|error| [error]))
    }

    /// The value of all parts, which is there if none had an error.
    ///
    /// # Errors
    ///
    /// All errors, in the order in which they were added.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        value.filter(|_| self.0.is_empty()).ok_or(self.0)
    }

    /// Ends the collection.
    ///
    /// # Errors
    ///
    /// [`ParseError::Invalid`] if there are errors.
    pub fn check(self) -> Result<(), ParseError> {
        Ok(self.finish(Some(()))?)
    }
}

/// The error of one field.
pub fn field_error(
    field: impl Into<String>,
    value: impl Into<String>,
    message: &str,
    allowed: impl Into<String>,
) -> FieldError {
    FieldError {
        field: field.into(),
        value: value.into(),
        message: message.into(),
        allowed: allowed.into(),
    }
}

/// The errors, each with its value shortened to what people read.
#[must_use]
pub fn shorten(errors: Vec<FieldError>) -> Vec<FieldError> {
    let short = |error: FieldError| FieldError { value: shortened(error.value), ..error };
    errors.into_iter().map(short).collect()
}
