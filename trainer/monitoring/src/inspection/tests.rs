use std::io::Write;
use std::path::Path;

use super::*;
use data::dataset::Dataset;

const LIMITS: Limits = Limits { bad_rows: 0.1, shift: 0.25, price_level: 0.15 };

/// Every n-th row of the public table, counted from an offset, as cells.
fn rows(every: usize, offset: usize) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/diamonds.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().skip(1 + offset).step_by(every);
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn delivery(rows: &[Vec<String>]) -> Delivery {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    writeln!(file, "{}", data::stone::REQUIRED.join(",")).unwrap();
    for row in rows {
        writeln!(file, "{}", row.join(",")).unwrap();
    }
    Delivery::read(file.path()).unwrap()
}

fn existing(every: usize) -> ExistingRows {
    ExistingRows::of(&Dataset::from_delivery(delivery(&rows(every, 0))))
}

fn inspect(existing: &ExistingRows, rows: &[Vec<String>]) -> Inspection {
    Inspection::of(&delivery(rows), false, existing, &PriceReference::Weight, &LIMITS)
}

/// The checks that refuse a file, each with its field.
fn refusals(inspection: &Inspection) -> Vec<String> {
    inspection.refusals().map(|finding| format!("{} {}", finding.check, finding.field)).collect()
}

/// Changes a column of every row.
fn edit(rows: &mut [Vec<String>], column: &str, change: impl Fn(&str) -> String) {
    let at = data::stone::COLUMNS.iter().position(|name| *name == column).unwrap();
    for row in rows {
        row[at] = change(&row[at]);
    }
}

fn times(factor: f64) -> impl Fn(&str) -> String {
    move |text| format!("{:.2}", text.parse::<f64>().unwrap() * factor)
}

#[test]
fn rows_like_those_so_far_are_taken_however_few_they_are() {
    let existing = existing(10);
    let mut refused = Vec::new();
    let mut files = 0;
    for every in [5000, 1500, 1000, 500, 200, 50] {
        for offset in 1..10 {
            let inspection = inspect(&existing, &rows(every, offset));
            files += 1;
            refused.extend(refusals(&inspection));
        }
    }
    assert!(refused.is_empty(), "{} of {files}: {refused:?}", refused.len());
}

#[test]
fn a_file_unlike_the_data_is_refused_for_what_is_wrong() {
    let existing = existing(10);
    let check = |what: &str, column: &str, change: &dyn Fn(&str) -> String, expected: &[&str]| {
        for every in [25, 500] {
            let mut rows = rows(every, 3);
            edit(&mut rows, column, change);
            let found = refusals(&inspect(&existing, &rows));
            let missing = expected.iter().find(|name| !found.iter().any(|found| found == *name));
            assert_eq!(
                (missing, found.is_empty()),
                (None, expected.is_empty()),
                "{what}: {found:?}"
            );
        }
    };
    check("as it is", "price", &|text| text.to_owned(), &[]);
    check("cents", "price", &times(100.0), &["price level price", "shift price"]);
    check("another currency", "price", &times(1.5), &["price level price"]);
    check(
        "inches",
        "x",
        &times(1.0 / 25.4),
        &["range so far minimum diameter", "shift minimum diameter"],
    );
    check("a constant", "cut", &|_| "Fair".into(), &["shift cut"]);
    check("one color", "color", &|_| "J".into(), &["shift color"]);
    check("nothing measured", "z", &|_| "0".into(), &["shift z"]);
    check("an unknown grade", "clarity", &|_| "SI3".into(), &["bad rows row"]);
    check("words for prices", "price", &|_| "cheap".into(), &["bad rows row"]);
    check("heavy stones", "carat", &times(3.0), &["shift carat"]);
}

#[test]
fn turned_stones_are_no_news() {
    let mut rows = rows(25, 3);
    let [x, y] = ["x", "y"].map(|side| data::stone::COLUMNS.iter().position(|it| *it == side));
    rows.iter_mut().for_each(|row| row.swap(x.unwrap(), y.unwrap()));
    assert_eq!(refusals(&inspect(&existing(10), &rows)), Vec::<String>::new());
}

#[test]
fn bad_rows_are_left_out_up_to_a_share_and_refuse_above_it() {
    let existing = existing(10);
    let check = |bad: usize, expected: &[&str]| {
        let mut rows = rows(500, 3);
        edit(&mut rows[..bad], "cut", |_| "Superb".into());
        let inspection = inspect(&existing, &rows);
        assert_eq!(refusals(&inspection), expected, "{bad} of {}", rows.len());
        let named = inspection.findings.iter().any(|finding| finding.check == "bad values");
        assert_eq!(named, bad > 0);
    };
    check(0, &[]);
    check(10, &[]);
    check(11, &["bad rows row"]);
}

#[test]
fn rows_that_are_there_already_are_no_news_and_are_not_compared() {
    let existing = existing(10);
    let known = rows(1000, 0);
    let inspection = inspect(&existing, &known);
    assert_eq!((inspection.fresh, refusals(&inspection)), (0, Vec::new()));
    // A file of all that was delivered, with a few more.
    let inspection = inspect(&existing, &[known.clone(), rows(10_000, 3)].concat());
    assert_eq!((inspection.fresh, refusals(&inspection)), (6, Vec::new()));
    // A file that was appended to itself.
    let doubled = [rows(1000, 3), rows(1000, 3)].concat();
    let found = refusals(&inspect(&existing, &doubled));
    assert!(found.iter().any(|found| found == "repeated row"), "{found:?}");
}

#[test]
fn a_file_of_which_the_end_is_missing_is_refused() {
    let existing = existing(100);
    let mut rows = rows(5000, 3);
    let last = rows.last_mut().unwrap();
    last.truncate(4);
    let file = delivery(&rows);
    let check = |ends_abruptly: bool, expected: &[&str]| {
        let inspection =
            Inspection::of(&file, ends_abruptly, &existing, &PriceReference::Weight, &LIMITS);
        assert_eq!(refusals(&inspection), expected);
    };
    check(true, &["whole row"]);
    check(false, &[]);
}

#[test]
fn without_data_so_far_types_and_ranges_are_all_there_is() {
    let existing = ExistingRows::default();
    let mut rows = rows(1000, 3);
    edit(&mut rows, "price", times(20.0));
    assert_eq!(refusals(&inspect(&existing, &rows)), Vec::<String>::new());
}
