//! The figures as tables and as JSON.

use std::fmt::Write;

use anyhow::Result;
use serde_json::{Value, json};

use super::measured::{Entry, Measured, Timings};
use crate::sizes::grouped;
use crate::target::Target;

/// A visitor on this machine.
const FIRST_PRICE: Target = Target::AtMost(500.0);
/// A frame, of sixty a second.
const STEP: Target = Target::AtMost(16.0);

pub(super) fn to_markdown(measured: &Measured) -> Result<String> {
    let mut text = String::new();
    writeln!(
        text,
        "Chromium {}; {} stones of nine numbers each, from JavaScript objects to dollars, by the same 400 trees, one thread; prices \
         differ by at most {:.1e}; medians of {} interleaved rounds, in the page's own thread's time; ratios are of the same round\n",
        measured.chromium,
        measured.stones,
        measured.difference,
        measured.rounds()
    )?;
    writeln!(text, "| | stones a second | times onnxruntime-web |\n|---|---:|---:|")?;
    for entry in Entry::ALL {
        let times = measured.times_peer(entry).map_or(String::new(), |it| format!("{it:.2}"));
        writeln!(text, "| {} | {:.0} | {times} |", entry.name(), measured.per_second(entry))?;
    }
    writeln!(
        text,
        "\n| to the first price, nothing cached | ms | scripts, gzip -9 | wasm | model | all |\n|---|---:|---:|---:|---:|---:|"
    )?;
    for start in &measured.starts {
        let [scripts, wasm, model] =
            [start.bytes.scripts, start.bytes.wasm, start.bytes.model].map(grouped);
        let (ms, all) = (start.ms(), grouped(start.bytes.sum()));
        writeln!(text, "| {} | {ms:.0} | {scripts} | {wasm} | {model} | {all} |", start.name)?;
    }
    writeln!(
        text,
        "\n| the page at / | times | median ms | p95 | its thread's own | p95 | not in the next frame |\n|---|---:|---:|---:|---:|---:|---:|"
    )?;
    for (name, timings) in timings(measured) {
        let late = timings.late().map_or(String::new(), |late| late.to_string());
        writeln!(
            text,
            "| {name} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {late} |",
            timings.len(),
            timings.ms(50),
            timings.ms(95),
            timings.thread_ms(50),
            timings.thread_ms(95)
        )?;
    }
    writeln!(text, "\n| | ms | target |\n|---|---:|---|")?;
    for (name, value, target) in goals(measured) {
        writeln!(text, "| {name} | {value:.1} | {} |", target.to_text(value))?;
    }
    Ok(text)
}

pub(super) fn to_json(measured: &Measured) -> Value {
    let speeds = Entry::ALL.map(|entry| {
        json!({
            "name": entry.name(),
            "per_second": measured.per_second(entry),
            "times_onnxruntime_web": measured.times_peer(entry),
        })
    });
    let starts = measured.starts.iter().map(|start| {
        let bytes = start.bytes;
        json!({
            "name": start.name,
            "ms": start.ms(),
            "gzip_bytes": { "scripts": bytes.scripts, "wasm": bytes.wasm, "model": bytes.model },
        })
    });
    let page = timings(measured).into_iter().map(|(name, timings)| {
        json!({
            "name": name,
            "times": timings.len(),
            "p50_ms": timings.ms(50),
            "p95_ms": timings.ms(95),
            "thread_p50_ms": timings.thread_ms(50),
            "thread_p95_ms": timings.thread_ms(95),
            "not_in_the_next_frame": timings.late(),
        })
    });
    let goals = goals(measured).into_iter().map(|(name, value, target)| {
        json!({
            "name": name,
            "value": value,
            "target": target.bound(),
            "reached": target.is_reached(value),
        })
    });
    json!({
        "chromium": measured.chromium,
        "stones": measured.stones,
        "largest_difference": measured.difference,
        "rounds": measured.rounds(),
        "speeds": speeds,
        "starts": starts.collect::<Vec<_>>(),
        "page": page.collect::<Vec<_>>(),
        "goals": goals.collect::<Vec<_>>(),
    })
}

fn first_prices(measured: &Measured) -> [(&'static str, &Timings); 2] {
    let first = &measured.first_price;
    [
        ("first price painted, nothing cached", &first.cold),
        ("first price painted, by the service worker", &first.warm),
    ]
}

/// From a key's event to the frame after it.
fn steps(measured: &Measured) -> impl Iterator<Item = (String, &Timings)> {
    measured.sliders.iter().map(|slider| (format!("slider step on {}", slider.page), &slider.steps))
}

fn timings(measured: &Measured) -> Vec<(String, &Timings)> {
    let first = first_prices(measured).map(|(name, timings)| (name.to_owned(), timings));
    first.into_iter().chain(steps(measured)).collect()
}

/// What is to be reached.
fn goals(measured: &Measured) -> Vec<(String, f64, Target)> {
    let first = first_prices(measured)
        .map(|(name, timings)| (format!("{name}, median"), timings.ms(50), FIRST_PRICE));
    let steps = steps(measured).flat_map(|(name, timings)| {
        [(50, "median"), (95, "p95")]
            .map(|(hundredths, word)| (format!("{name}, {word}"), timings.ms(hundredths), STEP))
    });
    first.into_iter().chain(steps).collect()
}
