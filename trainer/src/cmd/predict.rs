//! `trainer predict`: prices every row in order as rows arrive.

mod rows;

mod sheet;

use std::fs::File;
use std::io::{ErrorKind, Read, Write as _};
use std::path::Path;

use anyhow::{Result, ensure};
use inference::Predictor;

use self::rows::{Row, Rows};
use self::sheet::Sheet;
use super::model::Blob;
use super::{Context, Failure};
use crate::cli::PredictArgs;

/// A row's price and the ends of its range in dollars, to the last bit, or what is wrong with the row. They are exactly
/// what the model gives, also below 0: people are shown cents, by the API and the npm package; a comparison of models
/// needs them unrounded.
type Priced = Result<[Option<f64>; 3], String>;

pub(super) async fn run(context: &Context, args: &PredictArgs) -> Result<()> {
    let blob = Blob::find(context, &args.model).await?;
    let name = args.input.display().to_string();
    let refused = |problem: String| Failure::BadInput(format!("{name}: {problem}"));
    let input = open(&args.input).map_err(|error| refused(error.to_string()))?;
    let rows = Rows::open(input).map_err(refused)?;
    let mut sheet = if context.json {
        Sheet::Document(Vec::new())
    } else {
        Sheet::new(std::io::stdout().lock(), &rows, args.format).map_err(refused)?
    };
    let (mut read, mut failed) = (0, 0);
    for row in rows {
        let row = row.map_err(refused)?;
        let priced = price(&blob.predictor, &row, &name);
        read += 1;
        failed += usize::from(priced.is_err());
        match sheet.write(&row, &priced) {
            // The reader closed the output.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            result => result?,
        }
    }
    sheet.finish(context, &blob, failed)?;
    ensure!(
        failed == 0,
        Failure::BadInput(format!(
            "{failed} of {read} rows of {name} have no price; each is named above and says why under `error`"
        ))
    );
    Ok(())
}

fn open(input: &Path) -> std::io::Result<Box<dyn Read>> {
    Ok(match input.to_str() {
        Some("-") => Box::new(std::io::stdin()),
        _ => Box::new(File::open(input)?),
    })
}

fn price(predictor: &Predictor, row: &Row, name: &str) -> Priced {
    let diamond = row.diamond().map_err(|problems| {
        for problem in &problems {
            let _ = writeln!(std::io::stderr(), "{name}:{}: {problem}", row.line);
        }
        problems.join("; ")
    })?;
    let range = predictor.estimate(&diamond).range;
    let (low, high) = (range.map(|range| range.low_usd), range.map(|range| range.high_usd));
    Ok([Some(predictor.price_usd(&diamond)), low, high])
}
