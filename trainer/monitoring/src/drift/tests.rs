use inference::blob::{Header, Model};
use inference::form::{Basis, Linear, Term};
use inference::{
    Carat, Clarity, Cut, Diamond, Encoder, Form, Link, Measures, Predictor, PriceList, PriceLists,
};

use super::*;
use crate::journal::Moment;
use crate::traffic::{Refusal, WrongField};
use data::dataset::Dataset;
use data::stone::Stone;
use learning::{domain, measures};

/// Every tenth stone of the public table, of which the model learnt from one half and callers ask for the other.
struct Shop {
    taught: Vec<Stone>,
    others: Vec<Stone>,
    predictor: Predictor,
}

impl Shop {
    fn open() -> Shop {
        let dataset = Dataset::diamonds(10);
        let stones = dataset.usable().0.into_iter().cloned();
        let is_taught = |stone: &Stone| stone.identity.draw(1, "half").is_multiple_of(2);
        let (taught, others): (Vec<Stone>, Vec<Stone>) = stones.partition(is_taught);
        let predictor = predictor(&taught.iter().collect::<Vec<_>>());
        Shop { taught, others, predictor }
    }

    /// So many of the other half, as the seed will have it.
    fn asked(&self, count: usize, seed: u64) -> Vec<Diamond> {
        let mut stones: Vec<&Stone> = self.others.iter().collect();
        // By row: chance draws the listings of a stone one by one.
        stones.sort_by_cached_key(|stone| stone.identity.draw_row(seed, "asked"));
        stones.into_iter().take(count).map(|stone| stone.diamond).collect()
    }

    fn drift(&self, asked: &[Diamond]) -> Drift {
        self.drift_with(asked, &[])
    }

    fn drift_with(&self, asked: &[Diamond], refused: &[Refusal]) -> Drift {
        let taught: Vec<&Stone> = self.taught.iter().collect();
        let mut monitor = DriftMonitor::new(&taught, &self.predictor);
        asked.iter().for_each(|diamond| monitor.see_stone(diamond));
        refused.iter().for_each(|refusal| monitor.see_refusal(refusal));
        let window = Window::new(Moment::now(), None);
        let training = Training { stones: taught.len(), sha256: [0; 32], is_champions: true };
        let tally = Tally { stones: asked.len() as u64, ..Tally::default() };
        Drift::of(window, String::new(), training, tally, monitor.conclude())
    }
}

/// A price by weight, color and clarity, as it roughly is.
fn predictor(stones: &[&Stone]) -> Predictor {
    let term = |basis, weight| Term { basis, weight, mean: 0.0 };
    let terms =
        vec![term(Basis::Ln(0), 1.88), term(Basis::Value(2), -0.078), term(Basis::Value(3), 0.12)];
    let encoder = Encoder::Impute(measures::learn(stones));
    let header =
        Header { domain: domain::learn(stones), ..Header::new("test", encoder, Link::Log) };
    Predictor::new(Model { header, form: Form::Linear(Linear::new(8.2, terms).unwrap()) })
}

/// What is not calm, by name.
fn changed(drift: &Drift) -> Vec<(&'static str, DriftLevel)> {
    let others = [
        ("unlike", drift.out_of_domain.verdict),
        ("price", drift.price_level.verdict),
        ("refused", drift.refused.rate.verdict),
    ];
    let features = drift.features.iter().map(|feature| (feature.name, feature.verdict));
    features.chain(others).filter(|(_, verdict)| *verdict != DriftLevel::Calm).collect()
}

/// The features that too many stones come without.
fn missing(drift: &Drift) -> Vec<&'static str> {
    let missing = drift.missing().filter(|(_, missing)| missing.verdict == DriftLevel::Drifted);
    missing.map(|(name, _)| name).collect()
}

#[test]
fn requests_that_changed_have_drifted_in_what_changed() {
    let shop = Shop::open();
    use DriftLevel::{Drifted, Shifted, TooFew};
    let check = |count: usize,
                 change: &dyn Fn(&mut Diamond),
                 expected: &[(&str, DriftLevel)],
                 without: &[&str]| {
        let mut asked = shop.asked(count, 7);
        asked.iter_mut().for_each(change);
        let drift = shop.drift(&asked);
        assert_eq!(changed(&drift), expected, "{}", drift.sentence());
        assert_eq!(missing(&drift), without, "{}", drift.sentence());
        let worst = expected.iter().map(|(_, verdict)| *verdict).max();
        let has_drifted = worst == Some(Drifted) || !without.is_empty();
        assert_eq!(drift.has_drifted(), has_drifted, "{}", drift.sentence());
    };
    check(1_000, &|_| {}, &[], &[]);
    check(200, &|_| {}, &[], &[]);
    let turned = |diamond: &mut Diamond| {
        let Measures { x, y, .. } = diamond.measures;
        (diamond.measures.x, diamond.measures.y) = (y, x);
    };
    check(1_000, &turned, &[], &[]);
    let heavier = |diamond: &mut Diamond| {
        diamond.carat = Carat::new(2.0 * diamond.carat.carats()).unwrap();
    };
    let names = ["depth", "table", "minimum diameter", "maximum diameter", "z"];
    let measures = names.map(|name| (name, TooFew));
    let four_cs = |diamond: &mut Diamond| diamond.measures = Measures::default();
    check(1_000, &four_cs, &measures, &names);
    check(
        1_000,
        &|diamond| {
            four_cs(diamond);
            heavier(diamond);
        },
        // For their weight they are better stones: it is the light ones of which many are clear.
        &[&[("carat", Drifted)], &measures[..], &[("unlike", Drifted), ("price", Shifted)]]
            .concat(),
        &names,
    );
    check(
        1_000,
        &|diamond| {
            four_cs(diamond);
            diamond.cut = Cut::Premium;
        },
        &[&[("cut", Drifted)], &measures[..]].concat(),
        &names,
    );
    check(1_000, &|diamond| diamond.measures.depth = None, &[("depth", TooFew)], &["depth"]);
}

#[test]
fn price_lists_are_compared_where_the_model_knows_them() {
    let mut shop = Shop::open();
    let [a, b] = ["A", "B"].map(|name| name.parse::<PriceList>().unwrap());
    let by_turns = |at: usize| Some(if at.is_multiple_of(2) { a } else { b });
    for (at, stone) in shop.taught.iter_mut().enumerate() {
        stone.diamond.price_list = by_turns(at);
    }
    let encoder = |lists| Encoder::Proportions(measures::learn(&[&shop.taught[0]]), lists);
    let models = [PriceLists::NONE, PriceLists::of([a, b]).unwrap()].map(encoder);
    let mut check = |encoder: Encoder, list: &dyn Fn(usize) -> Option<PriceList>, expected| {
        let mut header = shop.predictor.header().clone();
        header.encoder = encoder;
        let form = shop.predictor.form().clone();
        shop.predictor = Predictor::new(Model { header, form });
        let mut asked = shop.asked(1_000, 7);
        for (at, diamond) in asked.iter_mut().enumerate() {
            diamond.price_list = list(at);
        }
        let drift = shop.drift(&asked);
        let of_lists = drift.features.iter().find(|feature| feature.name == "price_list");
        assert_eq!(of_lists.map(|feature| feature.verdict), expected, "{}", drift.sentence());
    };
    use DriftLevel::{Calm, Drifted, TooFew};
    check(models[0], &by_turns, None);
    check(models[1], &by_turns, Some(Calm));
    check(models[1], &|_| Some(b), Some(Drifted));
    // A caller need not name a list, nor one that the model knows.
    check(models[1], &|_| None, Some(TooFew));
    check(models[1], &|_| "C".parse().ok(), Some(TooFew));
}

#[test]
fn a_grade_that_is_refused_is_a_drift() {
    let shop = Shop::open();
    use DriftLevel::{Calm, Drifted, Shifted, TooFew};
    let of = |name: &str, value: &str| {
        Refusal(vec![WrongField { name: name.to_owned(), value: value.to_owned() }])
    };
    let check = |priced: usize, refused: &[(usize, Refusal)], verdict: DriftLevel, words: &str| {
        let refused: Vec<Refusal> = refused
            .iter()
            .flat_map(|(count, refusal)| std::iter::repeat_n(refusal.clone(), *count))
            .collect();
        let drift = shop.drift_with(&shop.asked(priced, 7), &refused);
        assert_eq!(drift.verdict(), verdict, "{}", drift.sentence());
        assert!(drift.sentence().contains(words), "{}", drift.sentence());
    };
    let new_grade = of("color", "K");
    let said = "drifted: refused for color, most often \"K\" (60.0 % of requests), over 400 priced stones and 600 refused stones";
    check(400, &[(600, new_grade.clone())], Drifted, said);
    check(40, &[(60, new_grade.clone())], Drifted, "over 40 priced stones and 60 refused stones");
    check(0, &[(100, new_grade.clone())], Drifted, "over 100 refused stones");
    let nothing = "refused for clarity, most often because it is not given (50.0 %";
    check(300, &[(300, of("clarity", ""))], Drifted, nothing);
    // The journal does not hold what was wrong.
    check(300, &[(300, Refusal::default())], Drifted, "drifted: refused (50.0 % of requests)");
    check(970, &[(30, new_grade.clone())], Shifted, "shifted: refused for color");
    check(990, &[(10, new_grade.clone())], Calm, "are like those");
    check(39, &[(60, new_grade)], TooFew, "39 priced stones and 60 refused stones are too few");
}

#[test]
fn too_few_stones_are_one_sentence() {
    let shop = Shop::open();
    let check = |priced: usize, refused: usize, expected: &str| {
        let drift = shop.drift_with(&shop.asked(priced, 7), &vec![Refusal::default(); refused]);
        assert_eq!(drift.sentence(), format!("{expected} too few to tell; 100 are needed"));
    };
    check(0, 0, "0 priced stones are");
    check(1, 0, "1 priced stone is");
    check(2, 0, "2 priced stones are");
    check(0, 1, "1 refused stone is");
    check(1, 1, "1 priced stone and 1 refused stone are");
    check(98, 1, "98 priced stones and 1 refused stone are");
}

#[test]
fn better_stones_of_the_same_weight_are_a_drift_of_the_price() {
    let shop = Shop::open();
    let mut asked = shop.asked(1_000, 7);
    asked.iter_mut().for_each(|diamond| diamond.clarity = Clarity::VVS1);
    let drift = shop.drift(&asked);
    let level = &drift.price_level;
    assert!(level.ratio > 1.25 && level.verdict == DriftLevel::Drifted, "{level:?}");
    assert!(drift.sentence().contains("the price of stones of the same weight"));
}

#[test]
fn few_stones_are_no_drift_whatever_they_are() {
    let shop = Shop::open();
    let check = |count: usize, verdict: DriftLevel| {
        let mut asked = shop.asked(count, 7);
        asked.iter_mut().for_each(|diamond| diamond.cut = Cut::Fair);
        let drift = shop.drift(&asked);
        assert_eq!(drift.verdict(), verdict, "{}", drift.sentence());
        assert_eq!(drift.to_json()["verdict"], verdict.name());
    };
    check(0, DriftLevel::TooFew);
    check(99, DriftLevel::TooFew);
    check(100, DriftLevel::Drifted);
}

#[test]
fn chance_is_hardly_ever_taken_for_a_drift() {
    let shop = Shop::open();
    let check = |count: usize, most_drifted: usize, most_shifted: usize| {
        let verdicts: Vec<DriftLevel> =
            (0..200).map(|seed| shop.drift(&shop.asked(count, seed)).verdict()).collect();
        let of = |verdict| verdicts.iter().filter(|found| **found == verdict).count();
        let (drifted, shifted) = (of(DriftLevel::Drifted), of(DriftLevel::Shifted));
        assert!(
            drifted <= most_drifted && shifted <= most_shifted,
            "of 200 times {count}: {drifted} drifted, {shifted} shifted"
        );
    };
    // Eleven figures that chance takes over their limits once in a thousand times each: 2.2 of 200 are to be expected.
    check(100, 4, 0);
    // The higher of the fixed limits is beyond chance here; the lower one, worth a look and no more, is still near it.
    check(200, 0, 12);
    check(400, 0, 12);
}
