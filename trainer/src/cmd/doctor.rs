//! stub
use super::Context;
use anyhow::Result;
pub(super) async fn run(_: &Context) -> Result<()> {
    anyhow::bail!("later")
}
