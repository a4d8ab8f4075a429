//! `trainer replay`: prices the requests of the journal with another model.

mod sheet;

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use self::sheet::Sheet;
use super::model::Blob;
use super::{Context, table};
use crate::cli::ReplayArgs;
use monitoring::journal::Journal;
use monitoring::replay::{self, Answerers, Change, Outcome, Replay, Replayed};
use monitoring::traffic::{AnsweredRequest, PricedStone, Tally, Traffic, Window};
use registry::database::Database;

/// What the new prices are held against.
enum Against<'a> {
    /// What was answered.
    Journal(Answerers<'a>),
    Model(Box<Blob>),
}

/// Stones without both prices, and prices that were not read but computed once more.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
struct Gaps {
    /// The journal does not hold the answer, and the model that gave it is in the registry.
    recomputed: u64,
    /// The same, and that model is gone.
    unanswered: u64,
    /// A model has no price for the stone.
    without_price: u64,
}

pub(super) async fn run(context: &Context, args: &ReplayArgs) -> Result<()> {
    let database = Database::open(&context.place).await?;
    let model = Blob::find(context, &args.model).await?;
    let mut against = match args.against.as_str() {
        "journal" => Against::Journal(Answerers::of(&database)),
        other => Against::Model(Box::new(Blob::find(context, other).await?)),
    };
    let unwritten = |path: &Path| format!("{}: cannot be written", path.display());
    let mut sheet = match &args.output {
        Some(path) => Some(Sheet::create(path).with_context(|| unwritten(path))?),
        None => None,
    };
    let window = Window::new(args.since, args.until);
    let journal = Journal::new(database.connect().await?);
    let mut traffic = Traffic::open(&journal, window, args.limit).await?;
    let (mut replay, mut gaps) = (Replay::default(), Gaps::default());
    let progress = Context::progress();
    while let Some(requests) = traffic.page().await? {
        for request in &requests {
            for stone in &request.stones {
                let replayed = both(&model, &mut against, request, stone, &mut gaps).await?;
                let Some(replayed) = replayed else { continue };
                if let (Some(sheet), Some(path)) = (&mut sheet, &args.output) {
                    sheet.write(&replayed).with_context(|| unwritten(path))?;
                }
                replay.see(replayed);
            }
        }
        progress.step(0, 1, &format!("{} requests", traffic.tally().requests));
    }
    progress.finish();
    if let (Some(sheet), Some(path)) = (sheet, &args.output) {
        sheet.finish().with_context(|| unwritten(path))?;
    }
    let (outcome, tally) = (replay.conclude(), traffic.tally());
    let mut document = outcome.to_json();
    document["model"] = model.to_json();
    document["against"] = against.to_json();
    document["window"] = window.to_json();
    document["traffic"] = json!(tally);
    document["answers"] = json!(gaps);
    document["file"] = json!(args.output);
    context.print(&document, || describe(&model, &against, window, &outcome, tally, gaps))
}

/// A stone with both prices; `None` and a gap where one of them is not to be had.
async fn both(
    model: &Blob,
    against: &mut Against<'_>,
    request: &AnsweredRequest,
    stone: &PricedStone,
    gaps: &mut Gaps,
) -> Result<Option<Replayed>> {
    let (before, before_by) = match against {
        Against::Model(blob) => {
            (replay::answer(&blob.predictor, &stone.diamond), Some(blob.id().as_str().to_owned()))
        }
        Against::Journal(answerers) => {
            let by = request.model_id.as_deref();
            let before = match stone.answer {
                Some(answer) => Some(answer),
                None => {
                    let answer = answerers.answer(by, &stone.diamond).await?;
                    gaps.recomputed += u64::from(answer.is_some());
                    gaps.unanswered += u64::from(answer.is_none());
                    if answer.is_none() {
                        return Ok(None);
                    }
                    answer
                }
            };
            (before, request.model_id.clone())
        }
    };
    let after = replay::answer(&model.predictor, &stone.diamond);
    let Some((before, after)) = before.zip(after) else {
        gaps.without_price += 1;
        return Ok(None);
    };
    Ok(Some(Replayed {
        request_id: request.id.clone(),
        received_at: request.received_at.clone(),
        place: stone.place,
        diamond: stone.diamond,
        before_by,
        before,
        after,
    }))
}

impl Against<'_> {
    fn to_json(&self) -> Value {
        match self {
            Against::Journal(_) => json!("journal"),
            Against::Model(blob) => blob.to_json(),
        }
    }
}

fn describe(
    model: &Blob,
    against: &Against<'_>,
    window: Window,
    outcome: &Outcome,
    tally: Tally,
    gaps: Gaps,
) -> String {
    let name = |blob: &Blob| format!("{} {}", blob.predictor.header().family, blob.id());
    let beside = match against {
        Against::Journal(_) => String::from("what was answered"),
        Against::Model(blob) => name(blob),
    };
    let mut lines = vec![format!(
        "{} stones of {} requests, {window}: {} beside {beside}",
        outcome.all.stones,
        tally.priced,
        name(model)
    )];
    if outcome.all.stones > 0 {
        lines.push(segments(outcome));
    }
    if !outcome.largest.is_empty() {
        lines.push(String::from("the largest changes"));
        lines.push(largest(outcome));
    }
    for (code, appeared, vanished) in &outcome.warnings {
        if appeared + vanished > 0 {
            let name = code.replace('_', " ");
            lines.push(format!(
                "warning {name}: appears on {appeared} stones, vanishes from {vanished}"
            ));
        }
    }
    let gaps = [
        (gaps.recomputed, "answers that the journal does not hold, computed once more"),
        (
            gaps.unanswered,
            "left out, for the journal holds no answer and the model that gave it is gone",
        ),
        (gaps.without_price, "left out, for a model has no price for them"),
    ];
    let gaps = gaps.into_iter().filter(|(count, _)| *count > 0);
    lines.extend(gaps.map(|(count, what)| format!("{what}: {count}")));
    lines.extend(tally.left_out());
    lines.join("\n")
}

fn segments(outcome: &Outcome) -> String {
    let mut table = table(&[
        "stones", "n", "changed", "mean $", "median $", "mean %", "median %", "> 5 %", "> 10 %",
    ]);
    table.add_row(row("all", &outcome.all));
    for segment in &outcome.segments {
        table.add_row(row(&format!("{} {}", segment.by, segment.value), &segment.change));
    }
    table.to_string()
}

fn row(name: &str, change: &Change) -> Vec<String> {
    let figure = |figure: Option<f64>| {
        figure.map_or_else(|| String::from("-"), |figure| format!("{figure:+.2}"))
    };
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    vec![
        name.to_owned(),
        change.stones.to_string(),
        change.changed.to_string(),
        figure(change.mean_usd),
        figure(change.median_usd),
        figure(change.mean_percent),
        figure(change.median_percent),
        percent(change.by_more_than_5_percent),
        percent(change.by_more_than_10_percent),
    ]
}

fn largest(outcome: &Outcome) -> String {
    let mut table = table(&["request", "stone", "before", "after", "change $", "change %"]);
    for stone in &outcome.largest {
        let diamond = &stone.diamond;
        table.add_row(vec![
            format!("{} [{}]", stone.request_id, stone.place),
            format!(
                "{} {} {} {}",
                diamond.carat.carats(),
                diamond.cut,
                diamond.color,
                diamond.clarity
            ),
            format!("{:.2}", stone.before.price_usd),
            format!("{:.2}", stone.after.price_usd),
            format!("{:+.2}", stone.change_usd()),
            format!("{:+.1}", stone.change_percent()),
        ]);
    }
    table.to_string()
}
