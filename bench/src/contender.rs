//! Who computes margins: ours in every way it is used, and everybody ours is measured against.

use std::hint::black_box;

use anyhow::Result;
use inference::features::FEATURE_COUNT;
use inference::form::Trees;
use inference::{
    Carat, Clarity, Color, Cut, Diamond, Features, Form, Measures, Millimetres, Percent, Predictor,
};

use crate::booster::{Booster, InPlace, Matrix};
use crate::guest::Guest;
use crate::meanwhile;
use crate::walk::pointer;
use crate::walk::sketch::Sketch;
use crate::work::{Subject, Work};

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
    Entry { name: "sketch", about: "the sketch, single row", make: Sketched::make, ..OURS },
    Entry { name: "pointer", about: "pointer chasing, single row", make: Pointer::make, ..OURS },
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

struct Ours {
    form: Form,
    rows: Vec<Features>,
    /// Rows a call; none where each is a call of its own.
    batch: Option<u16>,
}

impl Ours {
    fn single(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Ours { form: work.model(subject)?.form, rows: vec![], batch: None }))
    }

    fn batch(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Ours { form: work.model(subject)?.form, rows: vec![], batch: Some(BATCH) }))
    }
}

impl Contender for Ours {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        rows.clone_into(&mut self.rows);
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        if let Some(batch) = self.batch.map(usize::from) {
            for (rows, margins) in self.rows.chunks(batch).zip(margins.chunks_mut(batch)) {
                // The last chunk of places may be shorter than its rows.
                let rows = rows.get(..margins.len()).unwrap_or(rows);
                meanwhile::margins(&self.form, black_box(rows), margins);
            }
        } else {
            for (row, margin) in self.rows.iter().zip(margins) {
                *margin = self.form.margin(black_box(row));
            }
        }
        Ok(())
    }
}

/// Everything that a caller of the library pays for: encoding, margin, exponential.
struct Dollars {
    predictor: Predictor,
    stones: Vec<Diamond>,
}

impl Dollars {
    fn make(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        let predictor = Predictor::new(work.model(subject)?);
        Ok(Box::new(Dollars { predictor, stones: vec![] }))
    }
}

impl Contender for Dollars {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        self.stones = rows.iter().filter_map(stone).collect();
        anyhow::ensure!(self.stones.len() == rows.len(), "a row is no stone");
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        for (stone, margin) in self.stones.iter().zip(margins) {
            *margin = self.predictor.price_usd(black_box(stone));
        }
        Ok(())
    }
}

/// The stone that a row describes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "grades are small whole numbers"
)]
fn stone(row: &Features) -> Option<Diamond> {
    let [carat, cut, color, clarity, depth, table, x, y, z] = *row.values();
    Some(Diamond {
        carat: Carat::new(carat).ok()?,
        cut: *Cut::ALL.get(cut as usize)?,
        color: *Color::ALL.get(color as usize)?,
        clarity: *Clarity::ALL.get(clarity as usize)?,
        measures: Measures {
            depth: Percent::new(depth).ok(),
            table: Percent::new(table).ok(),
            x: Millimetres::new(x).ok(),
            y: Millimetres::new(y).ok(),
            z: Millimetres::new(z).ok(),
        },
    })
}

struct Wasm {
    guest: Guest,
    batch: Option<u16>,
}

impl Wasm {
    fn single(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Wasm { guest: Guest::with(&work.guest(), &work.blob(subject)?)?, batch: None }))
    }

    fn batch(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        let guest = Guest::with(&work.guest(), &work.blob(subject)?)?;
        Ok(Box::new(Wasm { guest, batch: Some(BATCH) }))
    }
}

impl Contender for Wasm {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        Ok(self.guest.load(rows)?)
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        match self.batch {
            Some(batch) => self.guest.in_batches(u32::from(batch), margins)?,
            None => self.guest.one_by_one(margins)?,
        }
        Ok(())
    }
}

struct Sketched {
    sketch: Sketch,
    rows: Vec<Features>,
}

impl Sketched {
    fn make(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Sketched { sketch: Sketch::of(&work.trees(subject)?)?, rows: vec![] }))
    }
}

impl Contender for Sketched {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        rows.clone_into(&mut self.rows);
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        for (row, margin) in self.rows.iter().zip(margins) {
            *margin = self.sketch.margin(black_box(row));
        }
        Ok(())
    }
}

struct Pointer {
    trees: Trees,
    rows: Vec<Features>,
}

impl Pointer {
    fn make(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Pointer { trees: work.trees(subject)?, rows: vec![] }))
    }
}

impl Contender for Pointer {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        rows.clone_into(&mut self.rows);
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        for (row, margin) in self.rows.iter().zip(margins) {
            *margin = pointer::margin(&self.trees, black_box(row));
        }
        Ok(())
    }
}

/// XGBoost, with rows that are f32 already.
struct XgBoost {
    booster: Booster,
    rows: Vec<[f32; FEATURE_COUNT]>,
    way: Way,
}

/// How XGBoost gets its rows.
enum Way {
    /// Each by itself, from one place that is described once.
    Single(InPlace),
    /// Each by itself, in a matrix of its own.
    SingleMatrix(InPlace),
    /// All of them where they are.
    Batch(InPlace),
    /// All of them in a matrix, made when they are loaded: it would remember margins for a second time.
    BatchMatrix(Option<Matrix>),
}

impl XgBoost {
    fn with(work: &Work, way: Way) -> Result<Box<dyn Contender>> {
        Ok(Box::new(XgBoost { booster: Booster::load(&work.booster())?, rows: vec![], way }))
    }

    fn single(work: &Work, _: Subject) -> Result<Box<dyn Contender>> {
        XgBoost::with(work, Way::Single(InPlace::new(vec![[0.0; FEATURE_COUNT]])?))
    }

    fn single_matrix(work: &Work, _: Subject) -> Result<Box<dyn Contender>> {
        XgBoost::with(work, Way::SingleMatrix(InPlace::new(vec![[0.0; FEATURE_COUNT]])?))
    }

    fn batch(work: &Work, _: Subject) -> Result<Box<dyn Contender>> {
        XgBoost::with(work, Way::Batch(InPlace::new(vec![])?))
    }

    fn batch_matrix(work: &Work, _: Subject) -> Result<Box<dyn Contender>> {
        XgBoost::with(work, Way::BatchMatrix(None))
    }
}

impl Contender for XgBoost {
    #[expect(clippy::cast_possible_truncation, reason = "XGBoost works in f32")]
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        self.rows = rows.iter().map(|row| row.values().map(|value| value as f32)).collect();
        match &mut self.way {
            Way::Single(_) | Way::SingleMatrix(_) => {}
            Way::Batch(rows) => *rows = InPlace::new(self.rows.clone())?,
            Way::BatchMatrix(matrix) => {
                *matrix = Some(Matrix::of(&InPlace::new(self.rows.clone())?)?);
            }
        }
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        let places = margins.len();
        match &mut self.way {
            Way::Single(place) => {
                for (row, margin) in self.rows.iter().zip(margins) {
                    place.replace(row);
                    self.booster.margins_in_place(place, std::slice::from_mut(margin))?;
                }
                Ok(())
            }
            Way::SingleMatrix(place) => {
                for (row, margin) in self.rows.iter().zip(margins) {
                    place.replace(row);
                    let matrix = Matrix::of(place)?;
                    self.booster.margins_of(&matrix, std::slice::from_mut(margin))?;
                }
                Ok(())
            }
            Way::Batch(rows) => {
                rows.describe(places)?;
                self.booster.margins_in_place(rows, margins)
            }
            Way::BatchMatrix(Some(matrix)) if places == self.rows.len() => {
                self.booster.margins_of(matrix, margins)
            }
            Way::BatchMatrix(_) => {
                let rows = InPlace::new(self.rows.iter().take(places).copied().collect())?;
                self.booster.margins_of(&Matrix::of(&rows)?, margins)
            }
        }
    }
}
