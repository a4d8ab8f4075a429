//! A caller's text: read without a byte order mark, and repeated in messages.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};

/// A text without the UTF-8 byte order mark that some programs write first.
#[must_use]
pub fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Reads a value that is stored as its text; `expected` says what is allowed.
pub(crate) fn parsed<'de, T: FromStr, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<T, D::Error> {
    struct Parsed<T>(&'static str, PhantomData<T>);

    impl<T: FromStr> Visitor<'_> for Parsed<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(|_| E::custom(self.0))
        }
    }

    deserializer.deserialize_str(Parsed(expected, PhantomData))
}

/// Shortens a caller's text, so that it can be repeated in a message.
#[must_use]
pub fn shortened(mut text: String) -> String {
    const MAX_CHARS: usize = 200;
    if let Some((end, _)) = text.char_indices().nth(MAX_CHARS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The message about unknown fields, shortened; `None` without such fields.
#[must_use]
pub fn ignored(unknown_fields: &[String]) -> Option<String> {
    if unknown_fields.is_empty() {
        return None;
    }
    let fields = shortened(unknown_fields.join(", "));
    Some(format!("not fields of a diamond, and ignored: {fields}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shortened() {
        assert_eq!(shortened("é".repeat(300)).chars().count(), 201);
        assert_eq!(shortened("short".into()), "short");
    }
}
