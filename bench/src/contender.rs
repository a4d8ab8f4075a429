//! Who computes margins: ours in every way it is used, and everybody ours is measured against.

use anyhow::Result;
use inference::Features;

use self::dollars::Dollars;
pub(crate) use self::dollars::stone;
use self::ours::Ours;
use self::plain::{pointer, sketched};
use self::wasm::Wasm;
use self::xgboost::XgBoost;
use crate::work::{Subject, Work};

mod ours;
mod wasm;
mod dollars;
mod plain;
mod xgboost;

/// Rows a call where ours takes many.
const BATCH: u16 = 1_000;
/// Rows a call where XGBoost takes many: it does better with more.
const XGBOOST_BATCH: usize = 5_000;

/// Somebody who computes margins.
pub(crate) trait Contender {
    /// Takes rows; not timed.
    fn load(&mut self, rows: &[Features]) -> Result<()>;

    /// Computes the margins of the first rows, one for each place; timed.
    fn run(&mut self, margins: &mut [f64]) -> Result<()>;
}

/// A line of the list.
pub(crate) struct Entry {
    /// For programs.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) about: &'static str,
    /// Whose margins.
    pub(crate) subject: Subject,
    /// How far off the margins may be from those of the first entry with this subject; 0 where every bit counts.
    pub(crate) tolerance: f64,
    /// The fewest rows that make sense.
    pub(crate) rows_a_call: usize,
    /// Whether instructions can be counted: natively, and of the work alone.
    pub(crate) is_counted: bool,
    /// Opens what it needs.
    pub(crate) make: fn(&Work, Subject) -> Result<Box<dyn Contender>>,
}

/// Quantised leaves against XGBoost's own: a few units.
const QUANTISED: f64 = 0.02;
/// XGBoost adds 400 leaves up in f32, from a base near 8: half of 2^-20 each time.
const SUMMED_IN_F32: f64 = 1e-4;

/// Everybody.
pub(crate) const ENTRIES: &[Entry] = &[
    Entry { name: "ours-single", about: "ours, single row", ..OURS },
    Entry { name: "ours-batch", about: "ours, 1,000 rows a call", make: Ours::batch, ..OURS_BATCH },
    Entry { name: "wasm-single", about: "ours in wasm, single row", make: Wasm::single, ..WASM },
    Entry {
        name: "wasm-batch",
        about: "ours in wasm, 1,000 rows a call",
        make: Wasm::batch,
        ..WASM_BATCH
    },
    Entry {
        name: "ours-dollars",
        about: "ours, from a stone to dollars",
        tolerance: f64::INFINITY,
        make: Dollars::make,
        ..OURS
    },
    Entry { name: "sketch", about: "the sketch, single row", make: sketched, ..OURS },
    Entry { name: "pointer", about: "pointer chasing, single row", make: pointer, ..OURS },
    Entry {
        name: "xgboost-single",
        about: "XGBoost, single row in place",
        make: XgBoost::single,
        ..XGBOOST
    },
    Entry {
        name: "xgboost-single-matrix",
        about: "XGBoost, a matrix of a single row",
        make: XgBoost::single_matrix,
        is_counted: false,
        ..XGBOOST
    },
    Entry {
        name: "xgboost-batch",
        about: "XGBoost, 5,000 rows in place",
        make: XgBoost::batch,
        rows_a_call: XGBOOST_BATCH,
        ..XGBOOST
    },
    Entry {
        name: "xgboost-batch-matrix",
        about: "XGBoost, a matrix of 5,000 rows made before",
        make: XgBoost::batch_matrix,
        rows_a_call: XGBOOST_BATCH,
        is_counted: false,
        ..XGBOOST
    },
    Entry { name: "exact-single", about: "ours, single row", subject: Subject::Exact, ..OURS },
    Entry {
        name: "exact-batch",
        about: "ours, 1,000 rows a call",
        subject: Subject::Exact,
        make: Ours::batch,
        ..OURS_BATCH
    },
    Entry {
        name: "exact-xgboost",
        about: "XGBoost, single row in place",
        subject: Subject::Exact,
        tolerance: SUMMED_IN_F32,
        make: XgBoost::single,
        is_counted: false,
        ..OURS
    },
    Entry {
        name: "champion-single",
        about: "ours, single row",
        subject: Subject::Champion,
        ..OURS
    },
    Entry {
        name: "champion-batch",
        about: "ours, 1,000 rows a call",
        subject: Subject::Champion,
        make: Ours::batch,
        ..OURS_BATCH
    },
    Entry {
        name: "champion-wasm-single",
        about: "ours in wasm, single row",
        subject: Subject::Champion,
        make: Wasm::single,
        ..WASM
    },
    Entry { name: "linear", about: "ours, single row", subject: Subject::Linear, ..OURS },
    Entry {
        name: "linear-wasm",
        about: "ours in wasm, single row",
        subject: Subject::Linear,
        make: Wasm::single,
        ..WASM
    },
    Entry { name: "elastic-net", about: "ours, single row", subject: Subject::ElasticNet, ..OURS },
    Entry {
        name: "elastic-net-wasm",
        about: "ours in wasm, single row",
        subject: Subject::ElasticNet,
        make: Wasm::single,
        ..WASM
    },
];

const OURS: Entry = Entry {
    name: "",
    about: "",
    subject: Subject::Reference,
    tolerance: 0.0,
    rows_a_call: 1,
    is_counted: true,
    make: Ours::single,
};
const OURS_BATCH: Entry = Entry { rows_a_call: BATCH as usize, ..OURS };
const WASM: Entry = Entry { is_counted: false, ..OURS };
const WASM_BATCH: Entry = Entry { is_counted: false, ..OURS_BATCH };
const XGBOOST: Entry = Entry { tolerance: QUANTISED, ..OURS };
