//! `trainer predict`: prices every row in order as rows arrive.

mod rows;

mod sheet;

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Write as _};
use std::path::Path;

use anyhow::Result;
use inference::Predictor;
use serde_json::{Value, json};

use self::rows::{Row, Rows};
use self::sheet::Sheet;
use super::model::Blob;
use super::{Context, Failure};
use crate::cli::PredictArgs;

/// A row's price with its range, or what is wrong with the row.
type Priced = Result<Price, String>;

/// A price with its range in dollars, to the last bit: exactly what the model gives, also below 0. People are shown cents,
/// by the API and the npm package; a comparison of models needs them unrounded.
struct Price {
    price: f64,
    low: Option<f64>,
    high: Option<f64>,
}

pub(super) async fn run(context: &Context, args: &PredictArgs) -> Result<()> {
    let blob = Blob::find(context, &args.model).await?;
    let name = args.input.display().to_string();
    let rows = Rows::open(open(&args.input)?).map_err(|problem| refused(&name, &problem))?;
    let (read, failed) = if context.json {
        document(context, &blob, rows, &name)?
    } else {
        stream(&blob.predictor, rows, args, &name)?
    };
    if failed == 0 {
        return Ok(());
    }
    let message = format!(
        "{failed} of {read} rows of {name} have no price; each is named above and says why under `error`"
    );
    Err(Failure::BadInput(message).into())
}

fn open(input: &Path) -> Result<BufReader<Box<dyn Read>>> {
    let source: Box<dyn Read> = if input == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        let file = File::open(input)
            .map_err(|error| refused(&input.display().to_string(), &error.to_string()))?;
        Box::new(file)
    };
    Ok(BufReader::new(source))
}

/// Prices row by row; memory does not grow with the input.
fn stream(
    predictor: &Predictor,
    rows: Rows<impl Read>,
    args: &PredictArgs,
    name: &str,
) -> Result<(usize, usize)> {
    let mut sheet = Sheet::new(std::io::stdout().lock(), &rows, args.format)
        .map_err(|problem| refused(name, &problem))?;
    let (mut read, mut failed) = (0, 0);
    for row in rows {
        let row = row.map_err(|problem| refused(name, &problem))?;
        let priced = price(predictor, &row, name);
        read += 1;
        failed += usize::from(priced.is_err());
        match sheet.write(&row, &priced) {
            // The reader closed the output.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok((read, failed)),
            result => result?,
        }
    }
    match sheet.finish() {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        result => result?,
    }
    Ok((read, failed))
}

/// All rows in one document.
fn document(
    context: &Context,
    blob: &Blob,
    rows: Rows<impl Read>,
    name: &str,
) -> Result<(usize, usize)> {
    let mut predictions = Vec::new();
    let mut failed = 0;
    for row in rows {
        let row = row.map_err(|problem| refused(name, &problem))?;
        let priced = price(&blob.predictor, &row, name);
        failed += usize::from(priced.is_err());
        predictions.push(sheet::object(&row, &priced));
    }
    let read = predictions.len();
    let document = json!({
        "model": blob.to_json(),
        "read": read,
        "failed": failed,
        "predictions": predictions,
    });
    context.print(&document, String::new)?;
    Ok((read, failed))
}

fn price(predictor: &Predictor, row: &Row, name: &str) -> Priced {
    let diamond = row.diamond().inspect_err(|problems| {
        for problem in problems {
            let _ = writeln!(std::io::stderr(), "{name}:{}: {problem}", row.line);
        }
    });
    let diamond = diamond.map_err(|problems| problems.join("; "))?;
    let range = predictor.estimate(&diamond).range;
    Ok(Price {
        price: predictor.price_usd(&diamond),
        low: range.map(|range| range.low_usd),
        high: range.map(|range| range.high_usd),
    })
}

fn refused(name: &str, problem: &str) -> anyhow::Error {
    Failure::BadInput(format!("{name}: {problem}")).into()
}

impl Price {
    /// The names and values that are added to a row.
    fn columns(&self) -> [(&'static str, Option<f64>); 3] {
        [("price", Some(self.price)), ("low", self.low), ("high", self.high)]
    }

    fn to_json(&self) -> impl Iterator<Item = (String, Value)> {
        self.columns().into_iter().map(|(name, value)| (name.to_owned(), json!(value)))
    }
}
