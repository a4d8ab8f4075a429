//! Learns how measures follow from weight and cut, from rows in which all of them are known.

use inference::{Cut, MeasureImputer};

use crate::statistics::{mean, median};
use data::stone::Stone;

/// Learns the law: medians of depth and table, and the mean width of a stone as if it weighed one carat, for
/// each cut; a cut without rows takes the figure of all.
pub fn learn(stones: &[&Stone]) -> MeasureImputer {
    MeasureImputer {
        depth_percent: by_cut(stones, |stone| stone.measures()[0], median),
        table_percent: by_cut(stones, |stone| stone.measures()[1], median),
        width_mm: by_cut(stones, unit_width_mm, |widths| mean(&widths)),
    }
}

/// The mean of x and y of a stone of the same shape that weighs one carat.
fn unit_width_mm(stone: &Stone) -> f64 {
    let [_, _, x, y, _] = stone.measures();
    (x + y) / 2.0 / libm::cbrt(stone.diamond.carat.carats())
}

fn by_cut(
    stones: &[&Stone],
    figure: impl Fn(&Stone) -> f64,
    summary: fn(Vec<f64>) -> Option<f64>,
) -> [f64; 5] {
    let of = |cut: Option<Cut>| {
        let stones = stones.iter().filter(|stone| cut.is_none_or(|cut| stone.diamond.cut == cut));
        summary(stones.map(|stone| figure(stone)).collect())
    };
    // Training never starts without rows; 1 keeps the law sound even so.
    let overall = of(None).unwrap_or(1.0);
    std::array::from_fn(|cut| of(Some(Cut::ALL[cut])).unwrap_or(overall))
}

#[cfg(test)]
mod tests {
    use inference::{DiamondInput, Encoder, FieldValue};

    use super::*;

    fn stone(cut: &'static str, depth: f64, x: f64) -> Stone {
        Stone::parse(|field| match field {
            "carat" => FieldValue::Number(8.0),
            "cut" => FieldValue::Text(cut),
            "color" => FieldValue::Text("E"),
            "clarity" => FieldValue::Text("IF"),
            "depth" => FieldValue::Number(depth),
            "x" | "y" => FieldValue::Number(x),
            "price_list" => FieldValue::Absent,
            _ => FieldValue::Number(50.0),
        })
        .unwrap()
    }

    #[test]
    fn each_cut_has_its_figures_and_an_unseen_cut_has_those_of_all() {
        let stones =
            [stone("Ideal", 61.0, 12.0), stone("Ideal", 63.0, 12.4), stone("Fair", 66.0, 13.0)];
        let imputer = learn(&stones.iter().collect::<Vec<_>>());
        let close =
            |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-12, "{imputer:?}");
        close(imputer.depth_percent[4], 62.0);
        close(imputer.depth_percent[0], 66.0);
        close(imputer.depth_percent[2], 63.0);
        close(imputer.width_mm[4], 6.1);
        close(imputer.width_mm[1], (12.0 + 12.4 + 13.0) / 6.0);
        let input = DiamondInput {
            carat: FieldValue::Number(8.0),
            cut: FieldValue::Text("Ideal"),
            color: FieldValue::Text("E"),
            clarity: FieldValue::Text("IF"),
            ..DiamondInput::default()
        };
        let filled = Encoder::Impute(imputer).encode(&input.parse().unwrap());
        close(filled.values()[6], 12.2);
    }
}
