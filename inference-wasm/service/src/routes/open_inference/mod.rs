//! `/v2`: the Open Inference Protocol (also called V2, over REST), for callers that speak it to every model they have.
//!
//! The protocol: <https://github.com/kserve/open-inference-protocol>. Its one model here is `diamonds`, whose versions
//! are the ids of the registry: `/v2/models/diamonds/versions/{id}`. Its errors are `{"error": "…"}`; ours are problems that
//! have this member too.

mod server;
mod model;
mod infer;
mod question;
mod tensor;
mod datatype;
mod output;
mod member;

pub(super) use infer::infer;
pub(super) use model::{metadata as model, ready as model_ready};
pub(super) use server::{live, metadata as server, ready};
