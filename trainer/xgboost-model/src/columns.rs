//! Maps the columns of a model to our features, and their categories to our grades.

use inference::features::{FEATURE_COUNT, FEATURE_NAMES};
use inference::{Clarity, Color, Cut};

use crate::document::At;
use crate::error::ImportError;

/// The columns a model was trained on.
#[derive(Debug)]
pub(crate) struct Columns {
    columns: Vec<Column>,
}

/// One column.
#[derive(Debug)]
pub(crate) struct Column {
    /// The index of the feature in [`FEATURE_NAMES`].
    pub(crate) feature: u8,
    /// The ordinal of each category of the model, where it has a list of them; `None` for a category that is not a grade of
    /// ours.
    categories: Option<Vec<Option<u8>>>,
}

/// A set of grades, one bit per ordinal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grades(u8);

impl Grades {
    /// Whether a grade is in the set.
    pub(crate) fn has(self, ordinal: u8) -> bool {
        self.0 & (1 << ordinal) != 0
    }

    fn with(self, ordinal: u8) -> Grades {
        Grades(self.0 | (1 << ordinal))
    }
}

impl Columns {
    /// Reads names and categories.
    ///
    /// # Errors
    ///
    /// [`ImportError`] for columns that are not our features.
    pub(crate) fn read(
        learner: &At<'_, '_>,
        model: &At<'_, '_>,
        names: &[&str],
    ) -> Result<Columns, ImportError> {
        let promised = learner.field("learner_model_param")?.field("num_feature")?;
        let count = promised.count()?;
        let features = if names.is_empty() {
            if count != FEATURE_COUNT as u64 {
                return Err(ImportError::Unnamed {
                    path: promised.path().to_owned(),
                    found: count,
                });
            }
            (0..).take(FEATURE_COUNT).collect()
        } else {
            if count != names.len() as u64 {
                return Err(promised
                    .refuse(count.to_string(), &format!("{}, as there are names", names.len())));
            }
            named(&learner.field("feature_names")?, names)?
        };
        let mut columns = Columns {
            columns: features
                .into_iter()
                .map(|feature| Column { feature, categories: None })
                .collect(),
        };
        if let Some(cats) = model.optional("cats")? {
            columns.read_categories(&cats)?;
        }
        Ok(columns)
    }

    /// Whether the model has a list of categories for any column.
    pub(crate) fn have_categories(&self) -> bool {
        self.columns.iter().any(|column| column.categories.is_some())
    }

    /// The column that a split tests.
    pub(crate) fn get(&self, index: i32) -> Option<&Column> {
        self.columns.get(usize::try_from(index).ok()?)
    }

    /// Reads the categories of a data frame's columns, which XGBoost stores since 3.1: a list for each column, empty for a
    /// column of numbers.
    fn read_categories(&mut self, cats: &At<'_, '_>) -> Result<(), ImportError> {
        let at = cats.field("enc")?;
        let lists = at.items()?;
        if lists.len() == 0 {
            return Ok(());
        }
        if lists.len() != self.columns.len() {
            return Err(at.length(lists.len(), self.columns.len()));
        }
        for (column, list) in self.columns.iter_mut().zip(lists) {
            column.categories = categories(column.feature, &list)?;
        }
        Ok(())
    }
}

/// The feature that each name stands for.
fn named(at: &At<'_, '_>, names: &[&str]) -> Result<Vec<u8>, ImportError> {
    let mut features = Vec::new();
    for name in names {
        let feature = (0..).zip(FEATURE_NAMES).find(|(_, known)| known.eq_ignore_ascii_case(name));
        match feature {
            Some((feature, _)) if !features.contains(&feature) => features.push(feature),
            Some(_) => return Err(at.refuse(format!("{name:?} twice"), "each feature once")),
            None => return Err(at.refuse(format!("{name:?}"), &FEATURE_NAMES.join(", "))),
        }
    }
    Ok(features)
}

/// The names of a feature's grades in our order; `None` for a measure.
pub(crate) fn grades(feature: u8) -> Option<&'static [&'static str]> {
    match FEATURE_NAMES.get(usize::from(feature)) {
        Some(&"cut") => Some(Cut::NAMES),
        Some(&"color") => Some(Color::NAMES),
        Some(&"clarity") => Some(Clarity::NAMES),
        _ => None,
    }
}

/// The ordinals of the categories of a column; `None` where it has no categories.
fn categories(feature: u8, list: &At<'_, '_>) -> Result<Option<Vec<Option<u8>>>, ImportError> {
    let ordinals = match list.optional("offsets")? {
        Some(offsets) => texts(&offsets.integers()?, &list.field("values")?)?
            .iter()
            .map(|name| ordinal_of_name(feature, name))
            .collect(),
        None => list
            .field("values")?
            .integers()?
            .iter()
            .map(|code| ordinal_of_code(feature, *code))
            .collect::<Vec<_>>(),
    };
    if ordinals.is_empty() {
        return Ok(None);
    }
    let Some(grades) = grades(feature) else {
        return Err(
            list.refuse(String::from("categories"), "categories of cut, color and clarity only")
        );
    };
    let missing = (0_u8..).zip(grades).find(|(ordinal, _)| !ordinals.contains(&Some(*ordinal)));
    match missing {
        None => Ok(Some(ordinals)),
        Some((_, grade)) => Err(list.refuse(
            format!("no {grade:?}"),
            &format!(
                "a category for every grade, {}; give the column `pd.CategoricalDtype` with all of them",
                grades.join(", ")
            ),
        )),
    }
}

fn ordinal_of_name(feature: u8, name: &str) -> Option<u8> {
    let same = |grade: &&str| grade.eq_ignore_ascii_case(name.trim());
    grades(feature)?.iter().position(same).and_then(|at| u8::try_from(at).ok())
}

fn ordinal_of_code(feature: u8, code: i32) -> Option<u8> {
    let ordinal = u8::try_from(code).ok()?;
    (usize::from(ordinal) < grades(feature)?.len()).then_some(ordinal)
}

/// Splits concatenated texts by their offsets.
fn texts(offsets: &[i32], at: &At<'_, '_>) -> Result<Vec<String>, ImportError> {
    let bytes = at.integers()?;
    let text = |ends: &[i32]| {
        let start = usize::try_from(*ends.first()?).ok()?;
        let bytes = bytes.get(start..usize::try_from(*ends.get(1)?).ok()?)?;
        let bytes =
            bytes.iter().map(|byte| u8::try_from(*byte).ok()).collect::<Option<Vec<u8>>>()?;
        String::from_utf8(bytes).ok()
    };
    offsets.windows(2).map(text).collect::<Option<Vec<String>>>().ok_or_else(|| {
        at.refuse(String::from("bytes that are no texts"), "texts as their offsets say")
    })
}

impl Column {
    /// Converts the category codes of a split to grades.
    ///
    /// # Errors
    ///
    /// The invalid code, and what is allowed.
    pub(crate) fn grades(&self, codes: &[i32]) -> Result<Grades, (String, String)> {
        let Some(grades) = grades(self.feature) else {
            let name = FEATURE_NAMES.get(usize::from(self.feature)).copied().unwrap_or_default();
            return Err((
                format!("a split by category of {name}"),
                String::from("splits by category of cut, color and clarity"),
            ));
        };
        let known = self.categories.as_ref().map_or(grades.len(), Vec::len);
        let mut set = Grades(0);
        for code in codes {
            let index = usize::try_from(*code).ok().filter(|index| *index < known);
            let Some(index) = index else {
                return Err((
                    format!("category {code}"),
                    format!("0 to {}", known.saturating_sub(1)),
                ));
            };
            let ordinal = match &self.categories {
                Some(categories) => categories.get(index).copied().flatten(),
                None => u8::try_from(index).ok(),
            };
            // A category that is not a grade of ours has no effect.
            if let Some(ordinal) = ordinal {
                set = set.with(ordinal);
            }
        }
        Ok(set)
    }

    /// Whether the codes of a column equal our ordinals: its categories, if any, are in our order.
    pub(crate) fn is_in_order(&self) -> bool {
        self.categories.as_ref().is_none_or(|categories| {
            (0_u8..).zip(categories).all(|(code, ordinal)| *ordinal == Some(code))
        })
    }
}
