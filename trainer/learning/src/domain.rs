//! Learns the domain of the training stones, with which a model compares the stones it prices.

use inference::Domain;
use inference::domain::{DESCRIBED, Size, describe};
use inference::rare_grades::{COMBINATIONS, RareGrades, index};

use data::stone::Stone;

/// A combination of grades that so many training stones had is nothing to mention, and ten are few enough that their
/// prices say little.
const COMMON_FROM: u32 = 10;

/// Rare is what at most one training stone in so many is. Of few stones nearly every combination has fewer than ten.
const RARE_ONE_IN: u32 = 200;

/// A bound leaves out one training stone in so many, at either end: the public table has stones of which a dimension was
/// written down wrong.
const ODD_ONE_IN: usize = 1000;

/// Learns the outline; `None` without a row. Every row's dimensions are known.
pub fn learn(stones: &[&Stone]) -> Option<Domain> {
    let first = stones.first()?;
    let price = first.price.usd();
    let mut properties = [[f64::NAN; 2]; DESCRIBED];
    let mut price_usd = [price, price];
    for stone in stones {
        for (range, value) in properties.iter_mut().zip(describe(&stone.diamond)) {
            widen(range, value);
        }
        widen(&mut price_usd, stone.price.usd());
    }
    Some(Domain { properties, price_usd, rare_grades: rare_grades(stones), size: size(stones)? })
}

/// Makes a range hold a value; f64's min and max pass over the NaN it starts as.
fn widen(range: &mut [f64; 2], value: f64) {
    *range = [range[0].min(value), range[1].max(value)];
}

/// The rare combinations, by the highest limit up to [`COMMON_FROM`] under which few stones are rare.
fn rare_grades(stones: &[&Stone]) -> RareGrades {
    let mut counts = [0_u32; COMBINATIONS];
    for stone in stones {
        let diamond = &stone.diamond;
        counts[index(diamond.cut, diamond.color, diamond.clarity)] += 1;
    }
    let rare_stones =
        |limit: u32| counts.iter().filter(|count| **count < limit).copied().sum::<u32>();
    let all = counts.iter().sum::<u32>();
    let few = |limit: &u32| rare_stones(*limit) <= all / RARE_ONE_IN;
    RareGrades::of(&counts, (1..=COMMON_FROM).rev().find(few).unwrap_or(1))
}

fn size(stones: &[&Stone]) -> Option<Size> {
    let of = |figure: &dyn Fn(&Stone) -> f64| bounds(stones.iter().map(|stone| figure(stone)));
    let side = |at: usize| {
        of(&|stone| {
            let [.., smaller, larger, z] = describe(&stone.diamond);
            [smaller, larger, z][at] / libm::cbrt(stone.diamond.carat.carats())
        })
    };
    let volume = |stone: &Stone| {
        let [_, _, x, y, z] = stone.measures();
        x * y * z / stone.diamond.carat.carats()
    };
    Some(Size { volume_mm3: of(&volume)?, sides_mm: [side(0)?, side(1)?, side(2)?] })
}

/// The smallest and the largest but one in [`ODD_ONE_IN`] at either end.
fn bounds(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let odd = values.len() / ODD_ONE_IN;
    Some([*values.get(odd)?, *values.iter().rev().nth(odd)?])
}

#[cfg(test)]
mod tests {

    use inference::form::Linear;
    use inference::{Diamond, Encoder, Form, Header, Link, Model, Predictor};

    use super::*;
    use crate::measures;
    use data::dataset::Dataset;

    /// A model that learnt from these stones and gives every stone the same ordinary price.
    fn predictor(stones: &[&Stone]) -> Predictor {
        let encoder = Encoder::Impute(measures::learn(stones));
        let header =
            Header { domain: learn(stones), ..Header::new("test", encoder, Link::Identity) };
        assert!(header.domain.is_some_and(|domain| domain.is_valid()));
        let form = Form::Linear(Linear::new(4000.0, Vec::new()).unwrap());
        Predictor::new(Model { header, form })
    }

    fn is_unlike(predictor: &Predictor, diamond: &Diamond) -> bool {
        !predictor.estimate(diamond).warnings.is_empty()
    }

    #[test]
    fn hardly_a_training_stone_is_unlike_the_training_stones() {
        for every in [1, 10, 75, 500] {
            let dataset = Dataset::diamonds(every);
            let (stones, _) = dataset.usable();
            let predictor = predictor(&stones);
            let unlike = stones.iter().filter(|stone| is_unlike(&predictor, &stone.diamond));
            let (unlike, all) = (unlike.count(), stones.len());
            assert!(unlike * 100 < all, "{unlike} of {all}");
        }
    }

    #[test]
    fn a_stone_with_the_dimensions_of_twice_its_weight_is_noticed() {
        let dataset = Dataset::diamonds(10);
        let (stones, _) = dataset.usable();
        let predictor = predictor(&stones);
        let carat = |stone: &Stone| stone.diamond.carat.carats();
        let ordinary = |stone: &&&Stone| !is_unlike(&predictor, &stone.diamond);
        let mut by_weight: Vec<&Stone> = stones.iter().filter(ordinary).copied().collect();
        by_weight.sort_by(|one, other| carat(one).total_cmp(&carat(other)));
        let mut swapped = 0;
        for light in &by_weight {
            let twice = by_weight.partition_point(|stone| carat(stone) < 2.0 * carat(light));
            let Some(heavy) = by_weight.get(twice) else { break };
            for (stone, other) in [(light, heavy), (heavy, light)] {
                for only in 0..4 {
                    let mut diamond = stone.diamond;
                    let of_other = other.diamond.measures;
                    match only {
                        0 => diamond.measures.x = of_other.x,
                        1 => diamond.measures.y = of_other.y,
                        2 => diamond.measures.z = of_other.z,
                        _ => diamond.measures = of_other,
                    }
                    assert!(is_unlike(&predictor, &diamond), "{diamond:?}");
                }
                swapped += 1;
            }
        }
        assert!(swapped > 5000, "{swapped}");
    }

    #[test]
    fn rare_is_what_hardly_a_stone_is_however_few_there_are() {
        let check = |every: u64, fewer_than: u32, count: std::ops::Range<u32>| {
            let dataset = Dataset::diamonds(every);
            let rare = rare_grades(&dataset.usable().0);
            assert_eq!(rare.fewer_than(), fewer_than, "{every}");
            assert!(count.contains(&rare.count()), "{every}: {}", rare.count());
        };
        check(1, 10, 20..60);
        check(60, 1, 20..100);
    }
}
