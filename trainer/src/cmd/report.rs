//! `trainer report` and `trainer card`: write what is known of a model as one HTML file, or as a card in Markdown.

use anyhow::{Context as _, Result};
use inference::Predictor;
use serde_json::json;

use super::model::Blob;
use super::models::summary;
use super::output::Output;
use super::{Context, load, title};
use crate::cli::ReportArgs;
use data::DataError;
use data::dataset::Dataset;
use data::delivery::Delivery;
use monitoring::drift::{self, Drift};
use monitoring::journal::Moment;
use monitoring::traffic::Window;
use registry::database::Database;
use registry::history::{self, History};
use registry::{Entry, Registry};
use report::Report;
use report::card::Card;
use report::subject::Subject;

pub(super) async fn run(context: &Context, args: &ReportArgs) -> Result<()> {
    let file = args.data.as_deref().map(Delivery::read).transpose()?.map(Dataset::from_delivery);
    let material = Material::gather(context, &args.id, file).await?;
    let progress = Context::progress();
    progress.step(0, 1, "measuring");
    let drift = if material.is_champion { drift_since(context, args.since).await? } else { None };
    let report = Report::of(&material.subject()?, &material.history, drift.as_ref(), &progress);
    progress.finish();
    let html = report.to_html()?;
    let path = args.output.join("report.html");
    std::fs::create_dir_all(&args.output)
        .with_context(|| format!("{}: cannot be written", path.display()))?;
    Output::put(&path, &html)?;
    let mut document = report.to_json();
    document["file"] = json!(path);
    document["bytes"] = json!(html.len());
    context.print(&document, || {
        let bytes = html.len() / 1000;
        format!("wrote {} ({}, {bytes} kB)", path.display(), title(&material.entry))
    })
}

pub(super) async fn card(context: &Context, id: &str) -> Result<()> {
    let material = Material::gather(context, id, None).await?;
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
    let model = summary(&material.entry, material.is_champion);
    context.print(&json!({ "model": model, "markdown": markdown }), || markdown)
}

/// What callers asked the champion since then; `None` where there were no requests.
async fn drift_since(context: &Context, since: Moment) -> Result<Option<Drift>> {
    let window = Window::new(since, None);
    let drift = drift::check(&Database::open(&context.place).await?, window).await?;
    Ok(Some(drift).filter(|drift| drift.refused.asked > 0))
}

/// What a report or a card is made of.
struct Material {
    entry: Entry,
    history: History,
    predictor: Predictor,
    is_champion: bool,
    dataset: Dataset,
    is_file: bool,
}

impl Material {
    /// Reads the model, its history and the rows: of a file, or the database's.
    async fn gather(context: &Context, asked: &str, file: Option<Dataset>) -> Result<Material> {
        let database = Database::open(&context.place).await?;
        let registry = Registry::new(database.connect().await?);
        let entry = registry.find(asked).await?;
        let bytes = registry.blob(&entry.id).await?;
        let predictor = Blob::of_registry(&entry.id, bytes, None)?.predictor;
        let is_champion = registry.champion().await?.as_deref() == Some(entry.id.as_str());
        let history = history::load(&database.connect().await?, &entry.id, &entry.family).await?;
        let is_file = file.is_some();
        let dataset = match file {
            Some(dataset) => dataset,
            None => load(&database).await?,
        };
        Ok(Material { entry, history, predictor, is_champion, dataset, is_file })
    }

    /// The model with the rows to measure it on.
    fn subject(&self) -> Result<Subject<'_>> {
        let of = if self.is_file { Subject::of_file } else { Subject::of_split };
        let mut subject = of(self.entry.clone(), self.predictor.clone(), &self.dataset)?;
        subject.is_champion = self.is_champion;
        Ok(subject)
    }
}
