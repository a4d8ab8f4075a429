//! stub
use super::Context;
use crate::cli::PredictArgs;
use anyhow::Result;
pub(super) async fn run(_: &Context, _: &PredictArgs) -> Result<()> {
    anyhow::bail!("later")
}
