//! The contenders: Loupe in each way it is called, and what it is compared with.

use anyhow::{Context, Result, ensure};
use inference::{
    Carat, Clarity, Color, Cut, Diamond, Features, Measures, Millimetres, Percent, Predictor,
};

use super::guest::Guest;
use super::margins::{Margins, native, one_by_one};
use super::models::ModelKind;
use super::walks::{InterleavedTrees, pointer_margin};
use super::xgboost::XgBoostRows;
use crate::report::grouped;
use ModelKind::{Champion, ElasticNet, Exact, Linear, Reference};
use Program::{Dollars, Interleaved, Native, Pointers, Wasm, XgBoost, XgBoostMatrix};

/// A line of the list.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    program: Program,
    pub(crate) model: ModelKind,
    /// How many rows one call takes.
    pub(crate) rows_per_call: usize,
}

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    Native,
    /// Under wasmtime.
    Wasm,
    /// Natively, all that a caller of the library pays for: encoding, margin, exponential.
    Dollars,
    Interleaved,
    Pointers,
    /// XGBoost on rows where they are.
    XgBoost,
    /// XGBoost on rows that were copied into its own matrix.
    XgBoostMatrix,
}

/// XGBoost does better with more rows than ours needs.
const XGBOOST_BATCH: usize = 5_000;

/// All of them. The first of a model has the margins that the others of that model are checked against.
pub(crate) const CONTENDERS: [Spec; 21] = [
    spec("loupe-single", Native, Reference, 1),
    spec("loupe-batch", Native, Reference, 1_000),
    spec("wasm-single", Wasm, Reference, 1),
    spec("wasm-batch", Wasm, Reference, 1_000),
    spec("loupe-dollars", Dollars, Reference, 1),
    spec("interleaved", Interleaved, Reference, 1),
    spec("pointers", Pointers, Reference, 1),
    spec("xgboost-single", XgBoost, Reference, 1),
    spec("xgboost-single-matrix", XgBoostMatrix, Reference, 1),
    spec("xgboost-batch", XgBoost, Reference, XGBOOST_BATCH),
    spec("xgboost-batch-matrix", XgBoostMatrix, Reference, XGBOOST_BATCH),
    spec("exact-single", Native, Exact, 1),
    spec("exact-batch", Native, Exact, 1_000),
    spec("exact-xgboost", XgBoost, Exact, 1),
    spec("champion-single", Native, Champion, 1),
    spec("champion-batch", Native, Champion, 1_000),
    spec("champion-wasm-single", Wasm, Champion, 1),
    spec("linear", Native, Linear, 1),
    spec("linear-wasm", Wasm, Linear, 1),
    spec("elastic-net", Native, ElasticNet, 1),
    spec("elastic-net-wasm", Wasm, ElasticNet, 1),
];

const fn spec(
    name: &'static str,
    program: Program,
    model: ModelKind,
    rows_per_call: usize,
) -> Spec {
    Spec { name, program, model, rows_per_call }
}

impl Spec {
    pub(crate) fn about(&self) -> String {
        let program = match self.program {
            Native => "Loupe",
            Wasm => "Loupe in wasm",
            Dollars => "Loupe, from a stone to dollars",
            Interleaved => "plain interleaved walk",
            Pointers => "pointer chasing",
            XgBoost => "XGBoost, rows in place",
            XgBoostMatrix => "XGBoost, rows in a matrix",
        };
        match self.rows_per_call {
            1 => format!("{program}, one row per call"),
            rows => format!("{program}, {} rows per call", grouped(&rows.to_string())),
        }
    }

    /// How far the margins may be from those of the first contender with this model; 0 if every bit counts.
    pub(crate) fn tolerance(&self) -> f64 {
        match (self.program, self.model) {
            (Native | Wasm | Interleaved | Pointers, _) => 0.0,
            (Dollars, _) => f64::INFINITY,
            // XGBoost adds 400 leaves up in f32, from a base near 8: half of 2^-20 each time.
            (XgBoost | XgBoostMatrix, Exact) => 1e-4,
            // The rounding of quantised leaves: a few units.
            (XgBoost | XgBoostMatrix, _) => 0.02,
        }
    }

    /// Whether a counter sees its instructions and no others.
    pub(crate) fn is_countable(&self) -> bool {
        !matches!(self.program, Wasm | XgBoostMatrix)
    }

    /// Opens what it needs and nothing else.
    pub(crate) fn open(&self) -> Result<Box<dyn Margins>> {
        let (model, rows_per_call) = (self.model, self.rows_per_call);
        let same = |row: &Features| Ok(*row);
        Ok(match self.program {
            Native => native(model.model()?.form, rows_per_call),
            Wasm => Box::new(Guest::with(&model.blob()?, rows_per_call)?),
            Dollars => {
                let predictor = Predictor::new(model.model()?);
                one_by_one(stone, move |stone| predictor.price_usd(stone))
            }
            Interleaved => {
                let trees = InterleavedTrees::of(&model.trees()?)?;
                one_by_one(same, move |row| trees.margin(row))
            }
            Pointers => {
                let trees = model.trees()?;
                one_by_one(same, move |row| pointer_margin(&trees, row))
            }
            XgBoost => Box::new(XgBoostRows::open(rows_per_call, false)?),
            XgBoostMatrix => Box::new(XgBoostRows::open(rows_per_call, true)?),
        })
    }
}

/// Makes sure that all of them do the same work.
pub(crate) fn check_agreement(
    opened: &mut [(&'static Spec, Box<dyn Margins>)],
    rows: &[Features],
) -> Result<()> {
    let mut firsts: Vec<(&Spec, Vec<f64>)> = Vec::new();
    for (spec, contender) in opened {
        let mut margins = vec![f64::NAN; rows.len()];
        contender.load(rows)?;
        contender.compute(&mut margins)?;
        let Some((first, expected)) = firsts.iter().find(|(first, _)| first.model == spec.model)
        else {
            firsts.push((spec, margins));
            continue;
        };
        for ((row, margin), expected) in rows.iter().zip(&margins).zip(expected) {
            let same = margin.to_bits() == expected.to_bits();
            ensure!(
                same || (margin - expected).abs() < spec.tolerance(),
                "{} gives {margin} where {} gives {expected}: {row:?}",
                spec.name,
                first.name
            );
        }
    }
    Ok(())
}

/// The stone that a row describes.
#[expect(clippy::cast_possible_truncation, reason = "grades are small whole numbers")]
pub(crate) fn stone(row: &Features) -> Result<Diamond> {
    let [carat, cut, color, clarity, depth, table, x, y, z, _] = *row.values();
    let no_grade = "a row has a grade that does not exist";
    Ok(Diamond {
        carat: Carat::new(carat)?,
        cut: *Cut::ALL.get(cut as usize).context(no_grade)?,
        color: *Color::ALL.get(color as usize).context(no_grade)?,
        clarity: *Clarity::ALL.get(clarity as usize).context(no_grade)?,
        measures: Measures {
            depth: Percent::new(depth).ok(),
            table: Percent::new(table).ok(),
            x: Millimetres::new(x).ok(),
            y: Millimetres::new(y).ok(),
            z: Millimetres::new(z).ok(),
        },
        price_list: None,
    })
}
