//! `trainer predict`: prices every row in order as rows arrive.

mod rows;

mod sheet;

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write as _};

use anyhow::{Result, ensure};
use inference::{Diamond, ListEstimate, Predictor};

use self::rows::{Cells, Row};
use self::sheet::{Added, Sheet};
use super::model::Blob;
use super::{Context, Failure};
use crate::cli::PredictArgs;
use data::delivery::{FOUR_CS, RowSource, Wanted};
use inference::text::ignored;

/// How many ignored members of JSON objects are named.
const MAX_IGNORED: usize = 16;

/// A row's price, the ends of its range in dollars to the last bit, and its warnings, or what is wrong with the row. The numbers
/// are exactly what the model gives, also below 0: people are shown cents, by the API and the npm package; a comparison of
/// models needs them unrounded.
type Priced = Result<Price, String>;

struct Price {
    /// The price and the lower and upper end of its range.
    figures: [Option<f64>; 3],
    /// The prices by each list that the model knows, where the row names none.
    price_lists: Vec<ListEstimate>,
    warnings: Vec<api::Warning>,
}

/// What the rows so far came to.
struct Run<'a> {
    predictor: &'a Predictor,
    name: String,
    sheet: Sheet<std::io::StdoutLock<'static>>,
    read: usize,
    failed: usize,
    /// Members of JSON objects that are not fields of a diamond.
    ignored: BTreeSet<String>,
}

pub(super) async fn run(context: &Context, args: &PredictArgs) -> Result<()> {
    let blob = Blob::find(context, &args.model).await?;
    let wanted = Wanted { required: &FOUR_CS, renames: args.columns.map.clone() };
    let mut source = RowSource::open(&args.input, &wanted)?;
    let name = args.input.display().to_string();
    let refused = |problem: String| Failure::BadInput(format!("{name}: {problem}"));
    let names = match &source {
        RowSource::Table(table) => Some(table.header.names.as_slice()),
        RowSource::JsonLines(_) => None,
    };
    let added = Added::of(&blob.predictor);
    let sheet = if context.json {
        Sheet::document(added)
    } else {
        Sheet::new(std::io::stdout().lock(), names, args.format, added).map_err(refused)?
    };
    let mut run = Run {
        predictor: &blob.predictor,
        name: name.clone(),
        sheet,
        read: 0,
        failed: 0,
        ignored: BTreeSet::new(),
    };
    let lists = blob.predictor.price_lists();
    let done = match &mut source {
        RowSource::Table(table) => {
            if let Some(sentence) = table.columns.ignored_sentence() {
                say(&format!("{name}: {sentence}"));
            }
            run.ignored.extend(table.columns.ignored.iter().map(|it| it.name.clone()));
            table.for_each(|header, columns, record| {
                run.add(&Row::of_table(header, columns, record, lists))
            })
        }
        RowSource::JsonLines(lines) => {
            let done = rows::each_line(lines, lists, |row| run.add(&row));
            let names: Vec<String> = run.ignored.iter().cloned().collect();
            if let Some(sentence) = ignored(&names) {
                say(&format!("{name}: {sentence}"));
            }
            done
        }
    };
    match done {
        // The reader closed the output.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
        done => done?,
    }
    let Run { sheet, read, failed, ignored, .. } = run;
    sheet.finish(context, &blob, failed, &ignored)?;
    ensure!(
        failed == 0,
        Failure::BadInput(format!(
            "{failed} of {read} rows of {name} have no price; each is named above and says why under `error`"
        ))
    );
    Ok(())
}

fn say(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "{sentence}");
}

impl Run<'_> {
    fn add(&mut self, row: &Row<'_>) -> std::io::Result<()> {
        self.read += 1;
        if let Cells::Json(members) = &row.cells {
            let unknown =
                members.keys().filter(|name| !data::stone::COLUMNS.contains(&name.as_str()));
            let room = MAX_IGNORED.saturating_sub(self.ignored.len());
            self.ignored.extend(unknown.take(room).cloned());
        }
        let priced = row.diamond.as_ref().map_err(Clone::clone);
        let priced = priced.and_then(|diamond| self.price(diamond).map_err(|error| vec![error]));
        let priced = priced.map_err(|problems| {
            for problem in &problems {
                say(&format!("{}:{}: {problem}", self.name, row.line));
            }
            problems.join("; ")
        });
        self.failed += usize::from(priced.is_err());
        self.sheet.write(row, &priced)
    }

    fn price(&self, diamond: &Diamond) -> Result<Price, String> {
        let price_usd = self.predictor.price_usd(diamond);
        if !price_usd.is_finite() {
            return Err(format!("the model's price is {price_usd}, which is no number of dollars"));
        }
        let estimate = self.predictor.estimate(diamond);
        let range = estimate.range;
        let (low, high) = (range.map(|range| range.low_usd), range.map(|range| range.high_usd));
        let warnings = estimate.warnings.iter().map(api::Warning::from).collect();
        let price_lists = estimate.price_lists;
        Ok(Price { figures: [Some(price_usd), low, high], price_lists, warnings })
    }
}
