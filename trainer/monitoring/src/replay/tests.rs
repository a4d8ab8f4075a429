use inference::{DiamondInput, FieldValue};

use super::*;

fn stone(carat: f64, cut: &'static str, before: f64, after: f64) -> Replayed {
    let input = DiamondInput {
        carat: FieldValue::Number(carat),
        cut: FieldValue::Text(cut),
        color: FieldValue::Text("G"),
        clarity: FieldValue::Text("VS1"),
        ..DiamondInput::default()
    };
    let answer = |price_usd| Answer { price_usd, warnings: Some(WarningKinds::default()) };
    Replayed {
        request_id: format!("{carat} {before}"),
        received_at: String::new(),
        place: 0,
        diamond: input.parse().unwrap(),
        before_by: None,
        before: answer(before),
        after: answer(after),
    }
}

fn outcome(stones: Vec<Replayed>) -> Outcome {
    let mut replay = Replay::default();
    stones.into_iter().for_each(|stone| replay.see(stone));
    replay.conclude()
}

#[test]
fn every_kind_of_stone_is_summed_up_by_itself() {
    let outcome = outcome(vec![
        stone(0.5, "Ideal", 1_000.0, 1_000.0),
        stone(1.0, "Ideal", 5_000.0, 5_200.0),
        stone(1.0, "Fair", 4_000.0, 3_000.0),
        stone(2.0, "Fair", 0.0, 12.0),
    ]);
    let found: Vec<(&str, &str, u64, f64)> = outcome
        .segments
        .iter()
        .map(|segment| {
            let Change { stones, by_more_than_10_percent, .. } = segment.change;
            (segment.by, segment.value.as_str(), stones, by_more_than_10_percent)
        })
        .collect();
    let expected = [
        ("cut", "Fair", 2, 1.0),
        ("cut", "Ideal", 2, 0.0),
        ("color", "G", 4, 0.5),
        ("clarity", "VS1", 4, 0.5),
        ("carat", "0.50 to 0.50", 1, 0.0),
        ("carat", "1.00 to 1.00", 2, 0.5),
        ("carat", "2.00 to 2.00", 1, 1.0),
        ("measures", "none", 4, 0.5),
    ];
    assert_eq!(found, expected);
    let all = outcome.all;
    assert_eq!(
        (all.changed, all.by_more_than_5_percent, all.by_more_than_10_percent),
        (3, 0.5, 0.5)
    );
}

#[test]
fn the_largest_changes_come_first_and_no_change_is_left_out() {
    let stones = (0..100).map(|at| stone(1.0, "Ideal", 1_000.0, 1_000.0 + f64::from(at % 25)));
    let largest = outcome(stones.collect()).largest;
    let found: Vec<f64> = largest.iter().map(Replayed::change_usd).collect();
    assert_eq!(found, [24.0, 24.0, 24.0, 24.0, 23.0, 23.0, 23.0, 23.0, 22.0, 22.0]);
    assert_eq!(outcome(vec![stone(1.0, "Ideal", 1.0, 1.0)]).largest, []);
}

const DEPTH: &str = "depth_contradicted";
const OUTSIDE: &str = "feature_outside";

#[test]
fn changed_warnings_are_counted_where_both_are_known() {
    let with = |before: Option<&str>, after: Option<&str>| {
        let mut stone = stone(1.0, "Ideal", 1.0, 1.0);
        stone.before.warnings = Some(before.into_iter().collect());
        stone.after.warnings = Some(after.into_iter().collect());
        stone
    };
    let mut unknown = with(None, Some(DEPTH));
    unknown.before.warnings = None;
    let outcome = outcome(vec![
        with(None, Some(DEPTH)),
        with(Some(DEPTH), Some(DEPTH)),
        with(Some(OUTSIDE), Some(DEPTH)),
        unknown,
    ]);
    assert_eq!(outcome.compared_warnings, 3);
    let changed: Vec<_> =
        outcome.warnings.iter().filter(|(_, new, gone)| new + gone > 0).copied().collect();
    assert_eq!(changed, [(OUTSIDE, 0, 1), (DEPTH, 2, 0)]);
}
