//! Diamonds from a table in text: one result a row.

use inference::{Diamond, FieldError, PriceLists};
use table::{ColumnProblem, Columns, ColumnsError, Header, Record, Records};

use crate::diamond::FOUR_CS;
use crate::field_errors::{ParseError, field_error, shorten};
use crate::warning::Warning;

/// The rows of a table.
#[derive(Debug)]
pub struct TableRows {
    /// For each row its diamond, or everything that is wrong with it.
    pub rows: Vec<Result<Diamond, Vec<FieldError>>>,
    /// The warning that names the columns that no diamond has.
    pub ignored: Option<Warning>,
}

/// Parses the rows below a header, for a model that knows these price lists. Only the four Cs are required; columns of
/// other names are ignored.
///
/// # Errors
///
/// [`ParseError::NotParseable`] for what is empty or not a table in text, [`ParseError::Invalid`] for a header without the
/// four Cs or with a column twice, and for more than `max_rows` rows.
pub fn from_csv(body: &[u8], max_rows: usize, lists: &PriceLists) -> Result<TableRows, ParseError> {
    let header = Header::read(body)
        .map_err(|error| ParseError::NotParseable { detail: format!("the body {error}") })?;
    let columns = Columns::of(&header.names, &FOUR_CS, &[]).map_err(column_errors)?;
    let mut rows = Vec::new();
    for record in Records::below(body, &header) {
        if rows.len() == max_rows {
            return Err(too_many(format!("more than {max_rows} rows"), max_rows).into());
        }
        rows.push(match record {
            Ok(record) => diamond(&record, &columns, header.separator, lists),
            Err(broken) => Err(shorten(vec![broken.1])),
        });
    }
    let names = columns.ignored.iter().map(|column| &column.name);
    let ignored = columns.ignored_sentence().map(|message| Warning::of_unknown(message, names));
    Ok(TableRows { rows, ignored })
}

/// The diamond of a row, for a model that knows these price lists.
///
/// # Errors
///
/// Everything that is wrong with the row, with its values as written.
pub fn diamond(
    record: &Record<'_>,
    columns: &Columns,
    separator: u8,
    lists: &PriceLists,
) -> Result<Diamond, Vec<FieldError>> {
    let diamond = columns.input(record, separator).parse_for(lists);
    diamond.map_err(|errors| shorten(columns.as_written(record, errors)))
}

/// The error of a batch that is too long.
#[must_use]
pub fn too_many(value: String, max_diamonds: usize) -> Vec<FieldError> {
    let allowed = format!("1 to {max_diamonds} diamonds; send the rest in another request");
    vec![field_error("diamonds", value, "has too many", allowed)]
}

/// One error for each column that is missing or there twice.
#[must_use]
pub fn column_errors(error: ColumnsError) -> Vec<FieldError> {
    let ColumnsError { problems, found, .. } = error;
    let of_problem = |problem| {
        let (field, message) = match problem {
            ColumnProblem::Missing { field, like: None } => {
                (field.to_owned(), "is missing from the CSV header".to_owned())
            }
            ColumnProblem::Missing { field, like: Some(like) } => {
                let message =
                    format!("is missing from the CSV header; if {like:?} is it, rename that");
                (field.to_owned(), message)
            }
            ColumnProblem::Twice { field } => {
                (field.to_owned(), "is in the CSV header twice".to_owned())
            }
            ColumnProblem::NotRenamed { name } => (name, "is missing".to_owned()),
        };
        let allowed = "a header line with carat, cut, color, clarity and, where known, depth, table, x, y, z, price_list";
        field_error(field, found.clone(), &message, allowed)
    };
    problems.into_iter().map(of_problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_rows_are_good_or_bad_one_by_one() {
        let body = b"color,carat,clarity,cut,note\nE,0.5,VS1,Ideal,\nQ,0.5,VS1,Ideal,x\n";
        let TableRows { rows, ignored } = from_csv(body, 9, &PriceLists::NONE).unwrap();
        assert_eq!(ignored.unwrap().message, "ignored the column \"note\"");
        assert!(rows[0].is_ok());
        assert_eq!(rows[1].as_ref().unwrap_err()[0].field, "color");
    }

    #[test]
    fn a_table_that_is_wrong_is_refused_as_a_whole() {
        let invalid = |body: &str, max_rows: usize| match from_csv(
            body.as_bytes(),
            max_rows,
            &PriceLists::NONE,
        ) {
            Err(ParseError::Invalid { errors }) => errors.len(),
            found => panic!("{found:?}"),
        };
        assert_eq!(invalid("carat,cut\n1,2\n", 9), 2);
        assert_eq!(
            invalid("carat,cut,color,clarity,x,x,carat,note,note\n1,Ideal,E,IF,,,1,,\n", 9),
            2
        );
        assert_eq!(invalid("carat,cut,color,clarity\n1,Ideal,E,IF\n1,Ideal,E,IF\n", 1), 1);
        let uneven = from_csv(b"carat,cut,color,clarity\n1\n", 9, &PriceLists::NONE).unwrap();
        assert_eq!(uneven.rows[0].as_ref().unwrap_err()[0].field, "row");
        let workbook = from_csv(b"PK\x03\x04", 9, &PriceLists::NONE);
        assert!(
            matches!(workbook, Err(ParseError::NotParseable { detail }) if detail.contains("workbook"))
        );
    }
}
