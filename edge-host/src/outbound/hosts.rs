//! Checks outbound URLs against `allowed_outbound_hosts`, whose entries are `scheme://host[:port]`.

use anyhow::{Result, bail, ensure};
use http::Uri;

/// The hosts that a component may send requests to. None by default.
#[derive(Debug, Default)]
pub(crate) struct OutboundHosts(Vec<AllowedHost>);

#[derive(Debug, PartialEq)]
struct AllowedHost {
    scheme: &'static str,
    /// In lower case.
    host: String,
    port: u16,
}

impl OutboundHosts {
    /// Parses the entries; `fill` fills their `{{ name }}` templates. A template that is filled with an empty value allows
    /// nothing, so an outbound host can be optional. Refused are the entries that Spin refuses, and other schemes than http
    /// and https, wildcards, ranges of ports, networks (`10.0.0.0/8`), `self` and `spin.internal`.
    pub(crate) fn parse(entries: &[String], fill: impl Fn(&str) -> Result<String>) -> Result<Self> {
        let mut allowed = Vec::new();
        for entry in entries {
            let filled = fill(entry)?;
            let is_empty = filled != *entry && ["", "http://", "https://"].contains(&&*filled);
            if !is_empty {
                allowed.push(AllowedHost::parse(&filled)?);
            }
        }
        Ok(Self(allowed))
    }

    /// Whether a request may be sent to this URL.
    pub(crate) fn allow(&self, url: &Uri) -> bool {
        AllowedHost::of(url).is_some_and(|host| self.0.contains(&host))
    }
}

impl AllowedHost {
    fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        if !["http", "https"].contains(&scheme) {
            let wanted = "write http://HOST:PORT or https://HOST:PORT";
            bail!("{text:?}: {wanted}; other schemes are not supported");
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        ensure!(!rest.contains('/'), "{text:?} has a path or is a network; write only a host");
        ensure!(!rest.contains('*'), "{text:?}: wildcards are not supported");
        // The port starts after the last colon outside the brackets of an IPv6 address.
        let port = rest.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.contains(']'));
        let is_number = port.is_none_or(|port| port.parse::<u16>().is_ok());
        ensure!(is_number, "{text:?}: the port is not a number");
        let host = text.parse().ok().as_ref().and_then(Self::of);
        let host = host.filter(|_| !rest.contains(['@', '?', '#']));
        let Some(host) = host else { bail!("{text:?}: the host is not valid") };
        if matches!(&*host.host, "self" | "self.alt") || host.host.ends_with(".spin.internal") {
            bail!("{text:?}: requests to the application's own components are not supported");
        }
        Ok(host)
    }

    fn of(url: &Uri) -> Option<Self> {
        let (scheme, default_port) = match url.scheme_str()? {
            "http" => ("http", 80),
            "https" => ("https", 443),
            _ => return None,
        };
        let host = url.host().filter(|host| !host.is_empty())?.to_ascii_lowercase();
        Some(Self { scheme, host, port: url.port_u16().unwrap_or(default_port) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(entries: &[&str]) -> Result<OutboundHosts> {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        OutboundHosts::parse(&entries, |entry| Ok(entry.replace("{{ empty }}", "")))
    }

    /// Checks which URLs, separated by spaces, an entry allows.
    fn check(entry: &str, allowed: &str, denied: &str) {
        let hosts = parse(&[entry]).unwrap();
        for (urls, expected) in [(allowed, true), (denied, false)] {
            for url in urls.split_whitespace() {
                assert_eq!(hosts.allow(&url.parse().unwrap()), expected, "{entry} and {url}");
            }
        }
    }

    #[test]
    fn a_host_is_allowed_by_scheme_name_and_port() {
        check(
            "https://Db.example",
            "https://db.example/v2/pipeline https://DB.example:443 https://user@db.example/",
            "http://db.example https://db.example:444 https://a.db.example https://example /v2",
        );
        let v4 = "http://127.0.0.1:8080/";
        check(v4, "http://127.0.0.1:8080/", "http://127.0.0.1 http://localhost:8080");
        check("http://[::1]:8080", "http://[::1]:8080", "http://[::1] http://[::2]:8080");
        check("http://[::1]", "http://[::1]:80/", "http://[::1]:8080");
    }

    #[test]
    fn an_empty_variable_allows_nothing() {
        for entry in ["{{ empty }}", "https://{{ empty }}"] {
            check(entry, "", "http://localhost https://localhost");
        }
        assert!(!OutboundHosts::default().allow(&"http://localhost".parse().unwrap()));
    }

    #[test]
    fn unsupported_entries_are_refused_by_name() {
        for (entry, message) in [
            ("", "write http://HOST:PORT"),
            ("*", "write http://HOST:PORT"),
            ("db.example", "write http://HOST:PORT"),
            ("libsql://db.example", "other schemes"),
            ("redis://db.example", "other schemes"),
            ("*://db.example", "other schemes"),
            ("http://db.example/path", "has a path"),
            ("http://10.0.0.0/8", "is a network"),
            ("http://db.example:http", "the port is not a number"),
            ("http://db.example:8000..8010", "the port is not a number"),
            ("http://db.example:*", "wildcards"),
            ("https://*.db.example", "wildcards"),
            ("http://*:80", "wildcards"),
            ("http://user@db.example", "the host is not valid"),
            ("http://db example", "the host is not valid"),
            ("http://", "the host is not valid"),
            ("http://self", "own components"),
            ("http://a.spin.internal", "own components"),
        ] {
            let error = parse(&[entry]).unwrap_err().to_string();
            assert!(error.contains(message), "{entry:?}: {error:?}");
        }
    }
}
