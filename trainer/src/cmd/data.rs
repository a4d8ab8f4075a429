//! `trainer data`: lists and exports the rows of runs and of the table.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Result, bail};
use inference::price_list::MAX_LISTS;
use inference::{Diamond, PriceLists, Sample, Samples};
use serde_json::json;

use super::output::Output;
use super::{Context, Failure, listings, table, write_out};
use crate::cli::{DataCommand, DataExportArgs, DataPart};
use data::dataset::{Dataset, digest};
use data::stone::{Identity, Stone, hex};
use data::version;
use registry::database::Database;
use registry::lineage::Lineage;
use registry::store;

pub(super) async fn run(context: &Context, command: &DataCommand) -> Result<()> {
    match command {
        DataCommand::List => list(context).await,
        DataCommand::Export(args) => export(context, args).await,
        DataCommand::Samples { output } => samples(context, output).await,
        DataCommand::Listings(args) => listings::run(context, args).await,
    }
}

/// Lists the data sets of runs, newest first.
async fn list(context: &Context) -> Result<()> {
    let datasets = context.registry().await?.datasets().await?;
    context.print(&json!({ "datasets": datasets }), || {
        if datasets.is_empty() {
            return String::from("no data sets yet; every `trainer train` keeps its own");
        }
        let mut table = table(&["sha256", "rows", "source", "kept", "models", "since"]);
        for dataset in &datasets {
            let kept = match (dataset.last_id, dataset.contents_bytes) {
                (Some(last_id), _) => format!("in the table, up to id {last_id}"),
                (None, bytes) => format!("{} bytes", bytes.unwrap_or_default()),
            };
            table.add_row(vec![
                dataset.sha256.chars().take(12).collect(),
                dataset.rows.to_string(),
                dataset.source.clone(),
                kept,
                dataset.models.to_string(),
                dataset.kept_at.clone(),
            ]);
        }
        table.to_string()
    })
}

/// Writes the rows that a model came from as a diamond CSV.
async fn export(context: &Context, args: &DataExportArgs) -> Result<()> {
    let to_stdout = args.output.as_os_str() == "-";
    if to_stdout && context.json {
        let message = "--json and the rows cannot both go to standard output; give the rows a file with --output";
        bail!(Failure::Usage(String::from(message)));
    }
    let registry = context.registry().await?;
    let entry = registry.find(&args.model).await?;
    let lineage = Lineage::of(&registry, &entry).await?;
    let stones = part(&lineage, args.part)?;
    let csv = version::csv(stones.iter().copied());
    if to_stdout {
        return write_out(csv);
    }
    Output::put(&args.output, csv)?;
    let mut sorted = stones.clone();
    sorted.sort_by_key(|stone| stone.identity);
    let document = json!({
        "model": entry.id,
        "part": args.part,
        "file": args.output,
        "rows": stones.len(),
        "sha256": hex(&digest(sorted.into_iter())),
        "dataset_sha256": entry.dataset_sha256,
        "split_sha256": entry.split_sha256,
    });
    context.print(&document, || {
        format!("wrote {} ({} rows of model {})", args.output.display(), stones.len(), entry.id)
    })
}

/// Rows in the order of their source. The parts are without the rows that training drops.
fn part(lineage: &Lineage, part: DataPart) -> Result<Vec<&Stone>> {
    let split = lineage.split()?;
    let (source, chosen): (&Dataset, &[&Stone]) = match part {
        DataPart::All => return Ok(lineage.dataset.in_order().collect()),
        DataPart::Train => (&lineage.dataset, &split.train),
        DataPart::Holdout => (lineage.held_out_of(), &split.holdout),
    };
    let chosen: HashSet<Identity> = chosen.iter().map(|stone| stone.identity).collect();
    Ok(source.in_order().filter(|stone| chosen.contains(&stone.identity)).collect())
}

/// Writes the stones of the table in a few bytes each, for use without a database.
async fn samples(context: &Context, output: &Path) -> Result<()> {
    let database = Database::open(&context.place).await?;
    let connection = database.connect().await?;
    let dataset = store::load(&connection, context.place.to_string()).await?;
    let lists =
        PriceLists::of(dataset.list_counts().into_iter().map(|(list, _)| list).take(MAX_LISTS))?;
    let samples = dataset.rows().iter().map(|(id, stone)| sample(*id, stone, &lists)).collect();
    let samples = Samples::of(samples, lists)?;
    let bytes = samples.to_bytes()?;
    Output::put(output, &bytes)?;
    let document = json!({
        "file": output,
        "samples": samples.len(),
        "price_lists": lists,
        "bytes": bytes.len(),
        "dataset_sha256": hex(&dataset.sha256()),
    });
    context.print(&document, || {
        let (file, count) = (output.display(), samples.len());
        format!("wrote {file} ({count} stones in {} bytes)", bytes.len())
    })
}

/// A stone as the service answers it. A list beyond the eight with the most rows is left out.
fn sample(id: u64, stone: &Stone, lists: &PriceLists) -> Sample {
    let Diamond { carat, cut, color, clarity, .. } = stone.diamond;
    let [depth, table, x, y, z] = stone.measures();
    let numbers = [carat.carats(), depth, table, stone.price.usd(), x, y, z];
    let price_list = stone.diamond.price_list.and_then(|list| lists.code(list));
    Sample { id: id.cast_signed(), cut, color, clarity, numbers, price_list }
}
