//! Builds the report of a model: one page of plots and the numbers behind them.

use inference::Metrics;
use serde_json::{Value, json};

use crate::figure::Section;
use crate::page::Head;
use crate::plot::PlotError;
use crate::subject::Subject;
use crate::{
    calibration, champions, dependence, drift, fit, importance, learning_curve, page, segments,
    trials,
};
use learning::evaluate;
use learning::number::{count, moment, percent, plain, usd};
use learning::progress::Progress;
use monitoring::drift::Drift;
use registry::history::History;

/// A finished report.
pub struct Report {
    head: Head,
    sections: Vec<Section>,
    model: Value,
    metrics: Value,
}

impl Report {
    /// Measures a model and draws what was found; `drift` is what its requests are like, where there are any.
    ///
    /// # Errors
    ///
    /// [`PlotError`]
    pub fn of(
        subject: &Subject<'_>,
        history: &History,
        drift: Option<&Drift>,
        progress: &Progress,
    ) -> Result<Report, PlotError> {
        let metrics = evaluate::metrics(&subject.prices_usd, &subject.holdout);
        let family = subject.entry.family.as_str();
        let mut sections = vec![
            fit::section(subject)?,
            segments::section(subject)?,
            calibration::section(subject)?,
            importance::section(subject)?,
            dependence::section(subject)?,
            learning_curve::section(subject, &history.sizes, progress)?,
            trials::section(family, &history.trials)?,
            champions::section(&history.promotions)?,
        ];
        sections.extend(drift.map(drift::section).transpose()?);
        Ok(Report {
            head: head(subject, metrics),
            sections,
            model: subject.to_json(),
            metrics: json!(metrics),
        })
    }

    /// The page.
    pub fn to_html(&self) -> String {
        page::page(&self.head, &self.sections)
    }

    /// The numbers behind every plot.
    pub fn to_json(&self) -> Value {
        let sections: serde_json::Map<_, _> = self
            .sections
            .iter()
            .map(|section| (section.name.to_owned(), section.to_json()))
            .collect();
        json!({ "model": self.model, "metrics": self.metrics, "sections": sections })
    }
}

fn head(subject: &Subject<'_>, metrics: Option<Metrics>) -> Head {
    let entry = &subject.entry;
    let name =
        entry.name.as_ref().map_or_else(String::new, |name| format!(" \u{201c}{name}\u{201d}"));
    let role = if subject.is_champion { ", the champion" } else { "" };
    let mut tiles = Vec::new();
    if let Some(metrics) = metrics {
        tiles = vec![
            ("mean absolute error", usd(metrics.mae)),
            ("root mean square", usd(metrics.rmse)),
            ("R\u{b2}", plain(metrics.r2, 4)),
            ("error in percent", percent(metrics.mape, 1)),
            ("within 10\u{a0}%", percent(metrics.within_10_percent, 1)),
            ("stones measured on", count(subject.holdout.len())),
        ];
    }
    Head {
        title: format!("Diamond prices by {}{name} {}", entry.family, entry.id),
        lines: vec![
            format!(
                "Model {}{role}, registered {}. Prices are US dollars of 2008.",
                entry.id,
                moment(&entry.created_at)
            ),
            format!("Measured on {}.", subject.rows),
        ],
        tiles,
    }
}
