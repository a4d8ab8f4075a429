//! Who may ask: callers by a key of `api_keys`, the operator by `admin_token`.

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::problem::Problem;
use crate::request::Request;
use crate::settings::Settings;

/// Whom a route is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Everybody: what describes the API, and what says that it runs.
    Open,
    /// Whoever has a key, where keys are asked for.
    Caller,
    /// The operator; for others it is not there.
    Admin,
}

impl Door {
    /// The door before a route, by its pattern.
    pub(crate) fn of(pattern: &str) -> Door {
        match pattern {
            "/v1/requests" | "/v1/requests/{id}" | "/v1/stats" => Door::Admin,
            // What asks whether a server is up has no key.
            pattern if pattern.starts_with("/v2/health/") => Door::Open,
            pattern if pattern.starts_with("/v1/") || pattern.starts_with("/v2") => Door::Caller,
            _ => Door::Open,
        }
    }

    /// Lets a request in.
    ///
    /// # Errors
    ///
    /// [`Problem::Unauthorized`] without a secret that opens this door, [`Problem::NoSuchRoute`] where none can.
    pub(crate) fn check(self, request: &Request, settings: &Settings) -> Result<(), Problem> {
        match self {
            Door::Open => Ok(()),
            Door::Caller => caller(request, settings),
            Door::Admin => admin(request, settings),
        }
    }
}

/// Lets in everybody where no keys are set, else whoever sends one of them, or the operator's token.
///
/// # Errors
///
/// [`Problem::Unauthorized`].
pub(crate) fn caller(request: &Request, settings: &Settings) -> Result<(), Problem> {
    if settings.api_keys.is_empty() {
        return Ok(());
    }
    let token = settings.admin_token.as_ref().map(|token| sha256(token.as_bytes()));
    let opens = settings.api_keys.iter().chain(&token);
    if sent(request).any(opens) { Ok(()) } else { Err(Problem::Unauthorized) }
}

/// Lets in whoever sends the operator's token.
///
/// # Errors
///
/// [`Problem::NoSuchRoute`] where no token is set: then these routes are not there. Else [`Problem::Unauthorized`].
pub(crate) fn admin(request: &Request, settings: &Settings) -> Result<(), Problem> {
    let Some(token) = &settings.admin_token else {
        return Err(Problem::NoSuchRoute { path: request.path.clone() });
    };
    let opens = sha256(token.as_bytes());
    if sent(request).any([&opens].into_iter()) { Ok(()) } else { Err(Problem::Unauthorized) }
}

/// The hashes of what a request sends as a secret.
struct Sent(Vec<[u8; 32]>);

/// `authorization: Bearer …` and `x-api-key`; each counts once, as no client of good will sends it twice.
fn sent(request: &Request) -> Sent {
    let bearer = request.headers.get(http::header::AUTHORIZATION).and_then(|value| {
        let (scheme, secret) = value.as_bytes().split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then(|| secret.trim_ascii())
    });
    let key = request.headers.get("x-api-key").map(|value| value.as_bytes().trim_ascii());
    Sent([bearer, key].into_iter().flatten().map(sha256).collect())
}

impl Sent {
    /// Whether one of the secrets has one of the hashes. All are compared with all, each in constant time, so that
    /// how long it takes says nothing of how near a guess was, nor to which key.
    fn any<'a>(&self, opens: impl Iterator<Item = &'a [u8; 32]> + Clone) -> bool {
        let mut found = Choice::from(0);
        for sent in &self.0 {
            for hash in opens.clone() {
                found |= sent.ct_eq(hash);
            }
        }
        found.into()
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;
    use crate::request::{Body, Moment};

    fn request(fields: &[(&'static str, &str)]) -> Request {
        let fields = fields.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_str(value).unwrap())
        });
        Request {
            method: Method::GET,
            path: "/v1/models".into(),
            query: Some("api_key=key-2".into()),
            headers: fields.collect::<HeaderMap>(),
            body: Body::default(),
            received: Moment::default(),
        }
    }

    fn check(settings: &Settings, fields: &[(&'static str, &str)], expected: [bool; 2]) {
        let request = request(fields);
        let found = [Door::Caller, Door::Admin].map(|door| door.check(&request, settings).is_ok());
        assert_eq!(found, expected, "{fields:?}");
    }

    #[test]
    fn a_door_opens_to_its_secrets_and_to_nothing_else() {
        let keys = vec![sha256(b"key-1"), sha256(b"key-2")];
        let token = Some("token".to_owned());
        let closed = Settings { api_keys: keys, admin_token: token, ..Settings::default() };
        check(&closed, &[], [false, false]);
        check(&closed, &[("authorization", "Bearer key-1")], [true, false]);
        check(&closed, &[("authorization", "bearer  key-2 ")], [true, false]);
        check(&closed, &[("x-api-key", "key-2")], [true, false]);
        check(&closed, &[("x-api-key", "key-2"), ("authorization", "Basic a2V5")], [true, false]);
        check(&closed, &[("authorization", "Bearer token")], [true, true]);
        check(&closed, &[("x-api-key", "token")], [true, true]);
        for wrong in ["Bearer key-", "Bearer key-11", "Bearer", "Bearer ", "Basic key-1", "key-1"] {
            check(&closed, &[("authorization", wrong)], [false, false]);
        }
        // The hash of a key is no key.
        let hash = crate::request::hexadecimal(&sha256(b"key-1"));
        check(&closed, &[("x-api-key", &hash)], [false, false]);

        let open = Settings::default();
        check(&open, &[], [true, false]);
        let nobody = Settings { api_keys: vec![[0; 32]], ..Settings::default() };
        check(&nobody, &[("x-api-key", "")], [false, false]);
    }

    #[test]
    fn without_a_token_what_is_the_operators_is_not_there() {
        let nothing = admin(&request(&[]), &Settings::default());
        assert!(matches!(nothing, Err(Problem::NoSuchRoute { .. })));
    }

    #[test]
    fn every_route_has_its_door() {
        for (pattern, door) in [
            ("/v1/predict", Door::Caller),
            ("/v1/models/{id}", Door::Caller),
            ("/v1/requests", Door::Admin),
            ("/v1/requests/{id}", Door::Admin),
            ("/v1/stats", Door::Admin),
            ("/v2/models/diamonds/infer", Door::Caller),
            ("/v2/health/ready", Door::Open),
            ("/livez", Door::Open),
            ("/metrics", Door::Open),
            ("/docs", Door::Open),
        ] {
            assert_eq!(Door::of(pattern), door, "{pattern}");
        }
    }
}
