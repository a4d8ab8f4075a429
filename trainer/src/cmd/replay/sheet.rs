//! Writes every replayed stone as a row of a CSV file.

use std::io::{self, BufWriter};
use std::path::Path;

use inference::features::FEATURE_NAMES;
use inference::{Diamond, Measures};

use crate::cmd::output::Output;
use monitoring::replay::Replayed;
use monitoring::traffic::WarningKinds;

/// The columns before those of the stone.
const REQUEST: [&str; 4] = ["request_id", "received_at", "place", "answered_by"];

/// The columns behind them. Kinds of warnings are separated by spaces.
const CHANGE: [&str; 6] =
    ["before", "after", "change_usd", "change_percent", "warnings_appeared", "warnings_vanished"];

/// A file that is there whole or not at all.
pub(super) struct Sheet {
    writer: csv::Writer<BufWriter<Output>>,
}

impl Sheet {
    /// # Errors
    ///
    /// The system's own.
    pub(super) fn create(path: &Path) -> io::Result<Sheet> {
        let mut writer = csv::Writer::from_writer(BufWriter::new(Output::create(path)?));
        writer.write_record(REQUEST.iter().chain(&FEATURE_NAMES).chain(&CHANGE))?;
        Ok(Sheet { writer })
    }

    /// # Errors
    ///
    /// The system's own.
    pub(super) fn write(&mut self, stone: &Replayed) -> io::Result<()> {
        let percent = stone.change_percent();
        let names = |warnings: WarningKinds| warnings.names().collect::<Vec<_>>().join(" ");
        let (appeared, vanished) =
            stone.warnings().map_or_else(Default::default, |(new, gone)| (names(new), names(gone)));
        let request = [
            stone.request_id.clone(),
            stone.received_at.clone(),
            stone.place.to_string(),
            stone.before_by.clone().unwrap_or_default(),
        ];
        let change = [
            format!("{:.2}", stone.before.price_usd),
            format!("{:.2}", stone.after.price_usd),
            format!("{:.2}", stone.change_usd()),
            if percent.is_finite() { format!("{percent:.3}") } else { String::new() },
            appeared,
            vanished,
        ];
        let columns = request.into_iter().chain(features(&stone.diamond)).chain(change);
        Ok(self.writer.write_record(columns)?)
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    ///
    /// The system's own.
    pub(super) fn finish(self) -> io::Result<()> {
        let buffer = self.writer.into_inner().map_err(|error| error.into_error())?;
        buffer.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
    }
}

/// The stone's own columns; empty where nothing was said.
fn features(diamond: &Diamond) -> [String; FEATURE_NAMES.len()] {
    let Measures { depth, table, x, y, z } = diamond.measures;
    let text = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    let mm = |side: Option<inference::Millimetres>| text(side.map(|side| side.millimetres()));
    let percent = |share: Option<inference::Percent>| text(share.map(|share| share.percent()));
    [
        diamond.carat.carats().to_string(),
        diamond.cut.to_string(),
        diamond.color.to_string(),
        diamond.clarity.to_string(),
        percent(depth),
        percent(table),
        mm(x),
        mm(y),
        mm(z),
        diamond.price_list.map_or_else(String::new, |list| list.to_string()),
    ]
}
