//! Summarises price changes by kind of stone.

use inference::{Clarity, Color, Cut, Measures};

use super::{Change, Replayed};

/// Groups of weights, of about as many stones each.
const FIFTHS: usize = 5;

/// Which of the measures came with a stone.
const MEASURES: [&str; 3] = ["none", "some", "all"];

/// What of a stone is kept: enough for every summary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    change: [f32; 2],
    carat: f32,
    cut: u8,
    color: u8,
    clarity: u8,
    measures: u8,
}

/// The changes of one kind of stone.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// What the stones have in common: a feature.
    pub by: &'static str,
    /// Its value.
    pub value: String,
    /// The change in the segment.
    pub change: Change,
}

impl Kept {
    #[expect(clippy::cast_possible_truncation, reason = "seven digits are enough for a summary")]
    pub(super) fn of(stone: &Replayed) -> Kept {
        let diamond = &stone.diamond;
        Kept {
            change: [stone.change_usd() as f32, stone.change_percent() as f32],
            carat: diamond.carat.carats() as f32,
            cut: diamond.cut.ordinal(),
            color: diamond.color.ordinal(),
            clarity: diamond.clarity.ordinal(),
            measures: measures(&diamond.measures),
        }
    }

    pub(super) fn change(&self) -> [f32; 2] {
        self.change
    }
}

fn measures(measures: &Measures) -> u8 {
    let Measures { depth, table, x, y, z } = measures;
    let given = [depth.is_some(), table.is_some(), x.is_some(), y.is_some(), z.is_some()];
    match given.into_iter().filter(|given| *given).count() {
        0 => 0,
        5 => 2,
        _ => 1,
    }
}

/// Every kind of which there is a stone: by cut, color, clarity, fifth of the weights and measures.
pub(super) fn of(stones: &[Kept]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut add = |by: &'static str, value: String, is_in: &dyn Fn(&Kept) -> bool| {
        let change = Change::of(stones.iter().filter(|stone| is_in(stone)).map(Kept::change));
        if change.stones > 0 {
            segments.push(Segment { by, value, change });
        }
    };
    for (cut, name) in (0..).zip(Cut::NAMES) {
        add("cut", (*name).to_owned(), &|stone| stone.cut == cut);
    }
    for (color, name) in (0..).zip(Color::NAMES) {
        add("color", (*name).to_owned(), &|stone| stone.color == color);
    }
    for (clarity, name) in (0..).zip(Clarity::NAMES) {
        add("clarity", (*name).to_owned(), &|stone| stone.clarity == clarity);
    }
    for [from, to] in fifths(stones) {
        add("carat", format!("{from:.2} to {to:.2}"), &|stone| (from..=to).contains(&stone.carat));
    }
    for (measures, name) in (0..).zip(MEASURES) {
        add("measures", name.to_owned(), &|stone| stone.measures == measures);
    }
    segments
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
