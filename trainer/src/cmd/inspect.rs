//! `trainer inspect`: shows what a blob holds.

use anyhow::Result;
use comfy_table::Table;
use inference::blob::Origin;
use inference::domain::{DESCRIBED, PROPERTIES};
use inference::interval::{Bounds, ByMeasures, Scale};
use inference::{ConformalTable, Cut, Domain, Encoder, Form, MeasureImputer, PredictionInterval};
use serde_json::{Value, json};

use super::model::Blob;
use super::{Context, bytes_per_node, table};
use data::stone::hex;

pub(super) async fn run(context: &Context, model: &str) -> Result<()> {
    let blob = Blob::find(context, model).await?;
    let document = describe(&blob);
    context.print(&document, || {
        let fields = document.as_object().into_iter().flatten();
        let fields = fields.filter(|(name, _)| *name != "interval");
        let mut lines: Vec<String> =
            fields.map(|(name, value)| format!("{name:<15} {value}")).collect();
        lines.extend(blob.predictor.header().interval.as_ref().map(reaches));
        lines.join("\n")
    })
}

fn describe(blob: &Blob) -> Value {
    let header = blob.predictor.header();
    let (bytes, nodes) = (blob.bytes.len(), blob.predictor.nodes());
    let leaves = match blob.predictor.form() {
        Form::Linear(_) => None,
        Form::Trees(trees) if trees.is_whole() => Some("quantised"),
        Form::Trees(_) => Some("exact"),
    };
    let interval = header.interval.as_ref().map(|interval| {
        json!({
            "confidence": interval.confidence,
            "without_list": by_measures(&interval.without_list),
            "in_list": interval.in_list.as_ref().map(by_measures),
        })
    });
    json!({
        "format": format(&blob.bytes),
        "id": blob.id().as_str(),
        "family": header.family,
        "link": header.link.as_str(),
        "features": header.features,
        "nodes": nodes,
        "leaves": leaves,
        "bytes": bytes,
        "bytes_per_node": bytes_per_node(bytes as u64, nodes as u64),
        "sha256": blob.sha256(),
        "prices_in": header.prices_in,
        "price_lists": blob.predictor.price_lists(),
        "encoder": encoder(&header.encoder),
        "interval": interval,
        "domain": header.domain.as_ref().map(domain),
        "scores": header.scores,
        "origin": origin(&header.origin),
    })
}

/// Where the model comes from; `null` for one that was trained elsewhere.
fn origin(origin: &Origin) -> Value {
    if *origin == Origin::default() {
        return Value::Null;
    }
    json!({
        "dataset_sha256": hex(&origin.dataset_sha256),
        "split_sha256": hex(&origin.split_sha256),
        "seed": origin.seed,
    })
}

/// The format that the envelope names: two bytes after the eight of the magic. The blob was decoded before, so
/// they are there.
fn format(bytes: &[u8]) -> Option<u16> {
    bytes.get(8..10)?.try_into().ok().map(u16::from_le_bytes)
}

fn encoder(encoder: &Encoder) -> Value {
    match encoder.imputer() {
        None => json!({ "missing": "kept" }),
        Some(MeasureImputer { depth_percent, table_percent, width_mm }) => json!({
            "missing": "estimated",
            "sees": encoder.names(),
            "cuts": Cut::NAMES,
            "depth_percent": depth_percent,
            "table_percent": table_percent,
            "width_mm_of_one_carat": width_mm,
        }),
    }
}

fn by_measures(ByMeasures { measured, unmeasured }: &ByMeasures) -> Value {
    json!({ "measured": spread(measured), "unmeasured": spread(unmeasured) })
}

/// The groups that stones can fall into, each from where it begins; `null` where it begins at nothing.
fn spread(spread: &ConformalTable) -> Value {
    let unit = match spread.scale {
        Scale::Factor => "factor",
        Scale::Dollars => "dollars",
    };
    let mut groups = Vec::new();
    for (by_carat, carat) in begins(&spread.carat_edges) {
        for (by_price, price) in begins(&spread.price_edges_usd[by_carat]) {
            let Bounds { low, high } = spread.bounds[by_carat][by_price];
            groups.push(json!({ "carat": carat, "price": price, "low": low, "high": high }));
        }
    }
    json!({ "unit": unit, "groups": groups })
}

/// The groups that a value can fall into, with where they begin. One that begins where the next one does has no values.
fn begins(edges: &[f32]) -> impl Iterator<Item = (usize, Option<f32>)> {
    let edge = |at: usize| edges.get(at).map_or(f32::INFINITY, |edge| *edge);
    let begin = move |group: usize| group.checked_sub(1).map_or(f32::MIN, edge);
    (0..=edges.len())
        .filter(move |group| begin(*group) < edge(*group))
        .map(move |group| (group, Some(begin(group)).filter(|begin| *begin > f32::MIN)))
}

/// The reaches as people read them: a line for each group by weight, a column for each group by price.
fn reaches(interval: &PredictionInterval) -> String {
    let mut text = format!("the range holds {} of the true prices", interval.confidence);
    let PredictionInterval { without_list, in_list, .. } = interval;
    let kinds = match in_list {
        None => vec![("", without_list)],
        Some(in_list) => vec![(", without a price list", without_list), (", in a list", in_list)],
    };
    for (kind, ByMeasures { measured, unmeasured }) in kinds {
        text = format!("{text}\n{}", reach(&format!("measured{kind}"), measured));
        text = format!("{text}\n{}", reach(&format!("not all measured{kind}"), unmeasured));
    }
    text
}

fn reach(stones: &str, spread: &ConformalTable) -> Table {
    let shown = |Bounds { low, high }: Bounds| match spread.scale {
        Scale::Factor => format!("{:+.1} {:+.1} %", (low - 1.0) * 100.0, (high - 1.0) * 100.0),
        Scale::Dollars => format!("{low:+.0} {high:+.0} $"),
    };
    let mut table = table(&[stones, "reach, by the estimated price in $"]);
    for (by_carat, carat) in begins(&spread.carat_edges) {
        let cell = |(by_price, usd): (usize, Option<f32>)| {
            let from = usd.map_or_else(String::new, |usd| format!("from {usd:.0}: "));
            from + &shown(spread.bounds[by_carat][by_price])
        };
        let weight =
            carat.map_or_else(|| String::from("lighter"), |carat| format!("from {carat} carats"));
        let cells = begins(&spread.price_edges_usd[by_carat]).map(cell);
        table.add_row(std::iter::once(weight).chain(cells));
    }
    table
}

fn domain(domain: &Domain) -> Value {
    let names = PROPERTIES.map(|property| property.name);
    let mut ranges = named(&names, &domain.properties);
    ranges["price"] = json!(domain.price_usd);
    ranges["rare_grades"] = json!({
        "fewer_than": domain.rare_grades.fewer_than(),
        "combinations": domain.rare_grades.count(),
    });
    ranges["mm3_of_one_carat"] = json!(domain.size.volume_mm3);
    let sides = &names[DESCRIBED - domain.size.sides_mm.len()..];
    ranges["mm_of_one_carat"] = named(sides, &domain.size.sides_mm);
    ranges
}

/// Ranges by name.
fn named(names: &[&str], ranges: &[[f64; 2]]) -> Value {
    names.iter().zip(ranges).map(|(name, range)| ((*name).to_owned(), json!(range))).collect()
}
