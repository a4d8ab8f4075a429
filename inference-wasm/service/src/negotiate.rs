//! What a caller sends and what it takes: content types and accept.

use crate::problem::Problem;
use crate::request::Request;

/// The type of a body that the service reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Csv,
}

impl Media {
    fn of(content_type: &str) -> Option<Media> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") {
            Some(Media::Json)
        } else if essence.eq_ignore_ascii_case("text/csv") {
            Some(Media::Csv)
        } else {
            None
        }
    }
}

/// The type of a request's body, which must be among those the route reads. A body without a type is taken for
/// JSON; one with a wrong type is refused rather than guessed at.
pub(crate) fn content_type(
    request: &Request,
    readable: &'static [Media],
    allowed: &'static str,
) -> Result<Media, Problem> {
    let Some(value) = request.headers.get(http::header::CONTENT_TYPE) else {
        return Ok(Media::Json);
    };
    let found = String::from_utf8_lossy(value.as_bytes()).into_owned();
    match Media::of(&found) {
        Some(media) if readable.contains(&media) => Ok(media),
        _ => Err(Problem::UnsupportedMediaType { found, allowed }),
    }
}

/// Checks that the caller takes what the route makes. No accept field, or one that cannot be read, takes all.
pub(crate) fn check_accept(request: &Request, offered: &'static str) -> Result<(), Problem> {
    let mut fields = request.headers.get_all(http::header::ACCEPT).iter().peekable();
    if fields.peek().is_none() {
        return Ok(());
    }
    let accept = fields
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect::<Vec<_>>()
        .join(", ");
    if accept.trim().is_empty() || accept.split(',').any(|range| takes(range, offered)) {
        Ok(())
    } else {
        Err(Problem::NotAcceptable { accept, offered })
    }
}

/// Whether a media range, such as `text/*;q=0.5`, takes a media type.
fn takes(range: &str, offered: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts.any(|parameter| {
        parameter
            .strip_prefix("q=")
            .is_some_and(|weight| weight.parse::<f64>().is_ok_and(|q| q <= 0.0))
    });
    let kind = offered.split('/').next().unwrap_or_default();
    !refused && (range == "*/*" || range == offered || range.strip_suffix("/*") == Some(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_range_takes_what_it_names() {
        let check = |range: &str, expected: bool| {
            assert_eq!(takes(range, "application/json"), expected, "{range}");
        };
        check("*/*", true);
        check("application/json", true);
        check(" Application/JSON ; q=0.1", true);
        check("application/*", true);
        check("application/json;q=0", false);
        check("text/html", false);
        check("", false);
    }
}
