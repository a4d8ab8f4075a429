//! Checks that models of many versions of XGBoost give the predictions of XGBoost itself. `fixtures/make.py` made them.

use std::fs::{read, read_to_string};
use std::path::{Path, PathBuf};

use inference::Features;
use inference::features::{FEATURE_NAMES, PRICE_LIST};
use xgboost_model::{Booster, ImportError, Note, Target};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// A table's header and its rows; an empty field is NaN.
fn table(name: &str) -> (Vec<String>, Vec<Vec<f64>>) {
    let text = read_to_string(folder().join(name)).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap().split(',').map(String::from).collect();
    let field = |field: &str| if field.is_empty() { f64::NAN } else { field.parse().unwrap() };
    (header, lines.map(|line| line.split(',').map(field).collect()).collect())
}

fn load(file: &str) -> Result<Booster, ImportError> {
    xgboost_model::read(&read(folder().join(file)).unwrap())
}

/// The predictions of every version, by the file of the model.
fn predictions() -> Vec<(String, Vec<f64>)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name());
    let mut files: Vec<String> = files.map(|name| name.into_string().unwrap()).collect();
    files.retain(|name| name.starts_with("predictions-"));
    files.sort();
    let of_file = |file: String| {
        let (models, rows) = table(&file);
        let of_model = move |(at, model)| (model, rows.iter().map(|row| row[at]).collect());
        models.into_iter().enumerate().map(of_model)
    };
    files.into_iter().flat_map(of_file).collect()
}

fn rows() -> Vec<Features> {
    let (header, rows) = table("rows.csv");
    assert_eq!(header, FEATURE_NAMES[..PRICE_LIST]);
    let features = |mut row: Vec<f64>| {
        // No imported model has a column for the price list.
        row.push(f64::NAN);
        Features::from_values(row.try_into().unwrap())
    };
    rows.into_iter().map(features).collect()
}

#[test]
fn every_model_gives_the_predictions_of_its_xgboost() {
    let rows = rows();
    let (mut models, mut furthest) = (0, 0.0_f64);
    for (file, expected) in predictions() {
        if file.starts_with("gblinear") {
            continue;
        }
        let booster = load(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let version = file.rsplit_once('-').unwrap().1.rsplit_once('.').unwrap().0;
        assert_eq!(booster.version, version);
        assert_eq!(expected.len(), 50, "{file}");
        for (row, expected) in rows.iter().zip(&expected) {
            let found = booster.objective.own_link.price_usd(booster.trees.margin(row));
            let off = ((found - expected) / expected).abs();
            assert!(off <= 1e-5, "{file}, {row:?}: {found} where XGBoost gives {expected}");
            furthest = furthest.max(off);
        }
        models += 1;
    }
    assert_eq!(models, 85);
    // Printed by `--nocapture`: the figure in DESIGN.md.
    println!("{models} models, at most {furthest:.1e} off");
}

#[test]
fn text_and_bytes_hold_the_same_model() {
    let model = |file: &str| load(file).unwrap();
    assert_eq!(model("squarederror-3.2.0.json"), model("squarederror-3.2.0.ubj"));
}

#[test]
fn categories_by_name_are_the_same_as_by_code() {
    let by_name = load("alphabet-3.2.0.json").unwrap();
    let by_code = load("partition-3.2.0.json").unwrap();
    assert_eq!(by_name.trees, by_code.trees);
    assert_eq!(by_name.notes, []);
    // From 3.1 on the file says that the categories are numbers, and before it says nothing.
    for version in ["1.6.2", "3.0.5", "3.1.3", "3.2.0", "3.4.1"] {
        let notes = load(&format!("partition-{version}.json")).unwrap().notes;
        assert_eq!(notes, [Note::UnnamedCategories], "{version}");
    }
}

#[test]
fn rounds_after_the_best_one_are_kept_and_noted() {
    let named = load("named-3.2.0.json").unwrap();
    assert_eq!(named.notes, [Note::BestIteration { best: 3, rounds: 6 }]);
    assert_eq!(named.feature_names, ["z", "Clarity", "CARAT", "color"]);
    assert_eq!(named.trees.roots().len(), 6);
}

#[test]
fn other_boosters_are_refused_with_a_remedy() {
    let check = |file: &str, words: &[&str]| {
        let said = load(file).unwrap_err().to_string();
        assert!(words.iter().all(|word| said.contains(word)), "{file}: {said}");
    };
    for version in ["1.6.2", "3.2.0", "3.4.1"] {
        check(&format!("gblinear-{version}.json"), &["weighted sum", "booster=\"gbtree\""]);
    }
    check("two-targets-3.2.0.json", &["learner.learner_model_param.num_target", "2 numbers a row"]);
}

#[test]
fn an_objective_with_its_own_logarithm_wants_prices() {
    let tweedie = load("tweedie-3.2.0.json").unwrap().objective;
    assert!(tweedie.link(Target::Price).is_ok());
    let error = tweedie.link(Target::LogPrice).unwrap_err();
    assert!(matches!(error, ImportError::Target { .. }));
    assert!(error.to_string().contains("--target price"));
}
