//! Draws the drift of requests from the training data.

use super::axis::{Axis, middles};
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Ink, Mark, Plot};
use learning::number::{moment, percent, plain, signed_percent};
use learning::statistics::share;
use monitoring::drift::{Drift, DriftLevel, FEWEST, FeatureDrift, Grade, Values};

pub(super) fn section(drift: &Drift) -> Findings {
    let window = drift.window;
    let [since, until] = [window.since, window.until].map(|end| moment(&end.to_string()));
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
        figures.push(index(drift));
        let farthest = drift.features.iter().filter(|feature| is_told(feature));
        let farthest = farthest.max_by(|one, other| one.psi.total_cmp(&other.psi));
        figures.extend(farthest.map(distribution));
    }
    (finding, figures)
}

fn is_told(feature: &FeatureDrift) -> bool {
    feature.verdict != DriftLevel::TooFew
}

fn index(drift: &Drift) -> Figure {
    let limits = |FeatureDrift { limits, .. }: &FeatureDrift| {
        let limits = [limits.shifted_above, limits.drifted_above];
        limits.map(|limit| Some(limit).filter(|limit| limit.is_finite()))
    };
    let mut marks = Vec::new();
    let mut most: f64 = 0.3;
    for (row, feature) in middles().zip(&drift.features) {
        if !is_told(feature) {
            marks.push(Mark::Words((0.0, row), "too few requests give it".into()));
            continue;
        }
        let FeatureDrift { psi, verdict, .. } = feature;
        marks.push(Mark::bar(row, *psi, if *verdict == DriftLevel::Calm { 0.45 } else { 0.95 }));
        for limit in limits(feature).into_iter().flatten() {
            let ends = vec![(limit, row - 0.4), (limit, row + 0.4)];
            marks.push(Mark::line(ends, Ink::Text, 1.0));
            most = most.max(limit * 1.1);
        }
        // One feature far away must not press the others to the edge; its number says how far.
        most = most.max(psi.min(2.0) * 1.2);
        let at = psi.min(2.0).max(feature.limits.drifted_above.min(2.0));
        marks.push(Mark::Words((at, row), plain(*psi, 3)));
    }
    let rows = drift.features.iter().map(|feature| {
        let [shifted, drifted] = limits(feature)
            .map(|limit| limit.map_or_else(Cell::none, |limit| Cell::number(limit, 3)));
        [
            Cell::text(feature.name),
            Cell::new(feature.given.to_string(), feature.given),
            if is_told(feature) { Cell::number(feature.psi, 3) } else { Cell::none() },
            shifted,
            drifted,
            Cell::text(feature.verdict.name().replace('_', " ")),
        ]
    });
    let names = drift.features.iter().map(|feature| feature.name.to_owned()).collect();
    let columns = ["feature", "given", "PSI", "shifted above", "drifted above", "verdict"];
    Figure {
        title: "How far requests are from the training stones".into(),
        reading: "The population stability index of each feature, which is 0 where requests are as the training stones were. Of the two thin lines \
                  in each row a bar beyond the first is a shift, beyond the second a drift; chance reaches them once in a thousand times at most."
            .into(),
        plot: Plot::list(Axis::number("population stability index", 0.0, most, 2), names, marks),
        sheet: Sheet::new(columns, rows),
    }
}

/// Training stones and requests by the values of a feature.
fn distribution(feature: &FeatureDrift) -> Figure {
    let rows: Vec<(String, [u64; 2])> = match &feature.values {
        Values::Grades { grades } => {
            let row = |grade: &Grade| (grade.grade.clone(), [grade.training, grade.requests]);
            grades.iter().map(row).collect()
        }
        Values::Numbers { bins, .. } => {
            let up_to = |up_to| format!("to {}", plain(up_to, 2));
            let name = |end: Option<f64>| end.map_or_else(|| String::from("above"), up_to);
            bins.iter().map(|bin| (name(bin.up_to), [bin.training, bin.requests])).collect()
        }
    };
    let all = [0, 1].map(|side| rows.iter().map(|(_, counts)| counts[side]).sum::<u64>());
    let shares = |counts: &[u64; 2]| [0, 1].map(|side| share(size(counts[side]), size(all[side])));
    let most = rows.iter().flat_map(|(_, counts)| shares(counts)).fold(0.0, f64::max);
    let mark = |(row, (_, counts)): (f64, &(String, [u64; 2]))| {
        let [training, requests] = shares(counts);
        let (upper, lower) = ((row - 0.34, row - 0.02), (row + 0.02, row + 0.34));
        [
            Mark::area((0.0, training), upper, Ink::Muted, 0.5),
            Mark::area((0.0, requests), lower, Ink::Accent, 0.9),
        ]
    };
    let marks = middles().zip(&rows).flat_map(mark).collect();
    let cells = rows.iter().map(|(name, counts)| {
        let [training, requests] = counts.map(Cell::count);
        let [of_training, of_requests] = shares(counts).map(Cell::percent);
        [Cell::text(name.clone()), training, requests, of_training, of_requests]
    });
    let names = rows.iter().map(|(name, _)| name.clone()).collect();
    let columns = ["value", "training stones", "requests", "of training", "of requests"];
    Figure {
        title: format!("Requests and training stones by {}", feature.name),
        reading: "The feature that is farthest off. In each row the grey bar is the share of the training stones, the coloured one that of the \
                  requests. Numbers are in ten groups of about as many training stones each."
            .into(),
        plot: Plot::list(Axis::percent("share", 0.0, most), names, marks),
        sheet: Sheet::new(columns, cells),
    }
}

fn size(stones: u64) -> usize {
    usize::try_from(stones).unwrap_or(usize::MAX)
}
