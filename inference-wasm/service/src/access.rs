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
        let token = || settings.admin_token.as_ref().map(|token| sha256(token.as_bytes()));
        let is_open = match self {
            Access::Open => true,
            Access::Caller if settings.api_keys.is_empty() => true,
            Access::Caller => sends_any(request, settings.api_keys.iter().copied().chain(token())),
            Access::Admin => match token() {
                Some(token) => sends_any(request, [token].into_iter()),
                None => return Err(Problem::NoSuchRoute { path: request.path.clone() }),
            },
        };
        if is_open { Ok(()) } else { Err(Problem::Unauthorized) }
    }
}

/// Whether a request sends a secret that has one of these hashes, as `authorization: Bearer …` or `x-api-key`. Of several
/// fields of one name the first counts. All secrets are compared with all hashes, each in constant time, so that how long
/// it takes says nothing of how near a guess was, nor to which key.
fn sends_any(request: &Request, hashes: impl Iterator<Item = [u8; 32]> + Clone) -> bool {
    let bearer = request.headers.get(http::header::AUTHORIZATION).and_then(|value| {
        let (scheme, secret) = value.as_bytes().split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then(|| secret.trim_ascii())
    });
    let key = request.headers.get("x-api-key").map(|value| value.as_bytes().trim_ascii());
    let mut found = Choice::from(0);
    for sent in bearer.into_iter().chain(key).map(sha256) {
        for hash in hashes.clone() {
            found |= sent.ct_eq(&hash);
        }
    }
    found.into()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName};

    use super::*;

    fn request(fields: &[(&'static str, &str)]) -> Request {
        let field = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        let headers: HeaderMap = fields.iter().map(field).collect();
        Request { query: Some("api_key=key-2".into()), headers, ..Request::default() }
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
        let nothing = Access::Admin.check(&request(&[]), &Settings::default());
        assert!(matches!(nothing, Err(Problem::NoSuchRoute { .. })));
    }
}
