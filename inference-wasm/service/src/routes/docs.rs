//! `/openapi.json` and `/docs`: the API described, for programs and for people.

use super::{Answer, JSON};

pub(super) const HTML: &str = "text/html";

/// The description, an OpenAPI 3.1 document.
const OPENAPI: &str = include_str!("../../openapi.json");

/// The page: one file, which asks no other host for anything.
const DOCS: &str = include_str!("../../docs.html");

pub(super) fn openapi() -> Answer {
    Answer { cache: Some("no-cache"), ..Answer::of(JSON, OPENAPI) }
}

pub(super) fn page() -> Answer {
    Answer { cache: Some("no-cache"), ..Answer::of("text/html; charset=utf-8", DOCS) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::super::ROUTES;
    use super::*;

    #[test]
    fn every_route_and_method_is_described_and_nothing_else() {
        let document: Json = serde_json::from_str(OPENAPI).unwrap();
        let mut described: Vec<String> = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                described.push(format!("{} {path}", method.to_uppercase()));
            }
        }
        let mut routed: Vec<String> = ROUTES
            .iter()
            .flat_map(|entry| {
                entry.methods().iter().map(move |method| format!("{method} {}", entry.pattern))
            })
            .collect();
        described.sort();
        routed.sort();
        assert_eq!(described, routed);
    }

    #[test]
    fn the_page_asks_no_other_host_and_names_every_route() {
        for elsewhere in ["src=\"http", "href=\"http", "@import", "url(http"] {
            assert!(!DOCS.contains(elsewhere), "{elsewhere}");
        }
        for entry in ROUTES {
            assert!(DOCS.contains(entry.pattern), "{}", entry.pattern);
        }
    }
}
