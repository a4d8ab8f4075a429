//! `trainer rollback`: makes the champion's predecessor the champion again.

use anyhow::Result;
use serde_json::json;

use super::{Context, promote};
use registry::Rollback;

pub(super) async fn run(context: &Context) -> Result<()> {
    let registry = context.registry().await?;
    if let Some(back) = registry.way_back().await? {
        promote::check(&registry, &back.id).await?;
    }
    let Rollback { id, from, passed_over } = registry.rollback().await?;
    let document =
        json!({ "id": id, "promoted": true, "previous": from, "passed_over": passed_over });
    context.print(&document, || {
        let again = format!("{id} is the champion again, instead of {from}");
        if passed_over.is_empty() {
            return again;
        }
        format!(
            "{again}; passed over, because their models were removed: {}",
            passed_over.join(", ")
        )
    })
}
