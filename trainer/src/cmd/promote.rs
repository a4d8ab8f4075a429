//! `trainer promote`: a model becomes the champion.

use anyhow::Result;
use serde_json::json;

use super::Context;
use crate::cli::PromoteArgs;

pub(super) async fn run(context: &Context, args: &PromoteArgs) -> Result<()> {
    let registry = context.registry().await?;
    let id = registry.find(&args.id).await?.id;
    let previous = registry.champion().await?;
    registry.promote(&id, &args.reason).await?;
    let document =
        json!({ "id": id, "promoted": true, "previous": previous, "reason": args.reason });
    context.print(&document, || match &previous {
        Some(previous) => format!("{id} is the champion now, after {previous}"),
        None => format!("{id} is the first champion"),
    })
}
