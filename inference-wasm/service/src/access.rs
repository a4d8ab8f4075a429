//! Checks access: callers by a key of `api_keys`, the operator by `admin_token`.

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::problem::Problem;
use crate::request::Request;
use crate::settings::Settings;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everyone: the description of the API and its health.
    Open,
    /// Callers with a key, if keys are set.
    Caller,
    /// The operator; without a token the route does not exist.
    Admin,
}

impl Access {
    /// Checks a request.
    ///
    /// # Errors
    ///
    /// [`Problem::Unauthorized`] without the right secret, [`Problem::NoSuchRoute`] where there is none.
    pub(crate) fn check(self, request: &Request, settings: &Settings) -> Result<(), Problem> {
        match self {
            Access::Open => Ok(()),
            Access::Caller => caller(request, settings),
            Access::Admin => admin(request, settings),
        }
    }
}

/// Admits everyone if no keys are set, else callers that send one of them, or the operator's token.
///
/// # Errors
///
/// [`Problem::Unauthorized`].
fn caller(request: &Request, settings: &Settings) -> Result<(), Problem> {
    if settings.api_keys.is_empty() {
        return Ok(());
    }
    let token = settings.admin_token.as_ref().map(|token| sha256(token.as_bytes()));
    let opens = settings.api_keys.iter().chain(&token);
    if sent(request).any(opens) { Ok(()) } else { Err(Problem::Unauthorized) }
}

/// Admits callers that send the operator's token.
///
/// # Errors
///
/// [`Problem::NoSuchRoute`] if no token is set: then these routes do not exist. Else [`Problem::Unauthorized`].
fn admin(request: &Request, settings: &Settings) -> Result<(), Problem> {
    let Some(token) = &settings.admin_token else {
        return Err(Problem::NoSuchRoute { path: request.path.clone() });
    };
    let opens = sha256(token.as_bytes());
    if sent(request).any([&opens].into_iter()) { Ok(()) } else { Err(Problem::Unauthorized) }
}

/// The hashes of the secrets that a request sends.
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
        let found =
            [Access::Caller, Access::Admin].map(|access| access.check(&request, settings).is_ok());
        assert_eq!(found, expected, "{fields:?}");
    }

    #[test]
    fn access_needs_the_right_secret() {
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
        let hash = api::hex::hexadecimal(&sha256(b"key-1"));
        check(&closed, &[("x-api-key", &hash)], [false, false]);

        let open = Settings::default();
        check(&open, &[], [true, false]);
        let nobody = Settings { api_keys: vec![[0; 32]], ..Settings::default() };
        check(&nobody, &[("x-api-key", "")], [false, false]);
    }

    #[test]
    fn without_a_token_the_operators_routes_do_not_exist() {
        let nothing = admin(&request(&[]), &Settings::default());
        assert!(matches!(nothing, Err(Problem::NoSuchRoute { .. })));
    }
}
