//! The security headers of every response, and `www-authenticate`.

use http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// The content security policy of what is no page: nothing at all may come of it.
pub(crate) const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// That of the page at `/` and its files: their own scripts, wasm, workers, styles, images, fonts and requests, and
/// nothing that stands in the page itself.
pub(crate) const OWN_FILES: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; \
     manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What every response says, whatever it is.
///
/// There is no `strict-transport-security`: TLS ends before this service, browsers pass over the field on plain HTTP,
/// and it binds a whole host for months. Whatever ends TLS says it.
const ALWAYS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    // For browsers that do not know frame-ancestors.
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // Pages of other origins read answers by CORS, which this does not touch; nothing is there to be embedded.
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Adds them, with the content security policy of this response.
pub(crate) fn protect(headers: &mut HeaderMap, status: StatusCode, policy: &'static str) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
}
