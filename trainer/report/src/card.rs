//! Writes the model card in Markdown: what a model is, and what it is and is not good for.

use inference::domain::PROPERTIES;
use inference::{Header, Predictor};
use serde_json::Value;

use crate::prices::{currency_and_year, lists};
use crate::segments::{FEW, Segment};
use crate::subject::Subject;
use crate::views::{in_words, views};
use learning::evaluate;
use learning::number::{count, moment, percent, plain, signed_percent, usd};
use registry::history::History;
use registry::{Entry, Origin};

const USE: &str = "## What it is for\n\n\
     - A first estimate of a stone's price, with the range in which the price most likely lies.\n\
     - Finding prices that look wrong: a stone far outside its range deserves a second look.\n\
     - Comparing stones of the same market with each other.\n\n\
     ## What it is not for\n\n\
     - It is no appraisal. It does not see the stone: fluorescence, polish, symmetry, a certificate and the brand are not \
     among what it is told.\n\
     - It knows no other currency, year or market than those of its data; see the limits.\n\
     - Fancy colors, other shapes than round, laboratory-grown and set stones are not in its data.\n\
     - No one should be lent, insured or refused anything by its figure alone.";

/// What a card is written from.
pub struct Card<'a> {
    /// The registered model.
    pub entry: &'a Entry,
    /// The decoded model.
    pub predictor: &'a Predictor,
    /// Whether it is the champion.
    pub is_champion: bool,
    /// The history of the model.
    pub history: &'a History,
    /// The model with rows to measure its slices on, where there are any.
    pub subject: Option<&'a Subject<'a>>,
}

impl Card<'_> {
    /// The card.
    pub fn to_markdown(&self) -> String {
        let segments = self.subject.map(Segment::all).unwrap_or_default();
        let parts = [
            self.summary(),
            USE.to_owned(),
            self.data(),
            self.metrics(),
            self.views(),
            self.slices(&segments),
            self.range(),
            self.limits(&segments),
            self.training(),
        ];
        parts.join("\n\n")
    }

    fn summary(&self) -> String {
        let Entry { id, family, name, created_at, blob_bytes, .. } = self.entry;
        let name = name.as_ref().map(|name| format!(" \u{201c}{}\u{201d}", cell(name)));
        let role = if self.is_champion {
            "It is the champion: the model that answers today."
        } else {
            "It is not the champion: another model answers today, or none."
        };
        let (prices_in, lists) = (self.predictor.header().prices_in, self.predictor.price_lists());
        let mae = self.entry.metrics["holdout"]["mae"].as_f64();
        let error = mae.map(|mae| {
            let mae = usd(mae);
            format!(" On stones it had never seen its estimates were off by {mae} on average.")
        });
        format!(
            "# Model card: {family}{} {id}\n\n\
             This model estimates what a cut diamond costs from its weight, cut, color and clarity, and from its measures where they \
             are known.{} {role}\n\n{}",
            name.unwrap_or_default(),
            error.unwrap_or_default(),
            facts(&[
                ("Model", format!("`{id}`")),
                ("Family", family.clone()),
                (
                    "Prices in",
                    prices_in.map_or_else(|| String::from("not known"), |it| it.to_string())
                ),
                (
                    "Price lists",
                    if lists.is_empty() { String::from("none") } else { lists.to_string() }
                ),
                ("Registered", moment(created_at)),
                ("Size", format!("{} bytes", count(blob_bytes))),
                ("SHA-256", format!("`{}`", self.entry.blob_sha256)),
            ])
        )
    }

    fn data(&self) -> String {
        let Some(Origin { started_at, dataset_rows, split, .. }) = &self.history.origin else {
            return String::from(
                "## Data\n\nThe model was trained elsewhere and imported. Which rows taught it is not known here.",
            );
        };
        let of = |pointer: &str| split.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
        let mut dropped = Vec::new();
        for (reason, why) in [
            ("price_not_positive", "without a price above 0"),
            ("dimension_zero", "with a length, width or height of 0"),
        ] {
            let rows = of(&format!("/dropped/{reason}/count"));
            dropped.extend((rows > 0).then(|| format!("{} {why}", count(rows))));
        }
        let dropped = if dropped.is_empty() { String::from("none") } else { dropped.join(", ") };
        let how = match split["kind"].as_str() {
            Some("file") => {
                format!("the rows of `{}`", cell(split["file"].as_str().unwrap_or("a file")))
            }
            _ => String::from(
                "a fifth of the rows, drawn by the seed; all rows of one stone stay together",
            ),
        };
        let hash = |hash: &Option<String>| format!("`{}`", hash.as_deref().unwrap_or("not known"));
        let facts = facts(&[
            ("Rows", count(dataset_rows)),
            ("Taught it", count(of("/train"))),
            ("Held out to measure it", format!("{} ({how})", count(of("/holdout")))),
            ("Left out", dropped),
            ("Read on", moment(started_at)),
            ("Data, SHA-256", hash(&self.entry.dataset_sha256)),
            ("Held-out rows, SHA-256", hash(&self.entry.split_sha256)),
        ]);
        format!("## Data\n\n{facts}")
    }

    fn metrics(&self) -> String {
        let mut text = String::from(
            "## How good it is\n\n\
             | Rows | Stones | Mean error | Root mean square | R\u{b2} | Mean error in percent | Within 10 % |\n\
             |---|---:|---:|---:|---:|---:|---:|",
        );
        for (part, what) in [
            ("holdout", "held out: never seen"),
            ("cv", "cross-validation"),
            ("train", "those that taught it"),
        ] {
            let metrics = &self.entry.metrics[part];
            let (Some(n), Some(mae)) = (metrics["n"].as_u64(), metrics["mae"].as_f64()) else {
                continue;
            };
            let written = |name: &str, write: fn(f64) -> String| {
                metrics[name].as_f64().map_or_else(|| String::from("\u{2013}"), write)
            };
            text += &format!(
                "\n| {what} | {} | {} | {} | {} | {} | {} |",
                count(n),
                usd(mae),
                written("rmse", usd),
                written("r2", |value| plain(value, 4)),
                written("mape", |value| percent(value, 1)),
                written("within_10_percent", |value| percent(value, 1)),
            );
        }
        if !self.entry.metrics["holdout"]["mae"].is_number() {
            text += "\n\nNo figures were registered with this model; `trainer evaluate` measures it on a file.";
        }
        text
    }

    /// The errors by what is known of the stones.
    fn views(&self) -> String {
        let Some(subject) = self.subject else {
            return String::from(
                "## By what is known\n\nThe database holds too few rows to measure the model by what is known of a stone.",
            );
        };
        let mut text = format!(
            "## By what is known\n\n\
             The same stones, by how much the model is told of each. Measured on {}.\n\n\
             | Known | Mean error | Root mean square | Mean error in percent | Within 10 % |\n|---|---:|---:|---:|---:|",
            subject.rows
        );
        for view in views(self.predictor) {
            let metrics = evaluate::metrics_of(self.predictor, &subject.holdout, *view);
            text.extend(metrics.map(|metrics| {
                format!(
                    "\n| {} | {} | {} | {} | {} |",
                    in_words(*view, self.predictor),
                    usd(metrics.mae),
                    usd(metrics.rmse),
                    percent(metrics.mape, 1),
                    percent(metrics.within_10_percent, 1),
                )
            }));
        }
        text
    }

    fn slices(&self, segments: &[Segment]) -> String {
        let Some(subject) = self.subject else {
            return String::from(
                "## By kind of stone\n\nThe database holds too few rows to measure the model by kind of stone.",
            );
        };
        let mut text = format!(
            "## By kind of stone\n\n\
             Measured on {}. Bias is how much the estimates of a kind are above its true prices in all; where it is not beyond what \
             chance gives, it stands in brackets.\n\n\
             | Kind | Stones | Mean error | In percent | Bias | Within 10 % |\n|---|---:|---:|---:|---:|---:|",
            subject.rows
        );
        for segment in segments {
            let bias = signed_percent(segment.bias, 1);
            let is_chance = segment.bias.abs() <= segment.bias_by_chance || segment.metrics.n < FEW;
            text += &format!(
                "\n| {} | {} | {} | {} | {} | {} |",
                segment.title(),
                count(segment.metrics.n),
                usd(segment.metrics.mae),
                percent(segment.metrics.mape, 1),
                if is_chance { format!("({bias})") } else { bias },
                percent(segment.metrics.within_10_percent, 1),
            );
        }
        text
    }

    fn range(&self) -> String {
        let interval = &self.entry.metrics["interval"];
        let of = |name: &str| interval[name].as_f64();
        let Some(confidence) = of("confidence") else {
            return String::from(
                "## The range\n\nThis model gives a price without a range: it was not calibrated.",
            );
        };
        let mut text = format!(
            "## The range\n\n\
             With each price comes a range that is to hold {} of the true prices. What it held of the held-out stones:\n\n\
             | Stones | True prices in the range | Mean width |\n|---|---:|---:|",
            percent(confidence, 0),
        );
        for view in views(self.predictor) {
            let suffix = view.suffix();
            let held = of(&format!("holdout_coverage{suffix}"));
            let row = held.zip(of(&format!("mean_width_usd{suffix}"))).map(|(held, width)| {
                let known = in_words(*view, self.predictor);
                format!("\n| {known} | {} | {} |", percent(held, 1), usd(width))
            });
            text.extend(row);
        }
        text
    }

    fn limits(&self, segments: &[Segment]) -> String {
        let header: &Header = self.predictor.header();
        let mut lines = vec![format!(
            "{} What a stone costs in another year or currency is another question.",
            currency_and_year(self.predictor)
        )];
        lines.extend(lists(self.predictor));
        if let Some(domain) = &header.domain {
            let names = PROPERTIES.map(|property| (property.name, property.fields[0]));
            let shown = |((name, field), [low, high]): ((&str, &str), [f64; 2])| {
                let unit = match field {
                    "carat" => " carats",
                    "depth" | "table" => " %",
                    "x" | "y" | "z" => " mm",
                    _ => return None,
                };
                (low.is_finite() && high.is_finite())
                    .then(|| format!("{name} {low} to {high}{unit}"))
            };
            let ranges = names.into_iter().zip(domain.properties);
            let ranges: Vec<String> = ranges.filter_map(shown).collect();
            let [low, high] = domain.price_usd;
            lines.push(format!(
                "It has seen stones of {}, at prices from {} to {}. Beyond that it guesses, and says so in a warning.",
                ranges.join(", "),
                usd(low),
                usd(high)
            ));
            lines.push(match (domain.rare_grades.count(), domain.rare_grades.fewer_than()) {
                (0, _) => String::from("Of every combination of cut, color and clarity it has seen some stones."),
                (rare, 0 | 1) => format!("Of {rare} combinations of cut, color and clarity it has seen no stone; it warns of these."),
                (rare, few) => format!(
                    "Of {rare} of the 280 combinations of cut, color and clarity it has seen fewer than {few} stones; it warns of these."
                ),
            });
        }
        lines.push(match header.encoder {
            inference::Encoder::Impute(_) | inference::Encoder::Proportions(..) => String::from(
                "By the four Cs alone the measures are estimated from the weight and the cut; the estimate says so, and its range is wider.",
            ),
            inference::Encoder::Passthrough => String::from(
                "Where measures are missing it goes by what it learnt of missing ones; the estimate says so.",
            ),
        });
        let few = segments.iter().filter(|segment| segment.metrics.n < FEW);
        let few: Vec<String> = few.map(Segment::title).collect();
        if !few.is_empty() {
            lines.push(format!("Hardly anything is known of how it does on {}.", few.join(", ")));
        }
        format!("## Limits\n\n- {}", lines.join("\n- "))
    }

    fn training(&self) -> String {
        let (entry, history) = (self.entry, self.history);
        let mut rows = Vec::new();
        let mut row = |what: &str, value: &str| rows.push((cell(what), cell(value)));
        if let Some(Origin { run_id, .. }) = &history.origin {
            row("Run", &format!("`{run_id}`"));
        }
        if let Some(seed) = entry.seed {
            row("Seed", &seed.to_string());
        }
        if !history.trials.is_empty() {
            row("Trials", &count(history.trials.len()));
        }
        row("Seconds", &plain(entry.seconds, 1));
        for (name, value) in entry.params.as_object().into_iter().flatten() {
            row(name, value.as_str().unwrap_or(&value.to_string()));
        }
        for promotion in history.promotions.iter().filter(|one| one.model_id == entry.id) {
            row(&format!("Promoted {}", moment(&promotion.promoted_at)), &promotion.reason);
        }
        let mut text = format!("## How it was trained\n\n{}", facts(&rows));
        if entry.seed.is_some() {
            text += "\n\nThe same rows, seed and arguments give the same model, byte for byte.";
        }
        text
    }
}

/// A table of what there is and its value.
fn facts<S: AsRef<str>>(rows: &[(S, String)]) -> String {
    let row = |(what, value): &(S, String)| format!("\n| {} | {value} |", what.as_ref());
    format!("| | |\n|---|---|{}", rows.iter().map(row).collect::<String>())
}

/// Text that stays in its cell, whatever its owner wrote.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}
