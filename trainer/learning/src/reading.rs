//! Finds out how else the columns and the target of a model may be meant: it prices known stones with grades coded otherwise,
//! columns in another order and another target, and looks for the lowest error.

use std::fmt;

use inference::features::{FEATURE_COUNT, FEATURE_NAMES, PRICE_LIST};
use inference::{Clarity, Color, Cut, Diamond, Encoder, Features, Form, Link};

use crate::number::usd;
use crate::statistics::{mean, median};
use data::stone::Stone;

/// What the sum of a model's leaves is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The price in dollars.
    Price,
    /// Its natural logarithm.
    LogPrice,
    /// Its logarithm to base 10.
    Log10Price,
}

/// How the grades of a feature are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As ours, from 0 in the order of the scale.
    Ordinal,
    /// From 1 in the order of the scale.
    FromOne,
    /// From 0 against the order of the scale.
    Reversed,
    /// From 1 against the order of the scale.
    ReversedFromOne,
    /// From 0 in the order of the alphabet.
    Alphabetical,
}

/// One meaning of a model's columns and of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// What the sum of leaves is.
    target: Target,
    /// The feature that each column holds.
    columns: [usize; FEATURE_COUNT],
    /// The codes of cut, color and clarity.
    codings: [Coding; GRADED],
}

/// Another reading of a model than ours, and its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OtherReading {
    /// The reading.
    pub reading: Reading,
    /// How the model is read.
    ours: Reading,
    /// The mean absolute error in dollars with this reading.
    pub mae: f64,
    /// The scatter with this reading, as a share of the scatter with ours. Scatter is the mean deviation of the prices'
    /// logarithms from the known ones, when all prices are raised or lowered alike to be right in the middle. A model of a
    /// dearer market has a large error and a small scatter.
    pub scatter_share: f64,
}

/// How many features are grades. They are the ones from [`FIRST_GRADED`] on.
const GRADED: usize = 3;
const FIRST_GRADED: usize = 1;
const SCALES: [&[&str]; GRADED] = [Cut::NAMES, Color::NAMES, Clarity::NAMES];

/// Orders of columns that occur, by the indices of [`FEATURE_NAMES`]: numbers before grades, grades before numbers, and
/// dimensions before depth and table. The order of the alphabet is ours with cut and clarity exchanged.
/// The price list comes last: an imported model knows none.
const ORDERS: [[usize; FEATURE_COUNT]; 3] = [
    [0, 4, 5, 6, 7, 8, 1, 2, 3, PRICE_LIST],
    [1, 2, 3, 0, 4, 5, 6, 7, 8, PRICE_LIST],
    [0, 1, 2, 3, 6, 7, 8, 4, 5, PRICE_LIST],
];

/// A change that lowers the error to more than this share may do so by chance.
const WORTH_CHANGING: f64 = 0.97;

/// A price counts as at most so many times too high or too low in a scatter: a weighted sum may be below 0.
const MOST_TIMES: f64 = 1000.0;

/// How many changes are made at most: target, three codings, and four exchanges of columns.
const MOST_CHANGES: usize = 8;

impl OtherReading {
    /// The reading with the lowest error on these stones, where it is not the model's own. It is found by making the one
    /// change that lowers the error most, again and again.
    pub fn find(
        form: &Form,
        link: Link,
        encoder: &Encoder,
        stones: &[&Stone],
    ) -> Option<OtherReading> {
        let ours = Reading::of(link);
        let mut best = (ours, ours.mae(form, encoder, stones));
        for _ in 0..MOST_CHANGES {
            let others = best.0.neighbors().into_iter();
            let others = others.map(|reading| (reading, reading.mae(form, encoder, stones)));
            let lowest = others.min_by(|one, other| one.1.total_cmp(&other.1));
            let is_better = |mae: f64| match best.1.is_finite() {
                true => mae <= WORTH_CHANGING * best.1,
                false => mae.is_finite(),
            };
            match lowest.filter(|(_, mae)| is_better(*mae)) {
                Some(lowest) => best = lowest,
                None => break,
            }
        }
        let (reading, mae) = best;
        let scatter = |reading: Reading| reading.scatter(form, encoder, stones);
        (reading != ours).then(|| {
            let scatter_share = scatter(reading) / scatter(ours);
            OtherReading { reading, ours, mae, scatter_share }
        })
    }
}

impl Reading {
    /// How a model with this link is read.
    fn of(link: Link) -> Reading {
        let target = match link {
            Link::Identity => Target::Price,
            Link::Log => Target::LogPrice,
        };
        let columns = std::array::from_fn(|column| column);
        Reading { target, columns, codings: [Coding::Ordinal; GRADED] }
    }

    fn with(self, change: impl FnOnce(&mut Reading)) -> Reading {
        let mut reading = self;
        change(&mut reading);
        reading
    }

    /// The readings that differ from this one in a single part.
    fn neighbors(self) -> Vec<Reading> {
        let codings = (0..GRADED).flat_map(|scale| self.with_codings(scale));
        self.with_targets().into_iter().chain(codings).chain(self.with_columns()).collect()
    }

    fn with_targets(self) -> Vec<Reading> {
        let all = [Target::Price, Target::LogPrice, Target::Log10Price];
        all.into_iter().map(|target| self.with(|reading| reading.target = target)).collect()
    }

    /// With each known order, and with each two columns exchanged.
    fn with_columns(self) -> Vec<Reading> {
        let pairs = (0..PRICE_LIST).flat_map(|one| (0..one).map(move |other| (one, other)));
        let exchanged =
            pairs.map(|(one, other)| self.with(|reading| reading.columns.swap(one, other)));
        let ordered =
            ORDERS.into_iter().map(|columns| self.with(|reading| reading.columns = columns));
        ordered.chain(exchanged).collect()
    }

    fn with_codings(self, scale: usize) -> Vec<Reading> {
        let coded = |coding| self.with(|reading| reading.codings[scale] = coding);
        let is_new = |coding: &Coding| {
            // Colors are in the order of the alphabet.
            *coding != Coding::Alphabetical || !SCALES[scale].is_sorted()
        };
        Coding::ALL.into_iter().filter(is_new).map(coded).collect()
    }

    /// The mean absolute error in dollars of a model that is read so.
    fn mae(&self, form: &Form, encoder: &Encoder, stones: &[&Stone]) -> f64 {
        let prices = self.prices_usd(form, encoder, stones).into_iter().zip(stones);
        let errors: Vec<f64> =
            prices.map(|(price_usd, stone)| (price_usd - stone.price.usd()).abs()).collect();
        mean(&errors).unwrap_or(f64::NAN)
    }

    /// See [`OtherReading::scatter_share`].
    fn scatter(&self, form: &Form, encoder: &Encoder, stones: &[&Stone]) -> f64 {
        let prices = self.prices_usd(form, encoder, stones).into_iter().zip(stones);
        let off = |(price_usd, stone): (f64, &&Stone)| {
            libm::log((price_usd / stone.price.usd()).clamp(1.0 / MOST_TIMES, MOST_TIMES))
        };
        let off: Vec<f64> = prices.map(off).collect();
        let middle = median(off.clone()).unwrap_or_default();
        let deviations: Vec<f64> = off.iter().map(|off| (off - middle).abs()).collect();
        mean(&deviations).unwrap_or(f64::NAN)
    }

    fn prices_usd(&self, form: &Form, encoder: &Encoder, stones: &[&Stone]) -> Vec<f64> {
        let rows: Vec<Features> =
            stones.iter().map(|stone| self.encode(encoder, &stone.diamond)).collect();
        let mut margins = vec![0.0; rows.len()];
        form.margins(&rows, &mut margins);
        margins.into_iter().map(|margin| self.target.price_usd(margin)).collect()
    }

    /// The stone as the model's columns would have it.
    fn encode(&self, encoder: &Encoder, diamond: &Diamond) -> Features {
        let mut values = *encoder.encode(diamond).values();
        let ordinals = [diamond.cut.ordinal(), diamond.color.ordinal(), diamond.clarity.ordinal()];
        for (scale, ordinal) in ordinals.into_iter().enumerate() {
            let code = self.codings[scale].code(SCALES[scale], usize::from(ordinal));
            values[FIRST_GRADED + scale] = f64::from(code);
        }
        Features::from_values(self.columns.map(|feature| values[feature]))
    }
}

impl Target {
    fn price_usd(self, margin: f64) -> f64 {
        match self {
            Target::Price => Link::Identity.price_usd(margin),
            Target::LogPrice => Link::Log.price_usd(margin),
            Target::Log10Price => Link::Log.price_usd(margin * std::f64::consts::LN_10),
        }
    }
}

impl Coding {
    const ALL: [Coding; 5] = [
        Coding::Ordinal,
        Coding::FromOne,
        Coding::Reversed,
        Coding::ReversedFromOne,
        Coding::Alphabetical,
    ];

    /// The code of a grade, given its index in the scale.
    fn code(self, names: &[&str], ordinal: usize) -> u8 {
        let code = match self {
            Coding::Ordinal => ordinal,
            Coding::FromOne => ordinal + 1,
            Coding::Reversed => names.len() - 1 - ordinal,
            Coding::ReversedFromOne => names.len() - ordinal,
            Coding::Alphabetical => names.iter().filter(|name| **name < names[ordinal]).count(),
        };
        u8::try_from(code).unwrap_or(u8::MAX)
    }

    /// What is unlike our codes, with the code of every grade.
    fn describe(self, feature: &str, names: &[&str]) -> String {
        let how = match self {
            Coding::Ordinal => "as ours",
            Coding::FromOne => "counted from 1",
            Coding::Reversed => "in the opposite order",
            Coding::ReversedFromOne => "in the opposite order, counted from 1",
            Coding::Alphabetical => "coded alphabetically, as scikit-learn's LabelEncoder does",
        };
        let mut codes: Vec<(u8, &str)> =
            names.iter().enumerate().map(|(at, name)| (self.code(names, at), *name)).collect();
        codes.sort_unstable();
        let codes: Vec<String> =
            codes.iter().map(|(code, name)| format!("{name} = {code}")).collect();
        format!("{feature} {how} ({})", codes.join(", "))
    }
}

/// What the model looks like, and what to do.
impl fmt::Display for OtherReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reading { target, columns, codings } = self.reading;
        let mut parts = Vec::new();
        let mut remedies = Vec::new();
        match (self.ours.target, target) {
            (ours, other) if ours == other => {}
            (Target::LogPrice, Target::Price) => {
                parts.push(String::from("the price, read as the log of the price"));
                remedies.push("try `--target price`");
            }
            (_, Target::LogPrice) => {
                parts.push(String::from("the log of the price, read as the price"));
                remedies.push("import it without `--target price`");
            }
            _ => {
                parts.push(String::from("the log of the price to base 10"));
                remedies.push("train it on the natural logarithm or on the price");
            }
        }
        if columns != self.ours.columns {
            let names: Vec<&str> =
                columns[..PRICE_LIST].iter().map(|feature| FEATURE_NAMES[*feature]).collect();
            parts.push(format!("columns in the order {}", names.join(", ")));
            remedies.push("train it with the names of the columns");
        }
        let unlike = codings.iter().zip(SCALES).enumerate();
        for (scale, (coding, names)) in
            unlike.filter(|(_, (coding, _))| **coding != Coding::Ordinal)
        {
            parts.push(coding.describe(FEATURE_NAMES[FIRST_GRADED + scale], names));
        }
        if codings != self.ours.codings {
            remedies.push(
                "train it on our codes, cut Fair = 0 … Ideal = 4, color D = 0 … J = 6, clarity I1 = 0 … IF = 7",
            );
        }
        write!(
            f,
            "it looks like {} (read so, the error is {}): {}",
            parts.join("; "),
            usd(self.mae),
            remedies.join(", and ")
        )
    }
}
