//! Learning curve: how the error falls with the number of rows.

use std::mem::discriminant;

use super::axis::Axis;
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Ink, Mark, Plot};
use super::subject::Subject;
use data::stone::Stone;
use learning::evaluate::{self, View};
use learning::number::{count, signed_percent};
use learning::progress::Progress;
use learning::{learners, measures};
use registry::history::Size;

/// The shares of the training rows that the settings are fitted to again, one row in so many. All rows are the model itself:
/// fitting them again would take as long as all others together.
const ONE_ROW_IN: [usize; 4] = [20, 10, 5, 2];

/// A fit to fewer rows says nothing.
const FEWEST_ROWS: usize = 100;

/// A fit, or a model of the history.
struct Fit {
    rows: usize,
    mae_usd: f64,
    what: String,
}

pub(super) fn section(subject: &Subject<'_>, sizes: &[Size], progress: &Progress) -> Findings {
    let own = Fit {
        rows: subject.train.len(),
        mae_usd: subject.mae_usd(),
        what: format!("the model {}", subject.entry.id),
    };
    if let Some(mut fits) = refitted(subject, progress) {
        fits.push(own);
        let lead = format!(
            "The settings of the model were fitted again to parts of its training rows and measured on the same {} rows. ",
            count(subject.holdout.len())
        );
        return drawn(&fits, &lead);
    }
    let mut fits: Vec<Fit> = sizes.iter().filter_map(of_history).collect();
    fits.dedup_by_key(|fit| fit.rows);
    if fits.len() < 2 {
        let nothing = format!(
            "The settings of this {} cannot be fitted again by this build, and no models of the family with other numbers of rows are registered.",
            subject.entry.family
        );
        return (nothing, Vec::new());
    }
    let lead = "The registered models of the family, each as it was measured when it was trained; those of other seeds were \
                measured on other rows. ";
    drawn(&fits, lead)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the registry keeps a count of rows"
)]
fn of_history(size: &Size) -> Option<Fit> {
    (size.train_rows >= 1.0).then(|| Fit {
        rows: size.train_rows as usize,
        mae_usd: size.holdout_mae_usd,
        what: format!("the model {}", size.model_id),
    })
}

/// The settings of the model fitted to parts of its rows, the smaller ones within the larger; `None` where that cannot be.
fn refitted(subject: &Subject<'_>, progress: &Progress) -> Option<Vec<Fit>> {
    let learner = learners::by_name(&subject.entry.family)?;
    let recipe = (learner.recall)(&subject.entry.params, subject.seed)?;
    let mut fits = Vec::new();
    for (done, one_in) in ONE_ROW_IN.into_iter().enumerate() {
        progress.step(done, ONE_ROW_IN.len(), "learning curve");
        let is_in = |stone: &&&Stone| {
            let draw = stone.identity.draw(subject.seed, "learning curve");
            draw < u64::MAX / u64::try_from(one_in).unwrap_or(1)
        };
        let stones: Vec<&Stone> = subject.train.iter().filter(is_in).copied().collect();
        if stones.len() < FEWEST_ROWS {
            continue;
        }
        let lists = *subject.predictor.price_lists();
        let encoder = (learner.encoder)(measures::learn(&stones), lists);
        // A family that sees stones otherwise than it did then is another one: its curve would not lead to this model.
        if discriminant(&encoder) != discriminant(&subject.predictor.header().encoder) {
            return None;
        }
        let Ok(form) = recipe.fit(&stones, &encoder) else { continue };
        let prices =
            evaluate::predict(&form, learner.link, &encoder, &subject.holdout, View::Measured);
        let mae_usd = evaluate::metrics(&prices, &subject.holdout)?.mae;
        fits.push(Fit { rows: stones.len(), mae_usd, what: format!("one row in {one_in}") });
    }
    (!fits.is_empty()).then_some(fits)
}

fn drawn(fits: &[Fit], lead: &str) -> Findings {
    let finding = match fits {
        [.., before, last] => format!(
            "{lead}From {} to {} rows the mean error changed by {}.",
            count(before.rows),
            count(last.rows),
            signed_percent(last.mae_usd / before.mae_usd - 1.0, 1)
        ),
        _ => lead.to_owned(),
    };
    (finding, vec![figure(fits)])
}

fn figure(fits: &[Fit]) -> Figure {
    let most = fits.iter().map(|fit| fit.mae_usd).fold(0.0, f64::max);
    let points: Vec<(f64, f64)> = fits.iter().map(|fit| (fit.rows as f64, fit.mae_usd)).collect();
    let least = points.iter().map(|(rows, _)| *rows).fold(f64::INFINITY, f64::min);
    let largest = points.iter().map(|(rows, _)| *rows).fold(0.0, f64::max);
    let x = Axis::log_count("training rows", least / 1.2, largest * 1.2);
    let marks = vec![
        Mark::line(points.clone(), Ink::Accent, 1.5),
        Mark::dots(points, Ink::Accent, 4.5, 1.0),
    ];
    let cells = fits
        .iter()
        .map(|fit| [Cell::count(fit.rows), Cell::usd(fit.mae_usd), Cell::text(fit.what.clone())]);
    Figure {
        title: "Error by the number of training rows".into(),
        reading: "Each dot is a fit to so many rows; the axis of rows grows by factors. A line that still falls at its right end says that more \
         rows would help."
            .into(),
        plot: Plot::new(x, Axis::usd("mean absolute error", 0.0, most), marks),
        sheet: Sheet::new(["rows", "MAE", "fitted to"], cells),
    }
}
