//! Repeats a caller's text in a message, for the service and the browser.

use alloc::format;
use alloc::string::String;

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
