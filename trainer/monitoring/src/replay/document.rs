//! Writes a replay as a JSON document.

use serde_json::{Value, json};

use super::change::Change;
use super::{Outcome, Replayed};
use crate::traffic::WarningKinds;

/// The part of `trainer replay --json` that tells what changed.
pub(super) fn of(outcome: &Outcome) -> Value {
    let segments = outcome.segments.iter().map(|segment| {
        let mut document = change(&segment.change);
        document["by"] = json!(segment.by);
        document["value"] = json!(segment.value);
        document
    });
    let warnings = outcome.warnings.iter().map(|(kind, appeared, vanished)| {
        let counts = json!({ "appeared": appeared, "vanished": vanished });
        (kind.name().to_owned(), counts)
    });
    json!({
        "change": change(&outcome.all),
        "segments": segments.collect::<Vec<_>>(),
        "largest": outcome.largest.iter().map(stone).collect::<Vec<_>>(),
        "warnings": { "compared": outcome.compared_warnings, "kinds": Value::Object(warnings.collect()) },
    })
}

fn change(change: &Change) -> Value {
    let [five, ten] = change.shares_by_more();
    json!({
        "stones": change.stones,
        "changed": change.changed,
        "mean_usd": change.mean_usd,
        "median_usd": change.median_usd,
        "mean_percent": change.mean_percent,
        "median_percent": change.median_percent,
        "by_more_than_5_percent": five,
        "by_more_than_10_percent": ten,
    })
}

fn stone(stone: &Replayed) -> Value {
    let percent = stone.change_percent();
    let names = |warnings: WarningKinds| warnings.names().collect::<Vec<_>>();
    let (appeared, vanished) =
        stone.warnings().map(|(new, gone)| (names(new), names(gone))).unzip();
    json!({
        "request_id": stone.request_id,
        "received_at": stone.received_at,
        "place": stone.place,
        "carat": stone.diamond.carat.carats(),
        "cut": stone.diamond.cut.as_str(),
        "color": stone.diamond.color.as_str(),
        "clarity": stone.diamond.clarity.as_str(),
        "before": stone.before.price_usd,
        "after": stone.after.price_usd,
        "change_usd": inference::quantity::cents(stone.change_usd()),
        "change_percent": percent.is_finite().then_some(percent),
        "warnings_appeared": appeared,
        "warnings_vanished": vanished,
    })
}
