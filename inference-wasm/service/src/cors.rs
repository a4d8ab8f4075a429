//! Which pages of other origins may call the API: the fields by which a browser hears of it.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW,
    ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::request::Request;

/// What a page may send beside what every page may.
const ALLOWED: &str = "content-type, authorization, x-api-key, x-request-id, traceparent";

/// What a page may read of an answer beside what every page may.
const EXPOSED: &str = "x-request-id, x-loupe-journal, retry-after, traceparent";

/// How long a browser believes a preflight: two hours, the most that Chromium does.
const BELIEVED_SECONDS: &str = "7200";

/// Adds to an answer, a problem too, what lets a page of another origin read it. An origin that is not listed gets
/// nothing, and the browser keeps the answer from its page.
///
/// Cookies are not allowed along, and none are used: a page sends its key itself.
pub(crate) fn share(
    headers: &mut HeaderMap,
    status: StatusCode,
    request: &Request,
    origins: &[String],
) {
    let origin = match origins {
        [] => return,
        [all] if all == "*" => request.headers.get(ORIGIN).map(|_| "*"),
        listed => {
            // Caches must not hand one origin's answer to another.
            headers.append(VARY, HeaderValue::from_static("origin"));
            let sent = request.header(ORIGIN.as_str()).unwrap_or_default();
            listed.iter().find(|listed| listed.eq_ignore_ascii_case(sent)).map(String::as_str)
        }
    };
    let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(origin).ok()) else {
        return;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let is_preflight = request.method == Method::OPTIONS
        && status == StatusCode::NO_CONTENT
        && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if is_preflight {
        if let Some(methods) = headers.get(ALLOW).cloned() {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(BELIEVED_SECONDS));
    } else {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}
