//! Prepares an incoming request for the guest: an absolute URI and the headers that Spin sets.

use std::net::SocketAddr;

use anyhow::{Context, Result, anyhow, ensure};
use http::header::{self, HeaderName, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri};

use crate::manifest::ROUTE;

const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");

/// The headers that tell the guest its route. The route is the same for all requests.
const ROUTE_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (HeaderName::from_static("spin-matched-route"), HeaderValue::from_static(ROUTE)),
    (HeaderName::from_static("spin-base-path"), HeaderValue::from_static("/")),
    (HeaderName::from_static("spin-raw-component-route"), HeaderValue::from_static(ROUTE)),
    (HeaderName::from_static("spin-component-route"), HeaderValue::from_static("")),
];

/// Makes the URI absolute, removes `connection` and sets the `spin-*` headers. Headers of these names from the client are
/// replaced. Refuses a request whose host is missing, malformed or different from its URI's.
pub(crate) fn prepare<B>(request: &mut Request<B>, client: SocketAddr) -> Result<()> {
    let uri = absolute_uri(request)?;
    let set = [
        (FULL_URL, uri.to_string()),
        (PATH_INFO, uri.path().to_owned()),
        (CLIENT_ADDR, client.to_string()),
    ];
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.remove(header::CONNECTION);
    for (name, value) in ROUTE_HEADERS {
        headers.insert(name, value);
    }
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_maybe_shared(bytes::Bytes::from(value))?);
    }
    Ok(())
}

/// The request's URI with a scheme and an authority, which is that of the `host` header or of the URI itself.
fn absolute_uri<B>(request: &Request<B>) -> Result<Uri> {
    let from_header = request
        .headers()
        .get(header::HOST)
        .map(|host| Authority::try_from(host.as_bytes()).context("the host header is not a host"))
        .transpose()?;
    let mut parts = request.uri().clone().into_parts();
    if let (Some(header), Some(uri)) = (&from_header, &parts.authority) {
        ensure!(header == uri, "the host header names {header}, the URI {uri}");
    }
    parts.authority = from_header.or(parts.authority);
    ensure!(parts.authority.is_some(), "the request names no host");
    parts.scheme = Some(Scheme::HTTP);
    parts.path_and_query = parts.path_and_query.or_else(|| Some(PathAndQuery::from_static("/")));
    Uri::from_parts(parts).map_err(|error| anyhow!("the URI is not valid: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(uri: &str, headers: &[(&str, &str)]) -> Result<Request<()>> {
        let head = Request::builder().uri(uri);
        let head = headers.iter().fold(head, |head, (name, value)| head.header(*name, *value));
        let mut request = head.body(()).unwrap();
        prepare(&mut request, "127.0.0.1:8777".parse().unwrap())?;
        Ok(request)
    }

    #[test]
    fn the_headers_are_those_that_spin_sets() {
        let headers = [("host", "example.com"), ("connection", "close")];
        let request = prepared("/foo/bar/?key=1", &headers).unwrap();
        for (name, expected) in [
            ("spin-full-url", "http://example.com/foo/bar/?key=1"),
            ("spin-path-info", "/foo/bar/"),
            ("spin-matched-route", "/..."),
            ("spin-base-path", "/"),
            ("spin-raw-component-route", "/..."),
            ("spin-component-route", ""),
            ("spin-client-addr", "127.0.0.1:8777"),
        ] {
            assert_eq!(request.headers()[name], expected, "{name}");
        }
        assert!(!request.headers().contains_key("connection"));
        assert_eq!(request.uri(), "http://example.com/foo/bar/?key=1");
    }

    #[test]
    fn a_client_cannot_set_spin_headers() {
        for name in ["spin-client-addr", "spin-matched-route"] {
            let request = prepared("/", &[("host", "a"), (name, "9"), (name, "8")]).unwrap();
            let values: Vec<_> = request.headers().get_all(name).iter().collect();
            assert_eq!(values.len(), 1, "{name}: {values:?}");
            assert!(!["8", "9"].contains(&values[0].to_str().unwrap()), "{name}: {values:?}");
        }
    }

    #[test]
    fn a_request_without_one_valid_host_is_refused() {
        assert!(prepared("/", &[]).is_err());
        assert!(prepared("/", &[("host", "a b")]).is_err());
        assert!(prepared("http://a/", &[("host", "b")]).is_err());
        assert!(prepared("http://a/", &[]).is_ok());
    }
}
