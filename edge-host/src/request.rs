//! An incoming request made into what a guest expects: an absolute URI and Spin's own headers.

use std::net::SocketAddr;

use anyhow::{Context, Result, anyhow, ensure};
use http::header::{self, HeaderName, HeaderValue};
use http::uri::{Authority, Scheme};
use http::{Request, Uri};

use crate::route::Route;

const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");

/// Makes the URI absolute, takes `connection` away and sets the `spin-*` headers, in place of any that the client
/// sent.
///
/// # Errors
///
/// A request whose host is missing, malformed or contradicted by its URI.
pub(crate) fn prepare<B>(
    request: &mut Request<B>,
    route: &Route,
    client: SocketAddr,
) -> Result<()> {
    let uri = absolute(request)?;
    let path_info = route.path_info(uri.path());
    let set = [
        (FULL_URL, uri.to_string()),
        (PATH_INFO, path_info),
        (MATCHED_ROUTE, route.based()),
        (BASE_PATH, "/".to_owned()),
        (RAW_COMPONENT_ROUTE, route.raw().to_owned()),
        (COMPONENT_ROUTE, route.prefix().to_owned()),
        (CLIENT_ADDR, client.to_string()),
    ];
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.remove(header::CONNECTION);
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_maybe_shared(bytes::Bytes::from(value))?);
    }
    Ok(())
}

/// The request's URI with scheme and authority; the latter comes from the `host` header or the URI itself.
fn absolute<B>(request: &Request<B>) -> Result<Uri> {
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
    parts.path_and_query =
        parts.path_and_query.or_else(|| Some(http::uri::PathAndQuery::from_static("/")));
    Uri::from_parts(parts).map_err(|error| anyhow!("the URI makes no sense: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(route: &str, uri: &str, headers: &[(&str, &str)]) -> Result<Request<()>> {
        let mut builder = Request::builder().uri(uri);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let mut request = builder.body(()).unwrap();
        prepare(&mut request, &Route::parse(route).unwrap(), "127.0.0.1:8777".parse().unwrap())?;
        Ok(request)
    }

    #[test]
    fn the_headers_are_those_that_spin_sets() {
        let request = prepared(
            "/foo/...",
            "/foo/bar?key=1",
            &[("host", "example.com"), ("connection", "close")],
        )
        .unwrap();
        for (name, expected) in [
            ("spin-full-url", "http://example.com/foo/bar?key=1"),
            ("spin-path-info", "/bar"),
            ("spin-matched-route", "/foo/..."),
            ("spin-base-path", "/"),
            ("spin-raw-component-route", "/foo/..."),
            ("spin-component-route", "/foo"),
            ("spin-client-addr", "127.0.0.1:8777"),
        ] {
            assert_eq!(request.headers()[name], expected, "{name}");
        }
        assert!(!request.headers().contains_key("connection"));
        assert_eq!(request.uri(), "http://example.com/foo/bar?key=1");
    }

    #[test]
    fn a_client_cannot_set_spin_headers() {
        let headers =
            [("host", "a"), ("spin-client-addr", "9.9.9.9:1"), ("spin-client-addr", "8.8.8.8:1")];
        let request = prepared("/...", "/", &headers).unwrap();
        let all: Vec<_> = request.headers().get_all("spin-client-addr").iter().collect();
        assert_eq!(all, ["127.0.0.1:8777"]);
    }

    #[test]
    fn a_request_without_one_clear_host_is_refused() {
        assert!(prepared("/...", "/", &[]).is_err());
        assert!(prepared("/...", "/", &[("host", "a b")]).is_err());
        assert!(prepared("/...", "http://a/", &[("host", "b")]).is_err());
        assert!(prepared("/...", "http://a/", &[]).is_ok());
    }
}
