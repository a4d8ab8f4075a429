//! Tests Parquet files of several writers against the same rows as CSV.

use std::path::Path;

use crate::desk::Desk;

/// A file that `tests/fixtures/parquet.py` made.
fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn the_same_rows_are_the_same_whoever_wrote_them() {
    let desk = Desk::new();
    let csv = desk.json(&["ingest", &fixture("parquet_rows.csv")]);
    assert_eq!(csv["added"], 6);
    for name in ["pandas.parquet", "spark_flavor.parquet", "pyarrow.parquet"] {
        let again = desk.json(&["ingest", &fixture(name)]);
        assert_eq!((&again["added"], &again["already_present"]), (&0.into(), &6.into()), "{name}");
        assert_eq!(again["dataset"], csv["dataset"], "{name}");
    }
    // What it is decides, not what it is called.
    desk.file("rows.csv", std::fs::read(fixture("pandas.parquet")).unwrap());
    assert_eq!(desk.json(&["ingest", "rows.csv"])["already_present"], 6);
}

#[test]
fn a_null_and_a_wrong_grade_are_named_by_row_and_field() {
    let desk = Desk::new();
    let report = desk.json(&["ingest", &fixture("flawed.parquet")]);
    assert_eq!(
        (&report["read"], &report["added"], &report["rejected"]),
        (&6.into(), &4.into(), &2.into())
    );
    let found: Vec<_> = report["rejections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["line"].as_u64().unwrap(),
                row["field"].as_str().unwrap(),
                row["value"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [(2, "depth", ""), (3, "cut", "Superb")]);
}

#[test]
fn half_a_parquet_file_is_refused_and_nothing_is_made() {
    let desk = Desk::new();
    let whole = std::fs::read(fixture("pandas.parquet")).unwrap();
    desk.file("half.parquet", &whole[..whole.len() / 2]);
    let message = desk.run(&["ingest", "half.parquet"]).failed(3);
    assert!(message.contains("half.parquet: cannot be read as Parquet"), "{message}");
    assert!(!desk.path(".spin").exists());
}
