//! `trainer drift`: shows whether requests are still like the rows the champion learnt from.

use anyhow::{Result, ensure};

use super::{Context, Failure, Piece, figure, table};
use crate::cli::DriftArgs;
use learning::number::counted;
use monitoring::drift::{self, Drift, DriftLevel, FeatureDrift, Grade, Rate, Values};
use monitoring::traffic::Window;
use registry::database::Database;

pub(super) async fn run(context: &Context, args: &DriftArgs) -> Result<()> {
    let window = Window::new(args.since, args.until);
    let drift = drift::check(&Database::open(&context.place).await?, window).await?;
    let is_enough = drift.verdict() != DriftLevel::TooFew || args.layout.csv;
    context.print_pieces(args.layout, &drift.to_json(), || {
        if is_enough { describe(&drift) } else { vec![Piece::Line(too_few(&drift))] }
    })?;
    ensure!(!drift.has_drifted(), Failure::Drifted(drift.sentence()));
    Ok(())
}

/// The only sentence where there is nothing to show, and why some requests do not count.
fn too_few(drift: &Drift) -> String {
    [Some(drift.sentence()), drift.left_out()].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn describe(drift: &Drift) -> Vec<Piece> {
    let mut table = table(&[
        "feature", "given", "training", "requests", "PSI", "let pass", "KS", "p", "verdict",
    ]);
    for feature in &drift.features {
        table.add_row(row(feature, drift.tally.stones));
    }
    // Every stone has the four Cs, which come first.
    for (name, missing) in drift.missing().skip(4) {
        table.add_row(share(format!("{name} not given"), missing));
    }
    table.add_row(share(String::from("refused"), &drift.refused.rate));
    for field in &drift.refused.fields {
        table.add_row(share(field.refused_for(), &field.rate));
    }
    let Drift { tally, window, champion_id, training, .. } = drift;
    let whose =
        if training.is_champions { "" } else { ", which are not those it was trained with" };
    let learnt = counted(training.stones as u64, "training stone");
    let (stones, priced) = (counted(tally.stones, "stone"), counted(tally.priced, "request"));
    let mut pieces = vec![
        Piece::Line(format!(
            "{stones} of {priced}, {window}, beside {learnt} of champion {champion_id}{whose}"
        )),
        Piece::Table(table.into()),
        Piece::Line(format!(
            "unlike the training stones: {:.1} % of requests, {:.1} % of training; {:.1} % let pass: {}",
            100.0 * drift.out_of_domain.requests,
            100.0 * drift.out_of_domain.training,
            100.0 * drift.out_of_domain.limits.drifted_above,
            drift.out_of_domain.verdict.name()
        )),
        Piece::Line(format!(
            "price of stones of the same weight: {:.3} times that of training; {:.0} % either way let pass: {}",
            drift.price_level.ratio,
            100.0 * drift.price_level.limits.drifted_above,
            drift.price_level.verdict.name()
        )),
    ];
    pieces.extend(drift.left_out().into_iter().map(Piece::Line));
    pieces.push(Piece::Line(drift.sentence()));
    pieces
}

fn row(feature: &FeatureDrift, stones: u64) -> Vec<String> {
    let share = 100.0 * feature.given as f64 / stones.max(1) as f64;
    let enough = |number: f64| Some(number).filter(|_| feature.verdict != DriftLevel::TooFew);
    let (training, requests, statistic, p_value) = match &feature.values {
        Values::Numbers { kolmogorov_smirnov, mean, .. } => (
            figure(mean.training, 2),
            figure(mean.requests, 2),
            figure(kolmogorov_smirnov.map(|test| test.statistic), 3),
            figure(kolmogorov_smirnov.map(|test| test.p_value), 3),
        ),
        Values::Grades { grades } => (
            most(grades, |grade| grade.training),
            most(grades, |grade| grade.requests),
            dash(),
            dash(),
        ),
    };
    vec![
        feature.name.to_owned(),
        format!("{share:.0} %"),
        training,
        requests,
        figure(enough(feature.psi), 3),
        figure(enough(feature.limits.drifted_above), 3),
        statistic,
        p_value,
        feature.verdict.name().replace('_', " "),
    ]
}

/// A row of a share of the stones.
fn share(name: String, rate: &Rate) -> Vec<String> {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let verdict = rate.verdict.name().replace('_', " ");
    let let_pass = percent(rate.limits.drifted_above);
    let (training, requests) = (percent(rate.training), percent(rate.requests));
    vec![name, dash(), training, requests, dash(), let_pass, dash(), dash(), verdict]
}

/// The grade that most stones have.
fn most(grades: &[Grade], stones: fn(&Grade) -> u64) -> String {
    let commonest = grades.iter().max_by_key(|grade| stones(grade));
    commonest.filter(|grade| stones(grade) > 0).map_or_else(dash, |grade| grade.grade.clone())
}

fn dash() -> String {
    String::from("-")
}
