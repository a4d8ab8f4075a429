//! `allowed_outbound_hosts`: `scheme://host[:port]` with wildcards, as Spin reads it.

use std::ops::Range;

use anyhow::{Result, bail, ensure};
use http::Uri;
use url::Host as Literal;

/// Where a component's requests may go. Nowhere by default.
#[derive(Debug, Default)]
pub(crate) struct OutboundHosts(Vec<AllowedHost>);

/// One entry.
#[derive(Debug, PartialEq)]
struct AllowedHost {
    scheme: Scheme,
    host: Host,
    port: Port,
}

#[derive(Debug, PartialEq)]
enum Scheme {
    Any,
    Only(&'static str),
}

#[derive(Debug, PartialEq)]
enum Host {
    Any,
    /// A domain's subdomains, with the dot in front.
    Below(String),
    Only(Literal),
}

#[derive(Debug, PartialEq)]
enum Port {
    Any,
    Only(u16),
    In(Range<u16>),
}

impl OutboundHosts {
    /// Parses the entries; `fill` replaces each `{{ name }}` by its value. An entry that is empty only because a
    /// variable is allows nothing, so that an endpoint may be optional.
    ///
    /// # Errors
    ///
    /// Entries that Spin refuses, and those that edge-host cannot honour: other schemes than http and https, networks
    /// (`10.0.0.0/8`), `self` and `spin.internal`.
    pub(crate) fn parse(
        entries: &[String],
        fill: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Self> {
        let mut allowed = Vec::new();
        for entry in entries {
            let filled = fill(entry).map_err(anyhow::Error::msg)?;
            let is_absent = filled != *entry && ["", "http://", "https://"].contains(&&*filled);
            if !is_absent {
                allowed.push(AllowedHost::parse(&filled)?);
            }
        }
        Ok(Self(allowed))
    }

    /// Whether a request may go to this URL.
    pub(crate) fn allow(&self, url: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (url.scheme_str(), url.host()) else { return false };
        let port = url.port_u16().or_else(|| default_port(scheme));
        let (Ok(host), Some(port)) = (Literal::parse(host), port) else { return false };
        self.0.iter().any(|allowed| {
            allowed.scheme.allows(scheme) && allowed.host.allows(&host) && allowed.port.allows(port)
        })
    }
}

impl AllowedHost {
    fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            bail!("{text:?} has no scheme; write scheme://host:port, such as https://db.example")
        };
        let parsed = match scheme {
            "*" => Scheme::Any,
            "http" => Scheme::Only("http"),
            "https" => Scheme::Only("https"),
            other => bail!("{text:?}: edge-host sends http and https only, not {other:?}"),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        ensure!(!rest.contains('/'), "{text:?} has a path or is a network; write a host alone");
        // The last colon outside of the brackets of an IPv6 address.
        let colon = rest.rfind(':').filter(|colon| !rest[*colon..].contains(']'));
        let (host, port) = colon.map_or((rest, ""), |colon| (&rest[..colon], &rest[colon + 1..]));
        let port = match (port, default_port(scheme)) {
            ("*", _) => Port::Any,
            ("", Some(port)) => Port::Only(port),
            ("", None) => bail!("{text:?} has no port, and {scheme:?} has none by default"),
            (port, _) => Port::parse(port).ok_or_else(|| {
                anyhow::anyhow!("{text:?}: the port is {port:?}; allowed: a number, a range such as 8000..8010, or *")
            })?,
        };
        Ok(Self { scheme: parsed, host: Host::parse(host, text)?, port })
    }
}

impl Scheme {
    fn allows(&self, scheme: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => *only == scheme,
        }
    }
}

impl Host {
    fn parse(host: &str, text: &str) -> Result<Self> {
        if host == "*" {
            return Ok(Self::Any);
        }
        let is_own = host == "self" || host == "self.alt" || host.ends_with(".spin.internal");
        ensure!(!is_own, "{text:?}: edge-host does not send requests to its own components");
        let (domain, is_wildcard) = match host.strip_prefix("*.") {
            Some(domain) => (domain, true),
            None => (host, false),
        };
        ensure!(
            !domain.contains('*'),
            "{text:?}: a wildcard stands for all in front of a dot, as in *.example.com"
        );
        match Literal::parse(domain) {
            Ok(Literal::Domain(domain)) if is_wildcard => Ok(Self::Below(format!(".{domain}"))),
            Ok(literal) if !is_wildcard => Ok(Self::Only(literal)),
            _ => bail!("{text:?}: {host:?} is no host"),
        }
    }

    fn allows(&self, host: &Literal) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Below(suffix), Literal::Domain(domain)) => domain.ends_with(suffix),
            (Self::Below(_), _) => false,
            (Self::Only(only), host) => only == host,
        }
    }
}

impl Port {
    fn parse(text: &str) -> Option<Self> {
        match text.split_once("..") {
            Some((first, end)) => Some(Self::In(first.parse().ok()?..end.parse().ok()?)),
            None => text.parse().ok().map(Self::Only),
        }
    }

    fn allows(&self, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => *only == port,
            Self::In(range) => range.contains(&port),
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(entries: &[&str]) -> Result<OutboundHosts> {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        OutboundHosts::parse(&entries, |entry| Ok(entry.replace("{{ empty }}", "")))
    }

    /// Which URLs an entry lets through and which it does not.
    fn check(entry: &str, allowed: &[&str], denied: &[&str]) {
        let hosts = parse(&[entry]).unwrap();
        for (urls, expected) in [(allowed, true), (denied, false)] {
            for url in urls {
                assert_eq!(hosts.allow(&url.parse().unwrap()), expected, "{entry} and {url}");
            }
        }
    }

    #[test]
    fn a_host_is_allowed_by_scheme_name_and_port() {
        check(
            "https://Db.example",
            &[
                "https://db.example/v2/pipeline",
                "https://DB.example:443",
                "https://user@db.example/",
            ],
            &[
                "http://db.example",
                "https://db.example:444",
                "https://a.db.example",
                "https://example",
                "/v2",
            ],
        );
        check(
            "http://127.0.0.1:8080/",
            &["http://127.0.0.1:8080/"],
            &["http://127.0.0.1", "http://localhost:8080"],
        );
        check("http://[::1]:8080", &["http://[::1]:8080"], &["http://[::1]", "http://[::2]:8080"]);
        check("http://[::1]", &["http://[::1]:80/"], &["http://[::1]:8080"]);
    }

    #[test]
    fn wildcards_stand_for_schemes_subdomains_hosts_and_ports() {
        check(
            "https://*.turso.io",
            &["https://a.turso.io", "https://a.b.turso.io"],
            &["https://turso.io", "https://aturso.io"],
        );
        check(
            "*://db.example:*",
            &["http://db.example:1", "https://db.example"],
            &["http://other.example:1"],
        );
        check(
            "http://*:8000..8002",
            &["http://a:8000", "http://1.2.3.4:8001"],
            &["http://a:8002", "http://a"],
        );
        check("*://*:*", &["http://a", "https://[::1]:9"], &["/relative"]);
    }

    #[test]
    fn an_empty_variable_allows_nothing() {
        for entry in ["{{ empty }}", "https://{{ empty }}"] {
            check(entry, &[], &["http://localhost", "https://localhost"]);
        }
        assert!(!OutboundHosts::default().allow(&"http://localhost".parse().unwrap()));
    }

    #[test]
    fn what_cannot_be_honoured_is_refused_by_name() {
        for (entry, message) in [
            ("", "has no scheme"),
            ("*", "has no scheme"),
            ("db.example", "has no scheme"),
            ("libsql://db.example", "not \"libsql\""),
            ("redis://db.example", "not \"redis\""),
            ("*://db.example", "has no port"),
            ("http://db.example/path", "has a path"),
            ("http://10.0.0.0/8", "is a network"),
            ("http://db.example:http", "the port is \"http\""),
            ("http://db.*.example", "a wildcard stands"),
            ("http://*.10.0.0.1", "is no host"),
            ("http://user@db.example", "is no host"),
            ("http://", "is no host"),
            ("http://self", "its own components"),
            ("http://*.spin.internal", "its own components"),
        ] {
            let error = parse(&[entry]).unwrap_err().to_string();
            assert!(error.contains(message), "{entry:?} said {error:?}");
        }
    }
}
