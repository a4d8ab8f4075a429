//! The models and rows of the contenders, as files: each opens only what it needs, so that a count of instructions has little
//! else in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use inference::blob::{self, Header, Model};
use inference::features::FEATURE_COUNT;
use inference::form::{Basis, Linear, Term, Trees};
use inference::{Clarity, Color, Cut, Features, Form, FormError};

use crate::dataset::Dataset;
use crate::reference::{Reference, compact};

/// The folder with the files.
pub(crate) struct Models {
    folder: PathBuf,
}

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
    const ALL: [ModelKind; 5] =
        [Self::Reference, Self::Exact, Self::Champion, Self::Linear, Self::ElasticNet];

    pub(crate) fn name(self) -> &'static str {
        match self {
            ModelKind::Reference => "reference",
            ModelKind::Exact => "reference, exact leaves",
            ModelKind::Champion => "champion",
            ModelKind::Linear => "linear, 19 terms",
            ModelKind::ElasticNet => "linear, 29 terms",
        }
    }

    fn file(self) -> &'static str {
        match self {
            ModelKind::Reference => "reference.loupe",
            ModelKind::Exact => "exact.loupe",
            ModelKind::Champion => "champion.loupe",
            ModelKind::Linear => "linear.loupe",
            ModelKind::ElasticNet => "elastic-net.loupe",
        }
    }
}

impl Models {
    /// Opens a folder that [`Self::prepare`] filled.
    pub(crate) fn open(folder: &Path) -> Models {
        Models { folder: folder.to_owned() }
    }

    /// Fills a folder: rows, models, the guest.
    pub(crate) fn prepare(
        folder: &Path,
        dataset: &Dataset,
        reference: &Reference,
        champion: &Path,
        guest: &Path,
    ) -> Result<Models> {
        fs::create_dir_all(folder)?;
        let models = Models::open(folder);
        let copy = |from: &Path, to: &str| {
            fs::copy(from, folder.join(to))
                .with_context(|| format!("{} cannot be copied", from.display()))
        };
        copy(champion, ModelKind::Champion.file())?;
        copy(guest, "guest.wasm")?;
        copy(&reference.ubjson, "reference.ubj")?;
        let exact = reference.trees()?;
        for kind in ModelKind::ALL {
            let form = match kind {
                ModelKind::Reference => Form::Trees(compact(&exact, &dataset.stones)?),
                ModelKind::Exact => Form::Trees(exact.clone()),
                ModelKind::Linear => {
                    linear([Basis::Value(0), Basis::Value(6)].into_iter().chain(grades()))?
                }
                ModelKind::ElasticNet => linear(rich_terms().into_iter().chain(grades()))?,
                ModelKind::Champion => continue,
            };
            let header = models.champion_header()?;
            fs::write(folder.join(kind.file()), blob::encode(&Model { header, form })?)?;
        }
        let rows = dataset.stones.iter().map(|stone| *stone.features().values());
        let bytes: Vec<u8> = rows.flatten().flat_map(f64::to_le_bytes).collect();
        fs::write(folder.join("rows.f64"), bytes)?;
        Ok(models)
    }

    /// The rows in their random order.
    pub(crate) fn rows(&self) -> Result<Vec<Features>> {
        let bytes = self.read("rows.f64")?;
        let values: Vec<f64> =
            bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        let rows: &[[f64; FEATURE_COUNT]] = values.as_chunks().0;
        Ok(rows.iter().copied().map(Features::from_values).collect())
    }

    /// A model's blob.
    pub(crate) fn blob(&self, kind: ModelKind) -> Result<Vec<u8>> {
        self.read(kind.file())
    }

    /// A model, decoded.
    pub(crate) fn model(&self, kind: ModelKind) -> Result<Model> {
        blob::decode(&self.blob(kind)?).with_context(|| format!("the {}", kind.name()))
    }

    /// A model's trees.
    pub(crate) fn trees(&self, kind: ModelKind) -> Result<Trees> {
        match self.model(kind)?.form {
            Form::Trees(trees) => Ok(trees),
            Form::Linear(_) => bail!("the {} has no trees", kind.name()),
        }
    }

    /// The reference ensemble as XGBoost's own file.
    pub(crate) fn booster(&self) -> PathBuf {
        self.folder.join("reference.ubj")
    }

    /// The guest's module.
    pub(crate) fn guest(&self) -> PathBuf {
        self.folder.join("guest.wasm")
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A header as long as a released model's, with every part that a header can have.
    fn champion_header(&self) -> Result<Header> {
        Ok(self.model(ModelKind::Champion)?.header)
    }

    fn read(&self, file: &str) -> Result<Vec<u8>> {
        let file = self.folder.join(file);
        fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))
    }
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
