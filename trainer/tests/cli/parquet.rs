//! Tests Parquet files of several writers and a workbook against the same rows as CSV.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::desk::{Desk, fields};

/// A file that `tests/fixtures/parquet.py` made.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn ingest(desk: &Desk, name: &str) -> Value {
    desk.json(format!("ingest {:?}", fixture(name)))
}

#[test]
fn rows_are_the_same_from_every_writer_of_parquet() {
    let desk = Desk::new();
    let csv = ingest(&desk, "parquet_rows.csv");
    assert_eq!(csv["added"], 6);
    for name in [
        "pandas.parquet",
        "spark_flavor.parquet",
        "pyarrow.parquet",
        "lz4.parquet",
        "brotli.parquet",
        "stones.xlsx",
    ] {
        let again = ingest(&desk, name);
        assert_eq!(fields(&again, "added already_present"), json!([0, 6]), "{name}");
        assert_eq!(again["dataset"], csv["dataset"], "{name}");
    }
    // What it is decides, not what it is called.
    desk.file("rows.csv", std::fs::read(fixture("pandas.parquet")).unwrap());
    assert_eq!(desk.json("ingest rows.csv")["already_present"], 6);
}

#[test]
fn a_column_of_price_lists_is_read_and_a_null_is_none() {
    let desk = Desk::new();
    assert_eq!(ingest(&desk, "listed.parquet")["added"], 6);
    let lists = desk.texts("SELECT coalesce(price_list, '') FROM diamonds ORDER BY id");
    assert_eq!(lists, ["A", "", "b", "", "Smith Bros.", ""]);
}

#[test]
fn a_null_and_a_wrong_grade_are_named_by_row_and_field() {
    let desk = Desk::new();
    let report = ingest(&desk, "flawed.parquet");
    assert_eq!(fields(&report, "read added rejected"), json!([6, 4, 2]));
    let rejections = report["rejections"].as_array().unwrap().iter();
    let found: Vec<_> = rejections.map(|row| fields(row, "line field value")).collect();
    assert_eq!(found, [json!([2, "depth", ""]), json!([3, "cut", "Superb"])]);
}

#[test]
fn every_kind_of_file_is_priced_and_measured_too() {
    let (desk, _) = Desk::trained(60, "log-linear --folds 2");
    let rows = |name: &str| {
        let file = fixture(name);
        let measured = desk.json(format!("evaluate champion --data {file:?}"));
        let outcome = desk.run(format!("predict champion --input {file:?} --format csv")).ok();
        let prices = outcome.stdout.lines().skip(1).map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let start = fields.iter().position(|field| field.starts_with("0.") || *field == "1");
            fields[start.unwrap() + 10].to_owned()
        });
        (measured["metrics"].clone(), prices.collect::<Vec<_>>(), outcome.stderr)
    };
    let (metrics, prices, _) = rows("parquet_rows.csv");
    assert_eq!(prices.len(), 6);
    for name in ["pandas.parquet", "lz4.parquet", "stones.xlsx"] {
        let (other_metrics, other_prices, said) = rows(name);
        assert_eq!((other_metrics, &other_prices), (metrics.clone(), &prices), "{name}");
        let is_workbook = name == "stones.xlsx";
        assert_eq!(said.contains("ignored the column \"Stock no.\""), is_workbook, "{said}");
    }
}

#[test]
fn half_a_parquet_file_is_refused_and_nothing_is_made() {
    let desk = Desk::new();
    let whole = std::fs::read(fixture("pandas.parquet")).unwrap();
    desk.file("half.parquet", &whole[..whole.len() / 2]);
    desk.run("ingest half.parquet").refused(3, "half.parquet: cannot be read as Parquet");
    assert!(!desk.path(".spin").exists());
}
