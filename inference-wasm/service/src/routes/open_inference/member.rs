//! The members of a request: a list, a text, or one of the names that are known.

use ::inference::FieldError;
use api::field_errors::field_error;
use api::object::kind;
use serde_json::Value as Json;

pub(super) fn list<'a>(
    field: &str,
    value: Option<&'a Json>,
    allowed: &str,
) -> Result<&'a [Json], FieldError> {
    match value {
        None => Err(field_error(field, "", "is required", allowed)),
        Some(Json::Array(list)) => Ok(list),
        Some(other) => Err(field_error(field, kind(other), "must be a list", allowed)),
    }
}

/// A text that may be left out.
pub(super) fn text<'a>(
    field: &str,
    value: Option<&'a Json>,
) -> Result<Option<&'a str>, FieldError> {
    match value {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(other) => {
            Err(field_error(field, other.to_string(), "must be a text", "any text, or none"))
        }
    }
}

/// What a name stands for; `unknown` says what is wrong with one that `find` does not know.
pub(super) fn named<T>(
    field: &str,
    value: Option<&Json>,
    find: impl FnOnce(&str) -> Option<T>,
    unknown: &str,
    allowed: &str,
) -> Result<T, FieldError> {
    match value {
        None => Err(field_error(field, "", "is required", allowed)),
        Some(Json::String(name)) => {
            find(name).ok_or_else(|| field_error(field, name, unknown, allowed))
        }
        Some(other) => Err(field_error(field, other.to_string(), "must be a text", allowed)),
    }
}
