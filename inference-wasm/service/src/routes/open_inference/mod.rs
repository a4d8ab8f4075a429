//! `/v2`: the Open Inference Protocol (also called V2, over REST), for callers that speak it to every model they have.
//!
//! The protocol: <https://github.com/kserve/open-inference-protocol>. Its one model here is `diamonds`, whose versions
//! are the ids of the registry. Its errors are `{"error": "…"}`; ours are problems that have this member too.

mod server;
mod model;
mod infer;
mod question;
mod tensor;
mod datatype;
mod output;

use ::inference::FieldError;

pub(super) use infer::answer as infer;
pub(super) use model::{metadata as model, ready as model_ready};
pub(super) use server::{live, metadata as server, ready};

/// The name of the one model.
const MODEL: &str = "diamonds";

/// Whether a caller at this path speaks the protocol, and looks for its `error` in a problem.
pub(crate) fn is_spoken_at(path: &str) -> bool {
    path.strip_prefix("/v2").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What is wrong with one part of a request.
fn wrong(
    field: impl Into<String>,
    value: impl Into<String>,
    message: &str,
    allowed: impl Into<String>,
) -> FieldError {
    FieldError {
        field: field.into(),
        value: value.into(),
        message: message.into(),
        allowed: allowed.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_is_spoken_below_v2_and_nowhere_else() {
        let check = |path: &str, expected: bool| assert_eq!(is_spoken_at(path), expected, "{path}");
        check("/v2", true);
        check("/v2/", true);
        check("/v2/models/emeralds/infer", true);
        check("/v2x", false);
        check("/v1/v2", false);
    }
}
