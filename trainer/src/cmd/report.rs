//! `trainer report`: writes the report of a model as one HTML file.

use anyhow::{Context as _, Result};
use inference::Predictor;
use serde_json::json;

use super::model::Blob;
use super::output::Output;
use super::{Context, title};
use crate::cli::ReportArgs;
use data::dataset::Dataset;
use data::delivery::Delivery;
use monitoring::drift::{self, Drift};
use monitoring::journal::Moment;
use monitoring::traffic::Window;
use registry::database::Database;
use registry::history::{self, History};
use registry::store;
use registry::{Entry, Registry};
use report::Report;
use report::subject::Subject;

pub(super) async fn run(context: &Context, args: &ReportArgs) -> Result<()> {
    let file = args.data.as_deref().map(Delivery::read).transpose()?.map(Dataset::from_delivery);
    let material = Material::gather(context, &args.id, file).await?;
    let progress = Context::progress();
    progress.step(0, 1, "measuring");
    let drift = if material.is_champion { drift_since(context, args.since).await? } else { None };
    let report = Report::of(&material.subject()?, &material.history, drift.as_ref(), &progress)?;
    progress.finish();
    let html = report.to_html();
    let path = args.output.join("report.html");
    std::fs::create_dir_all(&args.output)
        .and_then(|()| Output::put(&path, html.as_bytes()))
        .with_context(|| format!("{}: cannot be written", path.display()))?;
    let mut document = report.to_json();
    document["file"] = json!(path);
    document["bytes"] = json!(html.len());
    context.print(&document, || {
        let bytes = html.len() / 1000;
        format!("wrote {} ({}, {bytes} kB)", path.display(), title(&material.entry))
    })
}

/// What callers asked the champion since then; `None` where there were no requests.
async fn drift_since(context: &Context, since: Moment) -> Result<Option<Drift>> {
    let window = Window::new(since, None);
    let drift = drift::check(&Database::open(&context.place).await?, window).await?;
    Ok(Some(drift).filter(|drift| drift.tally.stones > 0))
}

/// What a report or a card is made of.
pub(super) struct Material {
    pub(super) entry: Entry,
    pub(super) history: History,
    pub(super) predictor: Predictor,
    pub(super) is_champion: bool,
    dataset: Dataset,
    is_file: bool,
}

impl Material {
    /// Reads the model, its history and the rows: of a file, or the database's.
    pub(super) async fn gather(
        context: &Context,
        asked: &str,
        file: Option<Dataset>,
    ) -> Result<Material> {
        let database = Database::open(&context.place).await?;
        let registry = Registry::new(database.connect().await?);
        let entry = registry.find(asked).await?;
        let bytes = registry.blob(&entry.id).await?;
        let blob = Blob::of_registry(&entry.id, bytes, Some(entry.blob_sha256.clone()))?;
        let is_champion = registry.champion().await?.as_deref() == Some(entry.id.as_str());
        let connection = database.connect().await?;
        let history = history::load(&connection, &entry.id, &entry.family).await?;
        let is_file = file.is_some();
        let dataset = match file {
            Some(dataset) => dataset,
            None => {
                let source = format!("the database {}", database.place());
                store::load(&connection, source).await?
            }
        };
        let predictor = blob.predictor;
        Ok(Material { entry, history, predictor, is_champion, dataset, is_file })
    }

    /// The model with the rows to measure it on.
    pub(super) fn subject(&self) -> Result<Subject<'_>> {
        let (entry, predictor) = (self.entry.clone(), self.predictor.clone());
        let mut subject = if self.is_file {
            Subject::of_file(entry, predictor, &self.dataset)?
        } else {
            Subject::of_split(entry, predictor, &self.dataset)?
        };
        subject.is_champion = self.is_champion;
        Ok(subject)
    }
}
