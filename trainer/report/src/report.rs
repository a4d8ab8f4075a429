//! Builds the report of a model: one page of plots and the numbers behind them.

use inference::Metrics;
use serde_json::{Map, Value, json};

use crate::figure::{Figure, Section};
use crate::page::{self, Head};
use crate::plot::PlotError;
use crate::prices::{currency_and_year, lists};
use crate::subject::Subject;
use crate::views::views;
use crate::{
    calibration, champions, dependence, drift, fit, importance, learning_curve, segments, trials,
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
    /// The errors in the other views, each under its name.
    others: Map<String, Value>,
}

impl Report {
    /// Measures a model; `drift` is what its requests are like, where there are any.
    pub fn of(
        subject: &Subject<'_>,
        history: &History,
        drift: Option<&Drift>,
        progress: &Progress,
    ) -> Report {
        let metrics = evaluate::metrics(&subject.prices_usd, &subject.holdout);
        let others = views(&subject.predictor).iter().skip(1).map(|view| {
            let metrics = evaluate::metrics_of(&subject.predictor, &subject.holdout, *view);
            (format!("metrics{}", view.suffix()), json!(metrics))
        });
        let family = subject.entry.family.as_str();
        let learning_curve = learning_curve::section(subject, &history.sizes, progress);
        let mut sections = vec![
            ("fit", "Goodness of fit", fit::section(subject)),
            ("segments", "Residuals by segment", segments::section(subject)),
            ("calibration", "Calibration of the range", calibration::section(subject)),
            ("importance", "Importance", importance::section(subject)),
            ("dependence", "Partial dependence", dependence::section(subject)),
            ("learning-curve", "Learning curve", learning_curve),
            ("trials", "Trial history", trials::section(family, &history.trials)),
            ("champions", "Champion history", champions::section(&history.promotions)),
        ];
        sections.extend(drift.map(|drift| ("drift", "Drift", drift::section(drift))));
        Report {
            head: head(subject, metrics),
            sections,
            model: subject.to_json(),
            metrics: json!(metrics),
            others: others.collect(),
        }
    }

    /// The page.
    ///
    /// # Errors
    ///
    /// [`PlotError`]
    pub fn to_html(&self) -> Result<String, PlotError> {
        page::page(&self.head, &self.sections)
    }

    /// The numbers behind every plot.
    pub fn to_json(&self) -> Value {
        let section = |(name, title, (finding, figures)): &Section| {
            let figures: Vec<Value> = figures.iter().map(Figure::to_json).collect();
            let document = json!({ "title": title, "finding": finding, "figures": figures });
            ((*name).to_owned(), document)
        };
        let sections: Map<_, _> = self.sections.iter().map(section).collect();
        let mut document =
            json!({ "model": self.model, "metrics": self.metrics, "sections": sections });
        for (name, metrics) in &self.others {
            document[name] = metrics.clone();
        }
        document
    }
}

fn head(subject: &Subject<'_>, metrics: Option<Metrics>) -> Head {
    let entry = &subject.entry;
    let name =
        entry.name.as_ref().map_or_else(String::new, |name| format!(" \u{201c}{name}\u{201d}"));
    let role = if subject.is_champion { ", the champion" } else { "" };
    let tiles = metrics.map(|metrics| {
        [
            ("mean absolute error", usd(metrics.mae)),
            ("root mean square", usd(metrics.rmse)),
            ("R\u{b2}", plain(metrics.r2, 4)),
            ("error in percent", percent(metrics.mape, 1)),
            ("within 10\u{a0}%", percent(metrics.within_10_percent, 1)),
            ("stones measured on", count(subject.holdout.len())),
        ]
    });
    Head {
        title: format!("Diamond prices by {}{name} {}", entry.family, entry.id),
        lines: std::iter::once(format!(
            "Model {}{role}, registered {}. {}",
            entry.id,
            moment(&entry.created_at),
            currency_and_year(&subject.predictor)
        ))
        .chain(lists(&subject.predictor))
        .chain([format!("Measured on {}.", subject.rows)])
        .collect(),
        tiles: tiles.into_iter().flatten().collect(),
    }
}
