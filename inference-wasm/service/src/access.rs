//! Who may see what: the operator's token.

use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::problem::Problem;
use crate::request::Request;
use crate::settings::Settings;

/// Lets the operator in, who sends `authorization: Bearer` and the `admin_token`.
///
/// # Errors
///
/// [`Problem::Unauthorized`] for a wrong token or none; [`Problem::NoSuchRoute`] where none is set.
pub(crate) fn admin(request: &Request, settings: &Settings) -> Result<(), Problem> {
    let Some(token) = &settings.admin_token else {
        return Err(Problem::NoSuchRoute { path: request.path.clone() });
    };
    let sent = bearer(request).ok_or(Problem::Unauthorized {
        detail: "send the operator's token: `authorization: Bearer TOKEN`",
    })?;
    // Hashes are of one length, so that not even the token's shows in the time that this takes.
    let is_right = Sha256::digest(sent).ct_eq(&Sha256::digest(token.as_bytes()));
    if bool::from(is_right) {
        Ok(())
    } else {
        Err(Problem::Unauthorized { detail: "the token is not the operator's" })
    }
}

/// What follows `Bearer` in the one authorization field of a request.
pub(crate) fn bearer(request: &Request) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"bearer ";
    let mut fields = request.headers.get_all(AUTHORIZATION).iter();
    let (field, None) = (fields.next()?.as_bytes(), fields.next()) else { return None };
    let (scheme, token) = field.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method};

    use super::*;
    use crate::request::{Body, Moment};

    #[test]
    fn only_the_whole_token_opens() {
        let settings = Settings { admin_token: Some("s3cret".into()), ..Settings::default() };
        let check = |sent: &[&'static str], expected: bool| {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            let request = Request {
                method: Method::GET,
                path: "/v1/requests".into(),
                query: None,
                headers,
                body: Body::default(),
                received: Moment::default(),
            };
            assert_eq!(admin(&request, &settings).is_ok(), expected, "{sent:?}");
            assert!(matches!(
                admin(&request, &Settings::default()),
                Err(Problem::NoSuchRoute { .. })
            ));
        };
        check(&["Bearer s3cret"], true);
        check(&["bearer  s3cret "], true);
        check(&["Bearer s3cret", "Bearer s3cret"], false);
        check(&[], false);
        check(&["Bearer "], false);
        check(&["Bearer"], false);
        check(&["Bearer s3cre"], false);
        check(&["Bearer s3crets"], false);
        check(&["Bearer S3CRET"], false);
        check(&["Basic s3cret"], false);
        check(&["s3cret"], false);
    }
}
