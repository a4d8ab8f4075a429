//! `trainer card`: writes a model card in Markdown.

use anyhow::Result;
use serde_json::json;

use super::Context;
use super::list::summary;
use super::report::Material;
use crate::cli::ModelArgs;
use data::DataError;
use report::card::Card;

pub(super) async fn run(context: &Context, args: &ModelArgs) -> Result<()> {
    let material = Material::gather(context, &args.id, None).await?;
    // A card is due without rows too; what it cannot measure it leaves out.
    let subject = match material.subject() {
        Ok(subject) => Some(subject),
        Err(error) if error.is::<DataError>() => None,
        Err(error) => return Err(error),
    };
    let card = Card {
        entry: &material.entry,
        predictor: &material.predictor,
        is_champion: material.is_champion,
        history: &material.history,
        subject: subject.as_ref(),
    };
    let markdown = card.to_markdown();
    let document = json!({
        "model": summary(&material.entry, material.is_champion),
        "markdown": markdown,
    });
    context.print(&document, || markdown)
}
