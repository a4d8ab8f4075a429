//! `trainer compare`: two models side by side.

use anyhow::Result;
use serde_json::{Value, json};

use super::list::summary;
use super::{Context, Piece, metric, table};
use crate::cli::CompareArgs;
use crate::registry::Entry;

/// The metrics of the contract, with how many digits people want.
const METRICS: [(&str, usize); 6] =
    [("mae", 2), ("rmse", 2), ("r2", 4), ("mape", 4), ("within_10_percent", 4), ("n", 0)];

pub(super) async fn run(context: &Context, args: &CompareArgs) -> Result<()> {
    let registry = context.registry().await?;
    let (one, other) = (registry.find(&args.one).await?, registry.find(&args.other).await?);
    let champion = registry.champion().await?;
    let is_champion = |entry: &Entry| champion.as_deref() == Some(entry.id.as_str());
    let same_holdout = one.split_sha256.is_some() && one.split_sha256 == other.split_sha256;
    let document = json!({
        "a": summary(&one, is_champion(&one)),
        "b": summary(&other, is_champion(&other)),
        "same_holdout": same_holdout,
        "difference": difference(&one, &other),
        "better": better(&one, &other, same_holdout),
    });
    context.print_pieces(args.layout, &document, || describe(&one, &other, same_holdout))
}

/// What b has more than a, on the held-out rows.
fn difference(one: &Entry, other: &Entry) -> Value {
    METRICS
        .iter()
        .map(|(name, _)| ((*name).to_owned(), json!(subtract(one, other, name))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn subtract(one: &Entry, other: &Entry, name: &str) -> Option<f64> {
    let of = |entry: &Entry| entry.metrics["holdout"][name].as_f64();
    Some(of(other)? - of(one)?)
}

/// The id with the lower error, where both were measured on the same rows and differ.
fn better<'a>(one: &'a Entry, other: &'a Entry, same_holdout: bool) -> Option<&'a str> {
    let difference = subtract(one, other, "mae").filter(|_| same_holdout)?;
    if difference < 0.0 {
        Some(&other.id)
    } else if difference > 0.0 {
        Some(&one.id)
    } else {
        None
    }
}

fn describe(one: &Entry, other: &Entry, same_holdout: bool) -> Vec<Piece> {
    let mut table = table(&["holdout", &one.id, &other.id, "difference"]);
    table.add_row(vec!["family", &one.family, &other.family, ""]);
    for (name, digits) in METRICS {
        table.add_row(vec![
            name.to_owned(),
            metric(&one.metrics, "holdout", name, digits),
            metric(&other.metrics, "holdout", name, digits),
            subtract(one, other, name)
                .map_or_else(String::new, |value| format!("{value:+.digits$}")),
        ]);
    }
    table.add_row(vec![
        String::from("bytes"),
        one.blob_bytes.to_string(),
        other.blob_bytes.to_string(),
        format!("{:+}", other.blob_bytes.cast_signed() - one.blob_bytes.cast_signed()),
    ]);
    let verdict = match better(one, other, same_holdout) {
        Some(id) => format!("{id} is better: its holdout MAE is lower on the same rows"),
        None if same_holdout => String::from("neither is better: their holdout MAE is the same"),
        None => String::from(
            "they were measured on different rows, so the figures do not tell which is better; `trainer evaluate` both on one file",
        ),
    };
    vec![Piece::Table(table), Piece::Line(verdict)]
}
