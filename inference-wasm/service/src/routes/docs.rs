//! `/openapi.json` and `/docs`: the API described, for programs and for people.

use std::rc::Rc;

use super::page::etag;
use super::{Answer, JSON};

pub(super) const HTML: &str = "text/html";

/// The description, an OpenAPI 3.1 document.
const OPENAPI: &str = include_str!("../../openapi.json");

/// The page: one file, which asks no other host for anything.
const DOCS: &str = include_str!("../../docs.html");

/// The page's content security policy: its one style, known by its SHA-256, and an icon. A test says what the hash is.
const POLICY: &str = "default-src 'none'; style-src 'sha256-ttz14GMBWJ6abUXJyk1eTRrdOF0Hrct5+pKZqjCwGQQ='; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

thread_local! {
    static ETAGS: [Rc<str>; 2] = [OPENAPI, DOCS].map(|text| etag(text.as_bytes()));
}

pub(super) fn openapi() -> Answer {
    let [etag, _] = ETAGS.with(Clone::clone);
    Answer { cache: Some("no-cache"), etag: Some(etag), ..Answer::of(JSON, OPENAPI) }
}

pub(super) fn page() -> Answer {
    let [_, etag] = ETAGS.with(Clone::clone);
    Answer {
        cache: Some("no-cache"),
        etag: Some(etag),
        policy: POLICY,
        ..Answer::of("text/html; charset=utf-8", DOCS)
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use serde_json::Value as Json;
    use sha2::{Digest, Sha256};

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
    fn the_journal_is_filtered_by_every_route_there_is() {
        let document: Json = serde_json::from_str(OPENAPI).unwrap();
        let parameters = document["paths"]["/v1/requests"]["get"]["parameters"].as_array().unwrap();
        let route = parameters.iter().find(|parameter| parameter["name"] == "route").unwrap();
        let described = route["schema"]["anyOf"][0]["enum"].as_array().unwrap();
        let described: Vec<&str> = described.iter().map(|route| route.as_str().unwrap()).collect();
        let routed: Vec<&str> =
            std::iter::once("none").chain(super::super::journaled_patterns()).collect();
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

    #[test]
    fn the_policy_knows_the_one_style_by_its_hash() {
        let (_, behind) = DOCS.split_once("<style>").unwrap();
        let (style, behind) = behind.split_once("</style>").unwrap();
        let hash = format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(style)));
        assert!(POLICY.contains(&hash), "the style is {hash} now");
        for inline in ["<style", "<script", "style=", " onclick", "javascript:"] {
            assert!(!behind.contains(inline), "{inline}");
        }
    }
}
