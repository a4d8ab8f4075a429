//! `trainer data export`: writes the rows that a model came from as a diamond CSV.

use std::collections::HashSet;
use std::io::{ErrorKind, Write};

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::cli::{DataExportArgs, DataPart};
use crate::cmd::output::Output;
use crate::cmd::{Context, Failure};
use data::dataset::{Dataset, digest};
use data::stone::{Identity, Stone, hex};
use data::version;
use registry::lineage::Lineage;

pub(in crate::cmd) async fn run(context: &Context, args: &DataExportArgs) -> Result<()> {
    let to_stdout = args.output.as_os_str() == "-";
    if to_stdout && context.json {
        let message = "--json and the rows cannot both go to standard output; give the rows a file with --output";
        return Err(Failure::Usage(String::from(message)).into());
    }
    let registry = context.registry().await?;
    let entry = registry.find(&args.model).await?;
    let lineage = Lineage::of(&registry, &entry).await?;
    let stones = part(&lineage, args.part)?;
    let csv = version::csv(stones.iter().copied());
    if to_stdout {
        return match std::io::stdout().lock().write_all(&csv) {
            // The reader closed the output.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        };
    }
    Output::put(&args.output, &csv)
        .with_context(|| format!("{}: cannot be written", args.output.display()))?;
    let mut identities: Vec<Identity> = stones.iter().map(|stone| stone.identity).collect();
    identities.sort_unstable();
    let document = json!({
        "model": entry.id,
        "part": args.part.as_str(),
        "file": args.output,
        "rows": stones.len(),
        "sha256": hex(&digest(identities.into_iter())),
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
