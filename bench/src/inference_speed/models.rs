//! The models and rows of the contenders, as files: each opens only what it needs, so that a count of instructions has little
//! else in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use inference::blob::{self, Model};
use inference::features::FEATURE_COUNT;
use inference::form::{Basis, Linear, Term, Trees};
use inference::{Clarity, Color, Cut, Features, Form, FormError};

use crate::dataset::Dataset;
use crate::programs::{CHAMPION, cached, read};
use crate::reference::{Reference, compact};

/// The reference ensemble as XGBoost's own file.
pub(crate) const BOOSTER: &str = "target/bench/models/reference.ubj";
/// The guest's module.
pub(crate) const GUEST: &str = "target/bench/models/guest.wasm";
const ROWS: &str = "target/bench/models/rows.f64";

/// Which model computes the margins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModelKind {
    /// The reference ensemble, its leaves quantised.
    Reference,
    /// The reference ensemble, its leaves as XGBoost has them.
    Exact,
    /// The released champion.
    Champion,
    /// A linear form as the families `linear` and `log-linear` make it.
    Linear,
    /// A linear form as the family `elastic-net` makes it.
    ElasticNet,
}

impl ModelKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            ModelKind::Reference => "reference",
            ModelKind::Exact => "reference, exact leaves",
            ModelKind::Champion => "champion",
            ModelKind::Linear => "linear, 19 terms",
            ModelKind::ElasticNet => "linear, 29 terms",
        }
    }

    fn file(self) -> PathBuf {
        cached(&format!("models/{self:?}.loupe"))
    }

    /// The blob.
    pub(crate) fn blob(self) -> Result<Vec<u8>> {
        read(self.file())
    }

    /// The model, decoded.
    pub(crate) fn model(self) -> Result<Model> {
        blob::decode(&self.blob()?).with_context(|| format!("the {}", self.name()))
    }

    /// The model's trees.
    pub(crate) fn trees(self) -> Result<Trees> {
        match self.model()?.form {
            Form::Trees(trees) => Ok(trees),
            Form::Linear(_) => bail!("the {} has no trees", self.name()),
        }
    }
}

/// Fills the folder: rows, models, the guest.
pub(crate) fn prepare(dataset: &Dataset) -> Result<()> {
    let reference = Reference::of(&dataset.stones)?;
    fs::create_dir_all(cached("models"))?;
    for (from, to) in [
        (Path::new(CHAMPION), ModelKind::Champion.file()),
        (Path::new("target/tools/bench_guest.wasm"), GUEST.into()),
        (&reference.ubjson, BOOSTER.into()),
    ] {
        fs::copy(from, to).with_context(|| format!("{} cannot be copied", from.display()))?;
    }
    // As long as a released model's, with every part that a header can have.
    let header = ModelKind::Champion.model()?.header;
    let exact = reference.trees()?;
    let compacted = compact(&exact, &dataset.stones)?;
    let values = [Basis::Value(0), Basis::Value(6)];
    for (kind, form) in [
        (ModelKind::Reference, Form::Trees(compacted)),
        (ModelKind::Exact, Form::Trees(exact)),
        (ModelKind::Linear, linear(values.into_iter().chain(grades()))?),
        (ModelKind::ElasticNet, linear(rich_terms().into_iter().chain(grades()))?),
    ] {
        fs::write(kind.file(), blob::encode(&Model { header: header.clone(), form })?)?;
    }
    let rows = dataset.stones.iter().map(|stone| *stone.features().values());
    let bytes: Vec<u8> = rows.flatten().flat_map(f64::to_le_bytes).collect();
    Ok(fs::write(ROWS, bytes)?)
}

/// The rows in their random order.
pub(crate) fn rows() -> Result<Vec<Features>> {
    let bytes = read(ROWS)?;
    let values = bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
    let values: Vec<f64> = values.collect();
    let rows: &[[f64; FEATURE_COUNT]] = values.as_chunks().0;
    Ok(rows.iter().copied().map(Features::from_values).collect())
}

/// A form with these terms. Its weights do not matter, because only its time is measured.
fn linear(bases: impl Iterator<Item = Basis>) -> Result<Form, FormError> {
    let terms = bases.zip(1_u8..);
    let terms = terms.map(|(basis, at)| Term { basis, weight: 0.01 * f64::from(at), mean: 0.0 });
    Ok(Form::Linear(Linear::new(1.0, terms.collect())?))
}

/// One-hot columns of the grades, the first of each left out.
fn grades() -> impl Iterator<Item = Basis> {
    [(1, Cut::ALL.len()), (2, Color::ALL.len()), (3, Clarity::ALL.len())].into_iter().flat_map(
        |(feature, levels)| (1_u8..).take(levels - 1).map(move |at| Basis::Level(feature, at)),
    )
}

/// The terms of `elastic-net` that are not grades.
fn rich_terms() -> [Basis; 12] {
    [
        Basis::Ln(0),
        Basis::Value(0),
        Basis::Square(0),
        Basis::Value(6),
        Basis::Value(4),
        Basis::Value(5),
        Basis::Square(2),
        Basis::Product(0, 1),
        Basis::Product(0, 2),
        Basis::Product(0, 3),
        Basis::Product(2, 3),
        Basis::Product(1, 3),
    ]
}
