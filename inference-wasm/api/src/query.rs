//! Query strings: decodes parameters and reports those that are given twice or badly encoded.

use std::borrow::Cow;

use inference::text::shortened;
use inference::{Diamond, DiamondInput, FieldError};

use crate::diamond::FieldSet;
use crate::field_errors::field_error;
use crate::hex;

/// The parameters of a query string, decoded.
pub struct Query<'a>(Vec<Parameter<'a>>);

struct Parameter<'a> {
    name: Cow<'a, str>,
    /// As it was sent where it is badly encoded.
    value: Cow<'a, str>,
    is_valid: bool,
}

impl<'a> Query<'a> {
    /// Decodes a query string; any text is one. [`Query::errors`] reports what is wrong with it.
    #[must_use]
    pub fn parse(query: Option<&'a str>) -> Query<'a> {
        let parameter = |piece: &'a str| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let decoded = decode(value);
            Parameter {
                name: decode(name).unwrap_or(Cow::Borrowed(name)),
                is_valid: decoded.is_some(),
                value: decoded.unwrap_or(Cow::Borrowed(value)),
            }
        };
        let pieces = query.unwrap_or_default().split('&').filter(|piece| !piece.is_empty());
        Query(pieces.map(parameter).collect())
    }

    /// A parameter by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|parameter| parameter.name == name).map(|parameter| &*parameter.value)
    }

    /// The names of the parameters, as often as they are given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|parameter| &*parameter.name)
    }

    /// The errors of the parameters, whatever their values: one that the route does not know, one that is given twice, and one
    /// that is badly encoded.
    #[must_use]
    pub fn errors(&self, known: &[&str]) -> Vec<FieldError> {
        let error = |name: &&str| {
            let mut given = self.0.iter().filter(|parameter| parameter.name == **name);
            let (first, second) = (given.next()?, given.next());
            let (value, message, allowed) = match second {
                Some(_) => ("", "is given twice", "once"),
                None if first.is_valid => return None,
                None => (&*first.value, "is not percent-encoded UTF-8", "such as %C3%A9"),
            };
            Some(field_error(*name, value, message, allowed))
        };
        let mut errors: Vec<FieldError> = known.iter().filter_map(error).collect();
        // All at once, for there may be thousands.
        let unknown: Vec<&str> = self.names().filter(|name| !known.contains(name)).collect();
        if !unknown.is_empty() {
            let names = shortened(unknown.join(", "));
            let allowed = if known.is_empty() { "none".into() } else { known.join(", ") };
            errors.push(field_error(names, "", "is no parameter of this route", allowed));
        }
        errors
    }

    /// A parameter that is true or false; false if it is not given.
    ///
    /// # Errors
    ///
    /// The error of any other value.
    pub fn flag(&self, name: &str) -> Result<bool, FieldError> {
        match self.get(name) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1" | "") => Ok(true),
            Some(value) => Err(field_error(name, value, "must be true or false", "true, false")),
        }
    }

    /// A diamond from the parameters named like its fields.
    ///
    /// # Errors
    ///
    /// One error for every bad field.
    pub fn diamond(&self, fields: FieldSet) -> Result<Diamond, Vec<FieldError>> {
        let mut input = DiamondInput::default();
        for parameter in self.0.iter().filter(|parameter| fields.contains(&parameter.name)) {
            input.set_text(&parameter.name, &parameter.value);
        }
        input.parse()
    }
}

/// Decodes `+` and `%…`; `None` where a percent sign has no two digits behind it, or the bytes are not UTF-8.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['+', '%']) {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (pair, behind) = rest.split_first_chunk()?;
                rest = behind;
                hex::byte(pair)?
            }
            byte => *byte,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_string_is_a_diamond_too() {
        let query = Query::parse(Some("cut=Very+Good&color=E&&clarity=si%31&carat=1.01&n=3"));
        assert_eq!(query.diamond(FieldSet::All).unwrap().cut.as_str(), "Very Good");
        assert_eq!(query.get("n"), Some("3"));
        assert!(query.errors(&["n", "cut", "color", "clarity", "carat"]).is_empty());
        assert_eq!(query.errors(&["n", "cut", "color", "clarity"])[0].field, "carat");
        let errors = Query::parse(Some("carat=big")).diamond(FieldSet::FourCs).unwrap_err();
        assert_eq!(errors.len(), 4);
    }

    #[test]
    fn text_is_decoded_or_refused() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        };
        check("plain", Some("plain"));
        check("a+b%20c%2B", Some("a b c+"));
        check("%C3%A9%f0%9F%92%8e", Some("é💎"));
        check("%00", Some("\0"));
        for wrong in ["%", "%4", "%zz", "%+1", "100%", "%ff", "%c0%af", "%ed%a0%80"] {
            check(wrong, None);
        }
    }

    #[test]
    fn every_parameter_at_fault_is_named() {
        let query = Query::parse(Some("n=1&n=2&x=%ff&y=1&y=1&model=%zz&%6eote=%"));
        let expected = [
            field_error("n", "", "is given twice", "once"),
            field_error("model", "%zz", "is not percent-encoded UTF-8", "such as %C3%A9"),
            field_error("x, y, y, note", "", "is no parameter of this route", "n, model, explain"),
        ];
        assert_eq!(query.errors(&["n", "model", "explain"]), expected);
        assert_eq!(Query::parse(Some("%6e=1&n=2")).errors(&["n"]).len(), 1);
    }
}
