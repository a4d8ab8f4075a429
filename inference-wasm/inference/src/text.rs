//! A caller's own words, said back to it: by the service and in the browser alike.

use alloc::format;
use alloc::string::String;

/// A caller's own text, short enough to be sent back.
#[must_use]
pub fn shortened(mut text: String) -> String {
    const LONGEST: usize = 200;
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// What is said of fields that no diamond has: once, and no longer than people read; nothing where there are none.
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
    fn a_long_text_is_not_echoed_whole() {
        assert_eq!(shortened("é".repeat(300)).chars().count(), 201);
        assert_eq!(shortened("short".into()), "short");
    }
}
