//! Diamonds from CSV, in any order of columns: one result a row.

use inference::{Diamond, DiamondInput, FieldError};

use crate::diamond::FOUR_CS;
use crate::field_errors::{ParseError, field_error, shorten};

/// Parses the rows below a header. Only the four Cs are required; columns of other names are ignored.
///
/// # Errors
///
/// [`ParseError::NotParseable`] for text that is not CSV or is empty, [`ParseError::Invalid`] for a header without the
/// four Cs or with a column twice, and for more than `max_rows` rows.
pub fn from_csv(
    body: &[u8],
    max_rows: usize,
) -> Result<Vec<Result<Diamond, Vec<FieldError>>>, ParseError> {
    let not_parseable = |error: csv::Error| ParseError::NotParseable {
        detail: format!(
            "the body is not CSV with a header and the same number of fields in each row: {error}"
        ),
    };
    if body.iter().all(u8::is_ascii_whitespace) {
        let detail = "the body is empty; send CSV with a header".into();
        return Err(ParseError::NotParseable { detail });
    }
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    let header = reader.headers().map_err(not_parseable)?.clone();
    check_header(&header)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(not_parseable)?;
        if rows.len() == max_rows {
            return Err(too_many(format!("more than {max_rows} rows"), max_rows).into());
        }
        let mut input = DiamondInput::default();
        for (field, text) in header.iter().zip(&record) {
            input.set_text(field, text);
        }
        rows.push(input.parse().map_err(shorten));
    }
    Ok(rows)
}

/// The error of a batch that is too long.
#[must_use]
pub fn too_many(value: String, max_diamonds: usize) -> Vec<FieldError> {
    let allowed = format!("1 to {max_diamonds} diamonds; send the rest in another request");
    vec![field_error("diamonds", value, "has too many", allowed)]
}

fn check_header(header: &csv::StringRecord) -> Result<(), ParseError> {
    let error = |field: &'static str| {
        let message = match header.iter().filter(|column| *column == field).count() {
            0 if FOUR_CS.contains(&field) => "is missing from the CSV header",
            0 | 1 => return None,
            _ => "is in the CSV header twice",
        };
        let allowed = "a header line with carat, cut, color, clarity and, where measured, depth, table, x, y, z";
        Some(field_error(field, header.iter().collect::<Vec<_>>().join(","), message, allowed))
    };
    let errors: Vec<FieldError> = DiamondInput::FIELDS.into_iter().filter_map(error).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_rows_are_good_or_bad_one_by_one() {
        let body = b"color,carat,clarity,cut,note\nE,0.5,VS1,Ideal,\nQ,0.5,VS1,Ideal,x\n";
        let rows = from_csv(body, 9).unwrap();
        assert!(rows[0].is_ok());
        assert_eq!(rows[1].as_ref().unwrap_err()[0].field, "color");
    }

    #[test]
    fn a_table_that_is_wrong_is_refused_as_a_whole() {
        let invalid = |body: &str, max_rows: usize| match from_csv(body.as_bytes(), max_rows) {
            Err(ParseError::Invalid { errors }) => errors.len(),
            found => panic!("{found:?}"),
        };
        assert_eq!(invalid("carat,cut\n1,2\n", 9), 2);
        assert_eq!(
            invalid("carat,cut,color,clarity,x,x,carat,note,note\n1,Ideal,E,IF,,,1,,\n", 9),
            2
        );
        assert_eq!(invalid("carat,cut,color,clarity\n1,Ideal,E,IF\n1,Ideal,E,IF\n", 1), 1);
        let uneven = from_csv(b"carat,cut,color,clarity\n1\n", 9);
        assert!(matches!(uneven, Err(ParseError::NotParseable { .. })));
    }
}
