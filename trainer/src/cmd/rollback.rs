//! `trainer rollback`: the champion's predecessor becomes the champion again.

use anyhow::Result;
use serde_json::json;

use super::{Context, promote};

pub(super) async fn run(context: &Context) -> Result<()> {
    let registry = context.registry().await?;
    if let Some(id) = registry.predecessor().await? {
        promote::check(&registry, &id).await?;
    }
    let (previous, id) = registry.rollback().await?;
    let document = json!({ "id": id, "promoted": true, "previous": previous });
    context.print(&document, || format!("{id} is the champion again, instead of {previous}"))
}
