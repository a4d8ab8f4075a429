//! The routes of HTTP triggers: an exact path, or a prefix written `/path/...`.

use std::fmt;

use anyhow::{Result, ensure};

/// What leads a request to a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// As written in the manifest.
    raw: String,
    /// Without slashes at either end.
    path: String,
    is_prefix: bool,
}

impl Route {
    /// Parses a route; named parts (`/:id`) and `*` are refused.
    pub(crate) fn parse(raw: &str) -> Result<Self> {
        let (path, is_prefix) = match raw.strip_suffix("...") {
            Some(path) if path.is_empty() || path.ends_with('/') => (path, true),
            _ => (raw, false),
        };
        ensure!(
            !path.contains([':', '*']) && !path.contains("..."),
            "trigger.http route {raw:?}: edge-host supports an exact path or one that ends in /..."
        );
        Ok(Self { raw: raw.to_owned(), path: path.trim_matches('/').to_owned(), is_prefix })
    }

    /// The rest of `path` behind this route; `None` if the route does not lead there.
    fn rest<'path>(&self, path: &'path str) -> Option<&'path str> {
        let path = path.trim_matches('/');
        let rest = path.strip_prefix(self.path.as_str())?;
        match (rest, self.is_prefix) {
            ("", _) => Some(""),
            (_, false) => None,
            (_, true) if self.path.is_empty() => Some(rest),
            (_, true) => rest.strip_prefix('/'),
        }
    }

    /// The route as written.
    pub(crate) fn raw(&self) -> &str {
        &self.raw
    }

    /// The route with a leading slash and without a trailing one.
    pub(crate) fn based(&self) -> String {
        let slash = if self.raw.starts_with('/') { "" } else { "/" };
        format!("{slash}{}", self.raw.strip_suffix('/').unwrap_or(&self.raw))
    }

    /// The route as written, without `/...`.
    pub(crate) fn prefix(&self) -> &str {
        self.raw.strip_suffix("/...").unwrap_or(&self.raw)
    }

    /// What a component sees as `spin-path-info`: the part of the path that `...` stands for, its trailing slash
    /// included; empty for an exact route.
    pub(crate) fn path_info(&self, path: &str) -> String {
        match self.rest(path) {
            Some(rest) if self.is_prefix => {
                let lead = if rest.is_empty() { "" } else { "/" };
                let trail = if path.ends_with('/') { "/" } else { "" };
                format!("{lead}{rest}{trail}")
            }
            _ => String::new(),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.raw)
    }
}

/// The position of the route that leads to `path`: an exact one first, then the longest prefix.
pub(crate) fn find<'a>(routes: impl Iterator<Item = &'a Route>, path: &str) -> Option<usize> {
    routes
        .enumerate()
        .filter(|(_, route)| route.rest(path).is_some())
        .max_by_key(|(_, route)| (!route.is_prefix, route.path.len()))
        .map(|(position, _)| position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_route_wins_then_the_longest_prefix() {
        let routes: Vec<_> = ["/...", "/api/...", "/api/v1/...", "/api/v1"]
            .iter()
            .map(|raw| Route::parse(raw).unwrap())
            .collect();
        for (path, expected) in [
            ("/", "/..."),
            ("/apis", "/..."),
            ("/api", "/api/..."),
            ("/api/v2", "/api/..."),
            ("/api/v1", "/api/v1"),
            ("/api/v1/", "/api/v1"),
            ("/api/v1/x", "/api/v1/..."),
        ] {
            let found = find(routes.iter(), path).map(|position| routes[position].raw());
            assert_eq!(found, Some(expected), "{path}");
        }
        assert_eq!(find(routes[3..].iter(), "/api/v1/x"), None);
    }

    #[test]
    fn path_info_is_what_the_dots_stand_for() {
        for (route, path, expected) in [
            ("/...", "/", "/"),
            ("/...", "/a/b", "/a/b"),
            ("/...", "/a/b/", "/a/b/"),
            ("/a/...", "/a", ""),
            ("/a/...", "/a/", "/"),
            ("/a/...", "/a/b", "/b"),
            ("/a", "/a", ""),
        ] {
            assert_eq!(Route::parse(route).unwrap().path_info(path), expected, "{route} {path}");
        }
    }

    #[test]
    fn a_route_is_shown_as_spin_shows_it() {
        let shown = |raw| {
            let route = Route::parse(raw).unwrap();
            (route.based(), route.prefix().to_owned())
        };
        assert_eq!(shown("/..."), ("/...".into(), String::new()));
        assert_eq!(shown("/a/..."), ("/a/...".into(), "/a".into()));
        assert_eq!(shown("/a/"), ("/a".into(), "/a/".into()));
        assert_eq!(shown("a"), ("/a".into(), "a".into()));
    }

    #[test]
    fn named_parts_and_stars_are_refused() {
        for raw in ["/:id", "/:id/...", "/a/*", "/.../b", "/a..."] {
            assert!(Route::parse(raw).is_err(), "{raw}");
        }
    }
}
