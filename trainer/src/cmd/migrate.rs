//! `trainer migrate`: updates the database's schema and the models' images.

use anyhow::Result;
use serde_json::json;

use super::Context;
use registry::Registry;
use registry::database::Database;

pub(super) async fn run(context: &Context) -> Result<()> {
    let database = Database::at(&context.place).await?;
    let applied = migrations::apply(&database.connect().await?).await?;
    let images = Registry::new(database.connect().await?).make_images().await?;
    let steps: Vec<_> = applied
        .iter()
        .map(|migration| json!({ "version": migration.version, "name": migration.name }))
        .collect();
    let document = json!({ "version": migrations::LATEST, "applied": steps, "images": images });
    context.print(&document, || {
        let schema = match applied.len() {
            0 => format!("the schema is at version {} already", migrations::LATEST),
            count => format!(
                "applied {count} migrations; the schema is at version {}",
                migrations::LATEST
            ),
        };
        match images.len() {
            0 => schema,
            count => format!("{schema}; made the images of {count} models"),
        }
    })
}
