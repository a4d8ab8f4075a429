//! Summarises price changes by kind of stone.

use inference::{Clarity, Color, Cut, Features};
use serde::Serialize;

use super::{Change, Replayed};

/// Groups of weights, of about as many stones each.
const FIFTHS: usize = 5;

/// Which of the measures came with a stone.
const MEASURES: &[&str] = &["none", "some", "all"];

/// What of a stone is kept: enough for every summary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    pub(super) change: [f32; 2],
    carat: f32,
    /// The places of its cut, color, clarity and measures among their names.
    kinds: [u8; 4],
}

/// The changes of one kind of stone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Segment {
    /// What the stones have in common: a feature.
    pub by: &'static str,
    /// Its value.
    pub value: String,
    /// The change in the segment.
    #[serde(flatten)]
    pub change: Change,
}

impl Kept {
    #[expect(clippy::cast_possible_truncation, reason = "seven digits are enough for a summary")]
    pub(super) fn of(stone: &Replayed) -> Kept {
        let diamond = &stone.diamond;
        let measures = match Features::of(diamond).missing().count() {
            0 => 2,
            5 => 0,
            _ => 1,
        };
        let [cut, color, clarity] =
            [diamond.cut.ordinal(), diamond.color.ordinal(), diamond.clarity.ordinal()];
        Kept {
            change: [stone.change_usd() as f32, stone.change_percent() as f32],
            carat: diamond.carat.carats() as f32,
            kinds: [cut, color, clarity, measures],
        }
    }
}

/// Every kind of which there is a stone: by cut, color, clarity, fifth of the weights and measures.
pub(super) fn of(stones: &[Kept]) -> Vec<Segment> {
    let segment = |by, value: String, is_in: &dyn Fn(&Kept) -> bool| {
        let within = stones.iter().filter(|stone| is_in(stone));
        let change = Change::of(within.map(|stone| stone.change));
        (change.stones > 0).then_some(Segment { by, value, change })
    };
    let by_kind = |at: usize, by, names: &[&str]| -> Vec<Segment> {
        let kinds = (0..).zip(names);
        let of = |(kind, name): (u8, &&str)| {
            segment(by, (*name).to_owned(), &|stone| stone.kinds[at] == kind)
        };
        kinds.filter_map(of).collect()
    };
    let by_carat = fifths(stones).into_iter().filter_map(|[from, to]| {
        let value = format!("{from:.2} to {to:.2}");
        segment("carat", value, &|stone| (from..=to).contains(&stone.carat))
    });
    [
        by_kind(0, "cut", Cut::NAMES),
        by_kind(1, "color", Color::NAMES),
        by_kind(2, "clarity", Clarity::NAMES),
        by_carat.collect(),
        by_kind(3, "measures", MEASURES),
    ]
    .concat()
}

/// The lightest and the heaviest stone of each fifth of the weights. Stones of one weight are in one fifth, so there may be
/// fewer than five.
fn fifths(stones: &[Kept]) -> Vec<[f32; 2]> {
    let mut carats: Vec<f32> = stones.iter().map(|stone| stone.carat).collect();
    carats.sort_unstable_by(f32::total_cmp);
    let (mut fifths, mut from) = (Vec::new(), 0);
    for fifth in 1..=FIFTHS {
        let last = (fifth * carats.len()).div_ceil(FIFTHS).saturating_sub(1);
        let Some(to) = carats.get(last).copied() else { break };
        let end = carats.partition_point(|carat| *carat <= to);
        if let Some(lightest) = carats.get(from).filter(|_| end > from) {
            fifths.push([*lightest, to]);
            from = end;
        }
    }
    fifths
}
