//! Warnings as they are written: a code for programs, a sentence for people, and the fields it is about.

use std::borrow::Cow;

use inference::text::{ignored, shortened};
use serde::Serialize;

/// The code of the warning that fields were ignored.
pub const UNKNOWN_FIELDS: &str = "unknown_fields";

/// The code of the warning that a price has no explanation.
pub const NOT_EXPLAINED: &str = "not_explained";

/// How many ignored fields are named one by one.
const MAX_FIELDS: usize = 16;

/// A warning about a prediction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Stable: one of [`inference::Warning::code`], [`UNKNOWN_FIELDS`] or [`NOT_EXPLAINED`].
    pub code: &'static str,
    /// A sentence in English.
    pub message: String,
    /// The fields of the diamond that it is about.
    pub fields: Vec<Cow<'static, str>>,
}

impl From<&inference::Warning> for Warning {
    fn from(warning: &inference::Warning) -> Warning {
        Warning {
            code: warning.code(),
            message: warning.to_string(),
            fields: warning.fields().into_iter().map(Cow::Borrowed).collect(),
        }
    }
}

impl Warning {
    /// That these fields are not a diamond's and were ignored; `None` without any.
    #[must_use]
    pub fn unknown_fields(names: &[String]) -> Option<Warning> {
        Some(Warning::of_unknown(ignored(names)?, names.iter()))
    }

    /// The warning with this message about fields that are not a diamond's; of many, the first are listed.
    pub(crate) fn of_unknown<'a>(
        message: String,
        names: impl Iterator<Item = &'a String>,
    ) -> Warning {
        let names = names.take(MAX_FIELDS);
        let fields = names.map(|name| Cow::Owned(shortened(name.clone()))).collect();
        Warning { code: UNKNOWN_FIELDS, message, fields }
    }

    /// That the price is too large for its cents to add up.
    #[must_use]
    pub fn not_explained() -> Warning {
        Warning {
            code: NOT_EXPLAINED,
            message: "the price is too large to be explained to the cent".to_owned(),
            fields: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_written_with_code_message_and_fields() {
        let warning = Warning::from(&inference::Warning::Estimated { features: vec!["x", "y"] });
        assert_eq!(
            serde_json::to_string(&warning).unwrap(),
            r#"{"code":"measures_estimated","message":"not given, so estimated from the weight, the cut and the other measures: x, y","fields":["x","y"]}"#
        );
    }

    #[test]
    fn ignored_fields_are_named_up_to_a_limit() {
        assert_eq!(Warning::unknown_fields(&[]), None);
        let names: Vec<String> = (0..100).map(|at| format!("{}{at}", "é".repeat(300))).collect();
        let warning = Warning::unknown_fields(&names).unwrap();
        assert_eq!((warning.code, warning.fields.len()), (UNKNOWN_FIELDS, 16));
        assert!(warning.fields.iter().all(|field| field.chars().count() == 201));
    }
}
