//! Draws the drift of requests from the training data.

use super::axis::Axis;
use super::figure::{Cell, Figure, Section, Sheet};
use super::plot::{Ink, Mark, Plot, PlotError};
use learning::number::{moment, percent, plain, signed_percent};
use monitoring::drift::{Drift, DriftLevel, FEWEST, FeatureDrift, Values};

pub(super) fn section(drift: &Drift) -> Result<Section, PlotError> {
    let told = |feature: &&FeatureDrift| feature.verdict != DriftLevel::TooFew;
    let window = drift.window.to_json();
    let [since, until] =
        ["since", "until"].map(|end| moment(window[end].as_str().unwrap_or_default()));
    let mut finding = format!("Requests from {since} to {until}: {}.", drift.sentence());
    let mut figures = Vec::new();
    if drift.tally.stones >= FEWEST {
        finding += &format!(
            " {} of the stones were unlike the training stones, where {} of those are. Stones of a weight are priced {} against those \
             of training.",
            percent(drift.out_of_domain.requests, 1),
            percent(drift.out_of_domain.training, 1),
            signed_percent(drift.price_level.ratio - 1.0, 1),
        );
        figures.push(index(drift)?);
        let by_index = |one: &&FeatureDrift, other: &&FeatureDrift| one.psi.total_cmp(&other.psi);
        if let Some(farthest) = drift.features.iter().filter(told).max_by(by_index) {
            figures.push(distribution(farthest)?);
        }
    }
    Ok(Section { name: "drift", title: "Drift", finding, figures })
}

fn index(drift: &Drift) -> Result<Figure, PlotError> {
    let names: Vec<String> = drift.features.iter().map(|feature| feature.name.to_owned()).collect();
    let finite = |limit: f64| Some(limit).filter(|limit| limit.is_finite());
    let mut marks = Vec::new();
    let mut sheet =
        Sheet::new(&["feature", "given", "PSI", "shifted above", "drifted above", "verdict"]);
    let mut most: f64 = 0.3;
    for (row, feature) in (0_u32..).map(f64::from).zip(&drift.features) {
        let FeatureDrift { name, given, psi, limits, verdict, .. } = feature;
        let limit =
            |limit: f64| finite(limit).map_or_else(Cell::none, |limit| Cell::number(limit, 3));
        let is_told = *verdict != DriftLevel::TooFew;
        sheet.add([
            Cell::text(*name),
            Cell::new(given.to_string(), *given),
            if is_told { Cell::number(*psi, 3) } else { Cell::none() },
            limit(limits[0]),
            limit(limits[1]),
            Cell::text(verdict.name().replace('_', " ")),
        ]);
        if !is_told {
            let text = String::from("too few requests give it");
            marks.push(Mark::Words { at: (0.0, row + 0.5), text, ink: Ink::Muted });
            continue;
        }
        let opacity = if *verdict == DriftLevel::Calm { 0.45 } else { 0.95 };
        let y = (row + 0.2, row + 0.8);
        marks.push(Mark::Area { x: (0.0, *psi), y, ink: Ink::Accent, opacity });
        for limit in limits.iter().copied().filter_map(finite) {
            let points = vec![(limit, row + 0.1), (limit, row + 0.9)];
            marks.push(Mark::Line { points, ink: Ink::Text, width: 1.0 });
            most = most.max(limit * 1.1);
        }
        // One feature far away must not press the others to the edge; its number says how far.
        most = most.max(psi.min(2.0) * 1.2);
        let text = plain(*psi, 3);
        marks.push(Mark::Words {
            at: (psi.min(2.0).max(limits[1].min(2.0)), row + 0.5),
            text,
            ink: Ink::Muted,
        });
    }
    Figure::new(
        "How far requests are from the training stones",
        "The population stability index of each feature, which is 0 where requests are as the training stones were. Of the two thin lines \
         in each row a bar beyond the first is a shift, beyond the second a drift; chance reaches them once in a thousand times at most.",
        &Plot::list(Axis::number("population stability index", 0.0, most, 2), &names, marks),
        sheet,
    )
}

/// Training stones and requests by the values of a feature.
fn distribution(feature: &FeatureDrift) -> Result<Figure, PlotError> {
    let rows: Vec<(String, [u64; 2])> = match &feature.values {
        Values::Grades(grades) => {
            grades.iter().map(|(grade, counts)| ((*grade).to_owned(), *counts)).collect()
        }
        Values::Numbers { bins, .. } => bins
            .iter()
            .map(|bin| {
                let end = bin.up_to.map_or_else(
                    || String::from("above"),
                    |up_to| format!("to {}", plain(up_to, 2)),
                );
                (end, [bin.training, bin.requests])
            })
            .collect(),
    };
    let names: Vec<String> = rows.iter().map(|(name, _)| name.clone()).collect();
    let all = [0, 1].map(|side: usize| rows.iter().map(|(_, counts)| counts[side]).sum::<u64>());
    let share = |counts: &[u64; 2], side: usize| {
        learning::statistics::share(size(counts[side]), size(all[side]))
    };
    let shares = rows.iter().flat_map(|(_, counts)| [share(counts, 0), share(counts, 1)]);
    let most = shares.fold(0.0, f64::max);
    let mut marks = Vec::new();
    let mut sheet =
        Sheet::new(&["value", "training stones", "requests", "of training", "of requests"]);
    for (row, (name, counts)) in (0_u32..).map(f64::from).zip(&rows) {
        let [training, requests] = [share(counts, 0), share(counts, 1)];
        let upper = (row + 0.16, row + 0.48);
        let lower = (row + 0.52, row + 0.84);
        marks.push(Mark::Area { x: (0.0, training), y: upper, ink: Ink::Muted, opacity: 0.5 });
        marks.push(Mark::Area { x: (0.0, requests), y: lower, ink: Ink::Accent, opacity: 0.9 });
        sheet.add([
            Cell::text(name.clone()),
            Cell::count(size(counts[0])),
            Cell::count(size(counts[1])),
            Cell::percent(training),
            Cell::percent(requests),
        ]);
    }
    Figure::new(
        format!("Requests and training stones by {}", feature.name),
        "The feature that is farthest off. In each row the grey bar is the share of the training stones, the coloured one that of the \
         requests. Numbers are in ten groups of about as many training stones each.",
        &Plot::list(Axis::percent("share", 0.0, most), &names, marks),
        sheet,
    )
}

fn size(stones: u64) -> usize {
    usize::try_from(stones).unwrap_or(usize::MAX)
}
