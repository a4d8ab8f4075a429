//! `/openapi.json` and `/docs`: the description of the API for programs and for people.

use std::rc::Rc;

use crate::database::Database;
use crate::host::Host;
use crate::negotiate::JSON;
use crate::response::{Answer, RouteResponse, etag};
use crate::state::Call;

pub(super) const MEDIA: &str = "text/html";

/// The description, an OpenAPI 3.1 document.
pub(super) const OPENAPI: &str = include_str!("../../openapi.json");

/// The page: one file, which asks no other host for anything.
pub(super) const DOCS: &str = include_str!("../../docs.html");

/// The page's content security policy: its one style, known by its SHA-256, and an icon. A test says what the hash is.
const POLICY: &str = "default-src 'none'; style-src 'sha256-ttz14GMBWJ6abUXJyk1eTRrdOF0Hrct5+pKZqjCwGQQ='; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

thread_local! {
    static ETAGS: [Rc<str>; 2] = [OPENAPI, DOCS].map(|text| etag(text.as_bytes()));
}

pub(super) async fn openapi<D: Database, H: Host>(_: Call<'_, D, H>) -> Answer {
    let [etag, _] = ETAGS.with(Clone::clone);
    Ok(RouteResponse { cache: "no-cache", etag: Some(etag), ..RouteResponse::of(JSON, OPENAPI) })
}

pub(super) async fn page<D: Database, H: Host>(_: Call<'_, D, H>) -> Answer {
    let [_, etag] = ETAGS.with(Clone::clone);
    Ok(RouteResponse {
        cache: "no-cache",
        etag: Some(etag),
        policy: POLICY,
        ..RouteResponse::of("text/html; charset=utf-8", DOCS)
    })
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use sha2::{Digest, Sha256};

    use super::*;

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
