//! `trainer rollback`: the champion's predecessor becomes the champion again.

use anyhow::Result;
use serde_json::json;

use super::Context;

pub(super) async fn run(context: &Context) -> Result<()> {
    let (previous, id) = context.registry().await?.rollback().await?;
    let document = json!({ "id": id, "promoted": true, "previous": previous });
    context.print(&document, || format!("{id} is the champion again, instead of {previous}"))
}
