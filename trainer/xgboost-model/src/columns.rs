//! Maps the columns of a model to our features, and their categories to our grades.

use inference::features::{FEATURE_NAMES, PRICE_LIST};
use inference::{Clarity, Color, Cut};

use crate::document::At;
use crate::error::ImportError;

/// How many columns a model has at most: every feature but the price list, which is the last one. Codes of price lists mean
/// nothing outside of the model that was trained on them.
const COLUMNS: usize = PRICE_LIST;

/// One column that a model was trained on.
#[derive(Debug)]
pub(crate) struct Column {
    /// The index of the feature in [`FEATURE_NAMES`].
    pub(crate) feature: u8,
    /// The ordinal of each category of the model, where it has a list of them; `None` for a category that is not a grade of
    /// ours.
    pub(crate) categories: Option<Vec<Option<usize>>>,
    /// Whether the model gives its categories the names of grades, and no numbers.
    pub(crate) are_named: bool,
}

/// Whether each grade of a feature is in a set; clarity has the most of them.
pub(crate) type Grades = [bool; Clarity::NAMES.len()];

/// Reads names and categories. A data frame's categories, which XGBoost stores since 3.1, are a list for each column, empty
/// for a column of numbers.
pub(crate) fn read(
    learner: &At<'_, '_>,
    model: &At<'_, '_>,
    names: &[&str],
) -> Result<Vec<Column>, ImportError> {
    let promised = learner.field("learner_model_param")?.field("num_feature")?;
    let count = promised.count()?;
    let features: Vec<u8> = if !names.is_empty() {
        if count != names.len() as u64 {
            let allowed = format!("{}, as there are names", names.len());
            return Err(promised.refuse(count, &allowed));
        }
        named(&learner.field("feature_names")?, names)?
    } else if count == COLUMNS as u64 {
        (0..).take(COLUMNS).collect()
    } else {
        return Err(ImportError::Unnamed { path: promised.path().to_owned(), found: count });
    };
    let column = |feature| Column { feature, categories: None, are_named: false };
    let mut columns: Vec<Column> = features.into_iter().map(column).collect();
    if let Some(cats) = model.optional("cats")? {
        let at = cats.field("enc")?;
        let lists = at.items()?;
        if lists.len() != 0 && lists.len() != columns.len() {
            return Err(at.length(lists.len(), columns.len()));
        }
        for (column, list) in columns.iter_mut().zip(lists) {
            column.categories = categories(column.feature, &list)?;
            column.are_named = list.optional("offsets")?.is_some();
        }
    }
    Ok(columns)
}

/// The feature that each name stands for.
fn named(at: &At<'_, '_>, names: &[&str]) -> Result<Vec<u8>, ImportError> {
    let mut features = Vec::new();
    for name in names {
        if name.eq_ignore_ascii_case(FEATURE_NAMES[PRICE_LIST]) {
            let allowed =
                format!("{}; an imported model cannot know price lists", names_of_columns());
            return Err(at.refuse(format!("{name:?}"), &allowed));
        }
        let feature = (0..).zip(FEATURE_NAMES).find(|(_, known)| known.eq_ignore_ascii_case(name));
        match feature {
            Some((feature, _)) if !features.contains(&feature) => features.push(feature),
            Some(_) => return Err(at.refuse(format!("{name:?} twice"), "each feature once")),
            None => return Err(at.refuse(format!("{name:?}"), &names_of_columns())),
        }
    }
    Ok(features)
}

/// The names that a column may have, with commas.
pub(crate) fn names_of_columns() -> String {
    FEATURE_NAMES[..COLUMNS].join(", ")
}

/// The names of a feature's grades in our order; a measure has none.
pub(crate) fn grades(feature: u8) -> &'static [&'static str] {
    match FEATURE_NAMES[usize::from(feature)] {
        "cut" => Cut::NAMES,
        "color" => Color::NAMES,
        "clarity" => Clarity::NAMES,
        _ => &[],
    }
}

/// The ordinals of the categories of a column; `None` where it has no categories.
fn categories(feature: u8, list: &At<'_, '_>) -> Result<Option<Vec<Option<usize>>>, ImportError> {
    let grades = grades(feature);
    let offsets = list.optional("offsets")?.map(|offsets| offsets.integers()).transpose()?;
    let values = list.field("values")?;
    let ordinals: Vec<Option<usize>> = match offsets {
        Some(offsets) => {
            let names = texts(&offsets, &values)?;
            let ordinal = |name: &String| {
                grades.iter().position(|grade| grade.eq_ignore_ascii_case(name.trim()))
            };
            names.iter().map(ordinal).collect()
        }
        None => {
            let ordinal = |code| usize::try_from(code).ok().filter(|code| *code < grades.len());
            values.integers()?.into_iter().map(ordinal).collect()
        }
    };
    if ordinals.is_empty() {
        return Ok(None);
    }
    if grades.is_empty() {
        let allowed = "categories of cut, color and clarity only";
        return Err(list.refuse("categories", allowed));
    }
    match (0..grades.len()).find(|ordinal| !ordinals.contains(&Some(*ordinal))) {
        None => Ok(Some(ordinals)),
        Some(missing) => Err(list.refuse(
            format!("no {:?}", grades[missing]),
            &format!(
                "a category for every grade, {}; give the column `pd.CategoricalDtype` with all of them",
                grades.join(", ")
            ),
        )),
    }
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
    offsets
        .windows(2)
        .map(text)
        .collect::<Option<Vec<String>>>()
        .ok_or_else(|| at.refuse("bytes that are no texts", "texts as their offsets say"))
}

impl Column {
    /// Converts the category codes of a split to grades. A category that is not a grade of ours has no effect. The error is
    /// the invalid code, and what is allowed.
    pub(crate) fn grades(&self, codes: &[i32]) -> Result<Grades, (String, String)> {
        let grades = grades(self.feature);
        if grades.is_empty() {
            let name = FEATURE_NAMES[usize::from(self.feature)];
            let allowed = String::from("splits by category of cut, color and clarity");
            return Err((format!("a split by category of {name}"), allowed));
        }
        let known = self.categories.as_ref().map_or(grades.len(), Vec::len);
        let mut set = Grades::default();
        for code in codes {
            let index = usize::try_from(*code).ok().filter(|index| *index < known);
            let index = index.ok_or_else(|| {
                (format!("category {code}"), format!("0 to {}", known.saturating_sub(1)))
            })?;
            if let Some(ordinal) = self.categories.as_ref().map_or(Some(index), |list| list[index])
            {
                set[ordinal] = true;
            }
        }
        Ok(set)
    }

    /// Whether the codes of a column equal our ordinals: its categories, if any, are in our order.
    pub(crate) fn is_in_order(&self) -> bool {
        self.categories.as_ref().is_none_or(|categories| {
            categories.iter().enumerate().all(|(code, ordinal)| *ordinal == Some(code))
        })
    }
}
