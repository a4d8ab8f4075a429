//! What a caller sends and what it takes: content types and accept.

use http::HeaderName;
use http::header::{ACCEPT, CONTENT_ENCODING};

use crate::problem::Problem;
use crate::request::Request;

pub(crate) const JSON: &str = "application/json";
pub(crate) const CSV: &str = "text/csv";

/// The coding of a body that is sent as it is, the only one that is read.
pub(crate) const IDENTITY: &str = "identity";

/// The type of a request's body, which must be among those that the route reads. A body without a type is taken for
/// JSON; one with a wrong type is refused rather than guessed at, and so is one with a content coding.
pub(crate) fn content_type(
    request: &Request,
    readable: &'static [&'static str],
) -> Result<&'static str, Problem> {
    check_content_coding(request)?;
    let Some(value) = request.headers.get(http::header::CONTENT_TYPE) else {
        return Ok(JSON);
    };
    let found = String::from_utf8_lossy(value.as_bytes()).into_owned();
    let essence = found.split(';').next().unwrap_or_default().trim();
    let media = readable.iter().find(|media| essence.eq_ignore_ascii_case(media));
    media.copied().ok_or(Problem::UnsupportedMediaType { found, readable })
}

/// Checks that the body is not compressed: a body of at most 1 MiB gains little by that, and one that is decompressed
/// has no limit of its own.
fn check_content_coding(request: &Request) -> Result<(), Problem> {
    let found = list_of(request, &CONTENT_ENCODING);
    let mut codings = found.split(',').map(str::trim);
    if codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(IDENTITY)) {
        Ok(())
    } else {
        Err(Problem::UnsupportedContentCoding { found })
    }
}

/// The values of a header field that may be given several times, as one list.
fn list_of(request: &Request, name: &HeaderName) -> String {
    let values = request.headers.get_all(name).iter();
    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    values.join(", ")
}

/// Checks that the caller takes what the route makes. No accept field, or an empty one, takes all.
pub(crate) fn check_accept(request: &Request, offered: &'static str) -> Result<(), Problem> {
    let accept = list_of(request, &ACCEPT);
    if accept.trim().is_empty() || takes(&accept, offered) {
        Ok(())
    } else {
        Err(Problem::NotAcceptable { accept, offered })
    }
}

/// Whether the caller takes a body that is compressed in this way. Unless it says so, it does not.
pub(crate) fn takes_coding(request: &Request, offered: &str) -> bool {
    let fields = request.headers.get_all(http::header::ACCEPT_ENCODING).iter();
    let codings = fields.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let fits = codings.filter_map(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next()?;
        let is_named = name.eq_ignore_ascii_case(offered);
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let is_taken = weight.is_none_or(|weight| weight.parse().is_ok_and(|q: f64| q > 0.0));
        (is_named || name == "*").then_some((is_named, is_taken))
    });
    fits.max_by_key(|(is_named, _)| *is_named).is_some_and(|(_, is_taken)| is_taken)
}

/// Whether the caller has what it asks for already, by the `ETag` that came with it.
pub(crate) fn is_known(request: &Request, etag: &str) -> bool {
    let fields = request.headers.get_all(http::header::IF_NONE_MATCH).iter();
    fields.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag
    })
}

/// Whether media ranges, such as `text/*;q=0.5, application/json`, take a media type: the most specific range that
/// fits decides, and refuses by a weight of 0.
fn takes(accept: &str, offered: &str) -> bool {
    let weight = |range: &str| {
        let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
        let specificity = specificity(&parts.next()?, offered)?;
        let weight = parts.find_map(|part| part.strip_prefix("q=").map(|q| q.parse::<f64>()));
        Some((specificity, weight.is_none_or(|weight| weight.is_ok_and(|weight| weight > 0.0))))
    };
    accept
        .split(',')
        .filter_map(weight)
        .max_by_key(|(specificity, _)| *specificity)
        .is_some_and(|(_, taken)| taken)
}

/// How closely a media range names a media type, `None` where it does not.
fn specificity(range: &str, offered: &str) -> Option<u8> {
    let kind = offered.split('/').next().unwrap_or_default();
    match range {
        "*/*" => Some(0),
        range if range.strip_suffix("/*") == Some(kind) => Some(1),
        range => (range == offered).then_some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_range_decides() {
        let check = |range: &str, expected: bool| {
            assert_eq!(takes(range, "application/json"), expected, "{range}");
        };
        check("*/*", true);
        check("application/json", true);
        check(" Application/JSON ; q=0.1", true);
        check("application/*", true);
        check("application/json;q=0", false);
        check("application/json;Q=0, */*", false);
        check("*/*;q=0, application/json", true);
        check("text/html, application/*;q=0.2", true);
        check("text/html", false);
        check("", false);
    }

    #[test]
    fn an_etag_is_known_by_itself_in_a_list_and_by_a_star() {
        let check = |fields: &[&'static str], expected: bool| {
            let request = request("if-none-match", fields);
            assert_eq!(is_known(&request, "\"ab\""), expected, "{fields:?}");
        };
        check(&["\"ab\""], true);
        check(&["\"cd\", W/\"ab\""], true);
        check(&["\"cd\"", "\"ab\""], true);
        check(&["*"], true);
        check(&["ab"], false);
        check(&["\"cd\""], false);
        check(&[], false);
    }

    #[test]
    fn a_body_is_compressed_for_those_who_say_that_they_take_it() {
        for (fields, expected) in [
            (&[][..], false),
            (&["br"], true),
            (&["gzip, deflate, br, zstd"], true),
            (&["gzip", "BR;q=0.5"], true),
            (&["gzip"], false),
            (&["br;q=0, *"], false),
            (&["*"], true),
            (&["*;q=0, br"], true),
            (&["br; q=0.000"], false),
            (&["br;q=much"], false),
            (&[""], false),
        ] {
            let request = request("accept-encoding", fields);
            assert_eq!(takes_coding(&request, "br"), expected, "{fields:?}");
        }
    }

    #[test]
    fn a_body_is_read_only_as_it_is() {
        let check = |fields: &[&'static str], expected: bool| {
            let request = request("content-encoding", fields);
            assert_eq!(check_content_coding(&request).is_ok(), expected, "{fields:?}");
        };
        check(&[], true);
        check(&[""], true);
        check(&["Identity", "identity, identity"], true);
        check(&["gzip"], false);
        check(&["identity", "br"], false);
        check(&["identity, gzip"], false);
        check(&["x-unknown"], false);
    }

    /// A request with a field, once for each value.
    fn request(name: &'static str, values: &[&'static str]) -> Request {
        let mut headers = http::HeaderMap::new();
        for value in values {
            headers.append(name, http::HeaderValue::from_static(value));
        }
        Request { headers, ..Request::default() }
    }
}
