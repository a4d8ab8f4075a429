//! Problems as they are written: the members of RFC 9457, and the errors of fields.

use inference::FieldError;
use serde::Serialize;

/// A problem.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the members that RFC 9457 names")]
pub struct ProblemBody {
    pub r#type: &'static str,
    pub title: &'static str,
    pub status: u16,
    pub detail: String,
    /// The id of the request's row in the journal.
    pub request_id: String,
    /// Every bad field.
    pub errors: Vec<ErrorItem>,
    /// The detail again, where the Open Inference Protocol looks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The error of one field.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorItem {
    field: String,
    message: String,
    value: String,
    allowed: String,
}

impl From<FieldError> for ErrorItem {
    fn from(error: FieldError) -> ErrorItem {
        let FieldError { field, value, message, allowed } = error;
        ErrorItem { field, message, value, allowed }
    }
}

/// The errors of one diamond of a batch.
#[derive(Debug, Serialize)]
pub struct RowError {
    detail: String,
    errors: Vec<ErrorItem>,
}

impl From<Vec<FieldError>> for RowError {
    fn from(errors: Vec<FieldError>) -> RowError {
        let detail = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        RowError { detail, errors: errors.into_iter().map(ErrorItem::from).collect() }
    }
}
