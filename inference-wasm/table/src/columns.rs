//! Finds the columns of a diamond by their names, and reads a row's fields by them.

use std::fmt::{self, Write as _};

use inference::text::shortened;
use inference::{DiamondInput, FieldError, FieldValue};

use crate::numeral::number;
use crate::records::Record;

/// The columns that are known, as the public table orders them, and the price list, which it does not have.
pub const FIELDS: [&str; 11] =
    ["carat", "cut", "color", "clarity", "depth", "table", "price", "x", "y", "z", "price_list"];

/// The columns without which no stone can be priced.
pub const FOUR_CS: [&str; 4] = ["carat", "cut", "color", "clarity"];

/// How many columns are named one by one.
const MAX_NAMED: usize = 12;

/// Words that people use for a column.
const SYNONYMS: [(&str, &str); 11] = [
    ("weight", "carat"),
    ("ct", "carat"),
    ("cts", "carat"),
    ("colour", "color"),
    ("purity", "clarity"),
    ("cost", "price"),
    ("usd", "price"),
    ("length", "x"),
    ("width", "y"),
    ("height", "z"),
    ("tbl", "table"),
];

/// Where the columns of a diamond are in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// For each of [`FIELDS`], its place in a row.
    places: [Option<usize>; FIELDS.len()],
    /// The columns that are not a diamond's, in their order.
    pub ignored: Vec<Ignored>,
}

/// A column that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Its name; empty where it has none.
    pub name: String,
    /// The column that may be meant.
    pub like: Option<&'static str>,
}

/// That a column of another name is one of [`FIELDS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// Its name in the table, in any case.
    pub from: String,
    /// The column that it is.
    pub to: &'static str,
}

/// Why the columns of a table are not those of diamonds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}; found the header {found:?}; wanted {}, in any order", sentences(problems), wanted.join(","))]
pub struct ColumnsError {
    /// Everything that is wrong.
    pub problems: Vec<ColumnProblem>,
    /// The header as written.
    pub found: String,
    /// The columns that are required.
    pub wanted: Vec<&'static str>,
}

/// What is wrong with one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnProblem {
    /// It is required and not there.
    Missing {
        /// The column.
        field: &'static str,
        /// The column of the table that may be meant.
        like: Option<String>,
    },
    /// It is there twice.
    Twice {
        /// The column.
        field: &'static str,
    },
    /// A column that is renamed is not there.
    NotRenamed {
        /// Its name.
        name: String,
    },
}

impl fmt::Display for ColumnProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnProblem::Missing { field, like: None } => write!(f, "{field} is missing"),
            ColumnProblem::Missing { field, like: Some(like) } => {
                write!(f, "{field} is missing; perhaps {like:?} is meant")
            }
            ColumnProblem::Twice { field } => write!(f, "{field} is there twice"),
            ColumnProblem::NotRenamed { name } => {
                write!(f, "the renamed column {name:?} is missing")
            }
        }
    }
}

fn sentences(problems: &[ColumnProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl ColumnsError {
    /// For each column that is missing and may have another name: a rename.
    pub fn proposals(&self) -> impl Iterator<Item = Rename> {
        self.problems.iter().filter_map(|problem| match problem {
            ColumnProblem::Missing { field, like: Some(like) } => {
                Some(Rename { from: like.clone(), to: field })
            }
            _ => None,
        })
    }
}

impl Rename {
    /// Reads `Their name=ours`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Rename, String> {
        let (from, to) = text.rsplit_once('=').ok_or("wanted \"Their name=ours\"")?;
        let to = FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(to.trim()));
        let to =
            to.ok_or_else(|| format!("the name behind = must be one of {}", FIELDS.join(", ")))?;
        Ok(Rename { from: from.trim().to_owned(), to })
    }
}

impl Columns {
    /// Finds the columns by the names of a header, without regard to case.
    ///
    /// # Errors
    ///
    /// [`ColumnsError`] for a required column that is missing, a column that is there twice, and a rename of a column that is not
    /// there.
    pub fn of(
        names: &[String],
        required: &[&'static str],
        renames: &[Rename],
    ) -> Result<Columns, ColumnsError> {
        let mut problems = Vec::new();
        for Rename { from, .. } in renames {
            if !names.iter().any(|name| name.eq_ignore_ascii_case(from)) {
                problems.push(ColumnProblem::NotRenamed { name: shortened(from.clone()) });
            }
        }
        // A column that is renamed is no longer what its own name says.
        let field_of = |name: &str| {
            let renamed = renames.iter().find(|rename| rename.from.eq_ignore_ascii_case(name));
            renamed
                .map(|rename| rename.to)
                .or_else(|| FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(name)))
        };
        let fields: Vec<Option<&'static str>> = names.iter().map(|name| field_of(name)).collect();
        let mut places = [None; FIELDS.len()];
        for (place, field) in places.iter_mut().zip(FIELDS) {
            let mut found = (0..names.len()).filter(|at| fields[*at] == Some(field));
            *place = found.next();
            if found.next().is_some() {
                problems.push(ColumnProblem::Twice { field });
            }
        }
        let is_missing = |field: &str| place_of(field).is_none_or(|at| places[at].is_none());
        let ignored =
            names.iter().zip(&fields).filter(|(_, field)| field.is_none()).map(|(name, _)| {
                let like = similar_field(name).filter(|like| is_missing(like));
                Ignored { name: name.clone(), like }
            });
        let ignored: Vec<Ignored> = ignored.collect();
        for field in required.iter().copied().filter(|field| is_missing(field)) {
            let likely = ignored.iter().find(|column| column.like == Some(field));
            let like = likely.map(|column| shortened(column.name.clone()));
            problems.push(ColumnProblem::Missing { field, like });
        }
        if problems.is_empty() {
            return Ok(Columns { places, ignored });
        }
        let found = shortened(names.join(","));
        Err(ColumnsError { problems, found, wanted: required.to_vec() })
    }

    /// A field of a row as written; empty if there is no such column.
    #[must_use]
    pub fn text<'r>(&self, record: &'r Record<'_>, field: &str) -> &'r str {
        let place = place_of(field).and_then(|at| self.places[at]);
        place.and_then(|place| record.fields.get(place)).map_or("", AsRef::as_ref)
    }

    /// The value of a field of a row: a number of [`FIELDS`] is read as the table writes numbers.
    #[must_use]
    pub fn value<'r>(&self, record: &'r Record<'_>, separator: u8, field: &str) -> FieldValue<'r> {
        let text = self.text(record, field);
        if text.trim().is_empty() {
            FieldValue::Absent
        } else if DiamondInput::is_number(field) {
            number(text, separator, field == "price")
                .map_or(FieldValue::Text(text), FieldValue::Number)
        } else {
            FieldValue::Text(text)
        }
    }

    /// Lets the errors of a row repeat its values as written, and tells apart what is not UTF-8.
    #[must_use]
    pub fn as_written(&self, record: &Record<'_>, mut errors: Vec<FieldError>) -> Vec<FieldError> {
        for error in &mut errors {
            error.value = shortened(self.text(record, &error.field).to_owned());
            if error.value.contains(char::REPLACEMENT_CHARACTER) {
                error.message = String::from("is not UTF-8 text");
                error.allowed = String::from("text saved as \"CSV UTF-8\"");
            }
        }
        errors
    }

    /// A row as a stone to be priced. Tables write 0 for a dimension that was not measured.
    #[must_use]
    pub fn input<'r>(&self, record: &'r Record<'_>, separator: u8) -> DiamondInput<'r> {
        let mut input = DiamondInput::default();
        for field in DiamondInput::FIELDS {
            if let Some(slot) = input.value_mut(field) {
                *slot = match self.value(record, separator, field) {
                    FieldValue::Number(0.0) if is_dimension(field) => FieldValue::Absent,
                    value => value,
                };
            }
        }
        input
    }

    /// A sentence that names the ignored columns, and for each the column that may be meant; `None` without any.
    #[must_use]
    pub fn ignored_sentence(&self) -> Option<String> {
        let (first, rest) = self.ignored.split_first()?;
        let mut sentence = String::from(if rest.is_empty() {
            "ignored the column "
        } else {
            "ignored the columns "
        });
        for (at, Ignored { name, like }) in
            std::iter::once(first).chain(rest).take(MAX_NAMED).enumerate()
        {
            let separator = if at == 0 { "" } else { ", " };
            // Writing to a text does not fail.
            let _ = write!(sentence, "{separator}{:?}", shortened(name.clone()));
            if let Some(like) = like {
                let _ = write!(sentence, " (perhaps {like} is meant)");
            }
        }
        if self.ignored.len() > MAX_NAMED {
            let _ = write!(sentence, " and {} more", self.ignored.len() - MAX_NAMED);
        }
        Some(sentence)
    }
}

fn place_of(field: &str) -> Option<usize> {
    FIELDS.iter().position(|known| *known == field)
}

/// Whether a column of this name holds a dimension in mm, for which tables write 0 where it was not measured.
#[must_use]
pub fn is_dimension(field: &str) -> bool {
    matches!(field, "x" | "y" | "z")
}

/// The field that a column of another name may be: one of its words is the field or a synonym, or differs from it by a typing
/// error.
fn similar_field(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|sign: char| !sign.is_ascii_alphabetic()).filter(|it| !it.is_empty()).collect();
    let of_word = |word: &&str| {
        let word = *word;
        let field = FIELDS.into_iter().find(|field| *field == word);
        field.or_else(|| {
            SYNONYMS.iter().find(|(synonym, _)| *synonym == word).map(|(_, field)| *field)
        })
    };
    let mistyped = |word: &&str| {
        let is_near =
            |field: &&str| field.len() > 3 && word.len() > 3 && distance(field, word) <= 2;
        FIELDS.into_iter().find(|field| is_near(field))
    };
    words.iter().find_map(of_word).or_else(|| words.iter().find_map(mistyped))
}

/// How many letters must be added, removed or replaced to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut costs: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut costs[0], row + 1);
        for (column, against) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(letter != against);
            diagonal = costs[column + 1];
            costs[column + 1] = replaced.min(diagonal + 1).min(costs[column] + 1);
        }
    }
    costs[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Header, Records};

    fn names(header: &str) -> Vec<String> {
        header.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn columns_are_found_in_any_order_and_case() {
        let columns = Columns::of(&names(",Cut,CARAT,note,clarity,color"), &FOUR_CS, &[]).unwrap();
        assert_eq!(columns.ignored_sentence().unwrap(), "ignored the columns \"\", \"note\"");
        let columns = Columns::of(&names("carat,cut,color,clarity,depht"), &FOUR_CS, &[]).unwrap();
        let sentence = "ignored the column \"depht\" (perhaps depth is meant)";
        assert_eq!(columns.ignored_sentence().unwrap(), sentence);
        assert_eq!(
            Columns::of(&names("carat,cut,color,clarity"), &FOUR_CS, &[]).unwrap().ignored,
            []
        );
    }

    #[test]
    fn what_is_missing_is_named_with_the_column_that_may_be_meant() {
        let check = |header: &str, renames: &[&str], expected: &str| {
            let renames: Vec<Rename> =
                renames.iter().map(|it| Rename::parse(it).unwrap()).collect();
            let error = Columns::of(&names(header), &FOUR_CS, &renames).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        };
        check(
            "Carat Weight,cut,colour,clarity",
            &[],
            "carat is missing; perhaps \"Carat Weight\" is meant, color is missing; perhaps \"colour\" is meant; found",
        );
        check("carat,cut,color", &[], "clarity is missing; found");
        check("carat,cut,color,clarity,Carat", &[], "carat is there twice; found");
        check(
            "carat,cut,color,clarity",
            &["ct=carat"],
            "the renamed column \"ct\" is missing; found",
        );
        check("carat,ct,cut,color,clarity", &["ct=carat"], "carat is there twice; found");
        let renames = ["Carat Weight=carat", "COLOUR = color"].map(|it| Rename::parse(it).unwrap());
        assert!(Columns::of(&names("carat weight,cut,colour,clarity"), &FOUR_CS, &renames).is_ok());
        assert!(Rename::parse("carat").is_err() && Rename::parse("a=b").is_err());
    }

    #[test]
    fn a_name_is_like_a_field() {
        let check =
            |name: &str, field: Option<&str>| assert_eq!(similar_field(name), field, "{name}");
        check("Carat Weight", Some("carat"));
        check("price_usd", Some("price"));
        check("colour", Some("color"));
        check("tabel", Some("table"));
        check("Depth %", Some("depth"));
        check("length (mm)", Some("x"));
        check("note", None);
        check("id", None);
        check("", None);
        check("Unnamed: 0", None);
    }

    #[test]
    fn a_row_is_read_by_its_columns() {
        let text = b"price;x;y;carat;cut;color;clarity;PRICE_LIST\n$1.234,50;0,0;3,95;0x46;Ideal;E;SI2;7\n";
        let header = Header::read(text).unwrap();
        let columns = Columns::of(&header.names, &FOUR_CS, &[]).unwrap();
        let record = Records::below(text, &header).next().unwrap().unwrap();
        let input = columns.input(&record, header.separator);
        assert_eq!(input.x, FieldValue::Absent);
        assert_eq!(input.y, FieldValue::Number(3.95));
        assert_eq!(input.carat, FieldValue::Text("0x46"));
        assert_eq!(input.price_list, FieldValue::Text("7"));
        let price = columns.value(&record, header.separator, "price");
        assert_eq!(price, FieldValue::Number(1234.5));
        assert_eq!(columns.text(&record, "depth"), "");
    }
}
