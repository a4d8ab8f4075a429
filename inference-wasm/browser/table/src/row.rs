//! A row of a table as a JavaScript object.

use api::ErrorItem;
use api::table::diamond;
use inference::{Diamond, FieldError, PriceList, PriceLists};
use serde::Serialize;
use table::{Columns, Record, Records};

/// A row, with its diamond or everything that is wrong with it.
#[derive(Serialize)]
pub(crate) struct Row {
    line: u64,
    cells: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diamond: Option<RowDiamond>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ErrorItem>,
}

/// A diamond, without what it lacks.
#[derive(Serialize)]
struct RowDiamond {
    carat: f64,
    cut: &'static str,
    color: &'static str,
    clarity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    depth: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    z: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price_list: Option<PriceList>,
}

impl Row {
    /// The row of a record that was read or could not be.
    pub(crate) fn of(
        record: <Records<'_> as Iterator>::Item,
        columns: &Columns,
        separator: u8,
    ) -> Row {
        match record {
            Ok(record) => {
                let parsed = diamond(&record, columns, separator, &PriceLists::NONE);
                Row::new(record, parsed)
            }
            Err(broken) => {
                let (record, error) = *broken;
                Row::new(record, Err(vec![error]))
            }
        }
    }

    fn new(record: Record<'_>, parsed: Result<Diamond, Vec<FieldError>>) -> Row {
        let cells = record.fields.into_iter().map(String::from).collect();
        let (diamond, errors) = match parsed {
            Ok(diamond) => (Some(RowDiamond::of(&diamond)), Vec::new()),
            Err(errors) => (None, errors.into_iter().map(ErrorItem::from).collect()),
        };
        Row { line: record.line, cells, diamond, errors }
    }
}

impl RowDiamond {
    fn of(diamond: &Diamond) -> RowDiamond {
        let measures = &diamond.measures;
        RowDiamond {
            carat: diamond.carat.carats(),
            cut: diamond.cut.as_str(),
            color: diamond.color.as_str(),
            clarity: diamond.clarity.as_str(),
            depth: measures.depth.map(|it| it.percent()),
            table: measures.table.map(|it| it.percent()),
            x: measures.x.map(|it| it.millimetres()),
            y: measures.y.map(|it| it.millimetres()),
            z: measures.z.map(|it| it.millimetres()),
            price_list: diamond.price_list,
        }
    }
}
