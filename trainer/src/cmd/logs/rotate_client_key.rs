//! `trainer logs rotate-client-key`: makes a new key to hash callers' addresses with.

use anyhow::Result;
use serde_json::json;

use super::journal;
use crate::cmd::Context;

pub(in crate::cmd) async fn run(context: &Context) -> Result<()> {
    journal(context).await?.rotate_client_key().await?;
    context.print(&json!({ "rotated": true }), || {
        String::from(
            "callers are hashed with a new key; instances of the service that have read the old one use it until they end",
        )
    })
}
