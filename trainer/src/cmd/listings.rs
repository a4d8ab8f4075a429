//! `trainer data listings`: stones that are listed more than once, and what a model makes of it.

use std::collections::HashSet;

use anyhow::Result;
use inference::{Diamond, Predictor};
use serde::Serialize;
use serde_json::json;

use super::model::Blob;
use super::train::read;
use super::{Context, table};
use crate::cli::DataListingsArgs;
use data::dataset::Dataset;
use data::list_rule::ListRule;
use data::listings::{Listings, Pair, held_out_twins};
use data::split::Split;
use data::stone::Stone;
use learning::coverage::{Coverage, Part};
use learning::evaluate::View;
use learning::statistics::{mean, quantile};
use registry::database::Database;
use registry::store;

/// Where the groups of pairs begin, by the first price in dollars.
const GROUPS_USD: [f64; 7] = [0.0, 880.0, 1_000.0, 1_600.0, 2_500.0, 4_000.0, 8_000.0];

/// Below this price the range of a model is asked for by itself, in dollars.
const CHEAP_USD: f64 = 800.0;

/// The seed of `trainer train`.
const SEED: u64 = 42;

/// The ratio of the second price to the first, where the first is in a range.
#[derive(Serialize)]
struct Group {
    from_usd: f64,
    pairs: usize,
    p10: Option<f64>,
    median: Option<f64>,
    p90: Option<f64>,
}

/// What a model makes of turned stones, and of the listings of held-out pairs.
#[derive(Serialize)]
struct Effect {
    model: String,
    mean_change_percent: Option<f64>,
    median_change_percent: Option<f64>,
    p95_change_percent: Option<f64>,
    ranges: Vec<Ranges>,
}

/// What the ranges of a model hold of the listings of held-out pairs.
#[derive(Serialize)]
struct Ranges {
    /// Whether the model was told the price list of each.
    is_list_known: bool,
    listings: usize,
    held: f64,
    held_below_800: Option<f64>,
    by_price_fifth: Vec<Part>,
    by_carat_fifth: Vec<Part>,
}

pub(super) async fn run(context: &Context, args: &DataListingsArgs) -> Result<()> {
    let dataset = match &args.data {
        Some(file) => read(file, &[], ListRule::AsStated, &Context::progress())?,
        None => {
            let connection = Database::open(&context.place).await?.connect().await?;
            store::load(&connection, context.place.to_string()).await?
        }
    };
    let blob = match &args.model {
        Some(model) => Some(Blob::find(context, model).await?),
        None => None,
    };
    let listings = Listings::of(dataset.stones());
    let split = Split::seeded(&dataset, SEED).ok();
    let effect = blob.map(|blob| Effect::of(&blob, &dataset, split.as_ref(), &listings.pairs));
    let groups = groups(&listings.pairs);
    let turned = listings.pairs.iter().filter(|pair| pair.is_turned()).count();
    let of_two_lists = listings.pairs.iter().filter(|pair| pair.is_of_two_lists()).count();
    let cuts_differ = listings.pairs.iter().filter(|pair| pair.cuts_differ()).count();
    let twins = split.as_ref().map(held_out_twins);
    let document = json!({
        "source": dataset.source,
        "measured": listings.measured,
        "repeated": listings.repeated,
        "repeated_by_chance": listings.repeated_by_chance,
        "pairs": listings.pairs.len(),
        "turned": turned,
        "of_two_lists": of_two_lists,
        "cuts_differ": cuts_differ,
        "held_out_twins": twins,
        "price_ratios": groups,
        "effect": effect,
    });
    context.print(&document, || {
        let Listings { measured, repeated, repeated_by_chance, pairs } = &listings;
        let mut text = format!(
            "{measured} rows with measures; {repeated} share carat, color, clarity, diameters, depth in mm and table with another\n\
             (by chance, with depths shuffled among rows of equal carat, color and clarity: {repeated_by_chance})\n\
             {} stones have two listings; in {turned} of them one has x < y and the other x > y; in {cuts_differ} the cuts differ; {of_two_lists} are of two price lists\n",
            pairs.len(),
        );
        if let Some(twins) = twins {
            text += &format!("{twins} held-out rows have another listing among the rows that train\n");
        }
        let mut ratios = table(&["first price from", "pairs", "10 %", "median ratio", "90 %"]);
        for Group { from_usd, pairs, p10, median, p90 } in &groups {
            let ratio = |ratio: &Option<f64>| ratio.map_or_else(String::new, |it| format!("{it:.3}"));
            ratios.add_row([
                format!("{from_usd}"),
                pairs.to_string(),
                ratio(p10),
                ratio(median),
                ratio(p90),
            ]);
        }
        text += &format!("\nPrice in the second list (x > y where no list is known) divided by the price in the first:\n{ratios}");
        effect.as_ref().map_or(text.clone(), |effect| text + "\n\n" + &effect.to_text())
    })
}

/// The pairs of two lists by their first price.
fn groups(pairs: &[Pair<'_>]) -> Vec<Group> {
    let ends = GROUPS_USD.into_iter().skip(1).chain([f64::INFINITY]);
    let group = |(from_usd, to_usd)| {
        let is_in = |pair: &&Pair<'_>| (from_usd..to_usd).contains(&pair.first.price.usd());
        let of_two_lists = pairs.iter().filter(|pair| pair.is_of_two_lists()).filter(is_in);
        let ratios = sorted(of_two_lists.map(Pair::price_ratio).collect());
        let [p10, median, p90] = [0.1, 0.5, 0.9].map(|share| quantile(&ratios, share));
        Group { from_usd, pairs: ratios.len(), p10, median, p90 }
    };
    GROUPS_USD.into_iter().zip(ends).map(group).collect()
}

impl Effect {
    fn of(blob: &Blob, dataset: &Dataset, split: Option<&Split<'_>>, pairs: &[Pair<'_>]) -> Effect {
        let model = &blob.predictor;
        let measured = dataset.stones().filter(|stone| stone.is_measured());
        let changes = sorted(measured.map(|stone| change_percent(model, &stone.diamond)).collect());
        let held_out: HashSet<[u8; 16]> = split
            .iter()
            .flat_map(|split| &split.holdout)
            .map(|stone| stone.identity.stone())
            .collect();
        let both: Vec<&Stone> = pairs
            .iter()
            .filter(|pair| held_out.contains(&pair.first.identity.stone()))
            .flat_map(|pair| [pair.first, pair.second])
            .collect();
        let views = [View::Measured, View::MeasuredWithoutList];
        Effect {
            model: blob.id().to_string(),
            mean_change_percent: mean(&changes),
            median_change_percent: quantile(&changes, 0.5),
            p95_change_percent: quantile(&changes, 0.95),
            ranges: views.into_iter().filter_map(|view| Ranges::of(model, &both, view)).collect(),
        }
    }

    fn to_text(&self) -> String {
        let percent = |number: Option<f64>| {
            number.map_or_else(|| String::from("unknown"), |it| format!("{it:.1} %"))
        };
        let mut text = format!(
            "{}: exchanging x and y changes the price by {} on average (median {}, 95th percentile {})",
            self.model,
            percent(self.mean_change_percent),
            percent(self.median_change_percent),
            percent(self.p95_change_percent),
        );
        for ranges in &self.ranges {
            text += "\n";
            text += &ranges.to_text();
        }
        text
    }
}

impl Ranges {
    /// `None` without a listing, or where the model gives no ranges.
    fn of(model: &Predictor, listings: &[&Stone], view: View) -> Option<Ranges> {
        let Coverage { all, by_price_fifth, by_carat_fifth } = Coverage::of(model, listings, view)?;
        let cheap: Vec<&Stone> =
            listings.iter().copied().filter(|stone| stone.price.usd() < CHEAP_USD).collect();
        Some(Ranges {
            is_list_known: view == View::Measured,
            listings: listings.len(),
            held: all.coverage,
            held_below_800: Coverage::of(model, &cheap, view).map(|held| held.all.coverage),
            by_price_fifth,
            by_carat_fifth,
        })
    }

    fn to_text(&self) -> String {
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        let fifths = |parts: &[Part]| {
            let shares: Vec<String> = parts.iter().map(|part| percent(part.coverage)).collect();
            shares.join(", ")
        };
        format!(
            "with the price list {}, its ranges hold {} of the {} listings of held-out pairs, {} below {CHEAP_USD} dollars;\n  \
             by fifths of price {}; by fifths of carat {}",
            if self.is_list_known { "known" } else { "not known" },
            percent(self.held),
            self.listings,
            self.held_below_800.map_or_else(|| String::from("an unknown share"), percent),
            fifths(&self.by_price_fifth),
            fifths(&self.by_carat_fifth),
        )
    }
}

/// By how many percent a price changes when x and y are exchanged.
fn change_percent(model: &Predictor, diamond: &Diamond) -> f64 {
    let mut turned = *diamond;
    std::mem::swap(&mut turned.measures.x, &mut turned.measures.y);
    let price_usd = model.price_usd(diamond);
    100.0 * (model.price_usd(&turned) / price_usd - 1.0).abs()
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers
}
