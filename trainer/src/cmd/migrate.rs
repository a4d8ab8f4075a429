//! `trainer migrate`: the database's schema brought up to date.

use anyhow::Result;
use serde_json::json;

use super::Context;
use crate::database::Database;

pub(super) async fn run(context: &Context) -> Result<()> {
    let database = Database::at(&context.place).await?;
    let applied = migrations::apply(&database.connect().await?).await?;
    let steps: Vec<_> = applied
        .iter()
        .map(|migration| json!({ "version": migration.version, "name": migration.name }))
        .collect();
    let document = json!({ "version": migrations::LATEST, "applied": steps });
    context.print(&document, || match applied.len() {
        0 => format!("the schema is at version {} already", migrations::LATEST),
        count => {
            format!("applied {count} migrations; the schema is at version {}", migrations::LATEST)
        }
    })
}
