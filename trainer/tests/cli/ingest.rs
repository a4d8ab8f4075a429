//! Tests `ingest`: what is added, what is refused, and that nothing is half done.

use serde_json::json;

use crate::desk::{Desk, HEADER, diamonds, fields, redacted};

const ROWS: &str = "0.23,Ideal,E,SI2,61.5,55,326,3.95,3.98,2.43
0.21,Premium,E,SI1,59.8,61,326,3.89,3.84,2.31
0.23,Ideal,E,SI2,61.5,55,326,3.95,3.98,2.43
1,Very Good,H,VS2,63.3,53,5139,0,0,0";

/// Good rows, one of them twice, and a row for every way to be wrong.
fn mixed() -> String {
    format!(
        "{HEADER}\n{ROWS}\n\
         0.3,Ideal,E,SI2,61.5,55,-1,3.95,3.98,2.43\n\
         0.3,Superb,Z,SI2,61.5,55,326,3.95,3.98,2.43\n\
         0.3,Ideal,E,SI2,,55,326,3.95,3.98,2.43\n\
         0.3,Ideal,E,SI2,61.5\n\
         abc,Ideal,E,SI2,61.5,55,326,3.95,3.98,1e9\n"
    )
}

#[test]
fn every_row_is_added_or_reported_by_line_field_value_reason() {
    let desk = Desk::new();
    desk.file("mixed.csv", mixed());
    insta::assert_snapshot!(redacted(&desk.json("ingest mixed.csv")));
    let again = desk.run("ingest mixed.csv");
    assert_eq!(again.code, 3, "nothing was added");
    insta::assert_snapshot!(again.stdout);
}

#[test]
fn a_stray_quote_costs_its_own_row_and_no_other() {
    let desk = Desk::new();
    let text = diamonds(100);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[9] = lines[9].replacen(',', ",\"", 1);
    desk.file("rows.csv", lines.join("\r\n"));
    let report = desk.json("ingest rows.csv");
    assert_eq!(fields(&report, "read rejected"), json!([540, 1]));
    let [rejection] = &report["rejections"].as_array().unwrap()[..] else { panic!("{report}") };
    let expected = json!([10, "cut", "has a quote that is not closed"]);
    assert_eq!(fields(rejection, "line field reason"), expected);
    let value = rejection["value"].as_str().unwrap();
    assert!(lines[9].ends_with(value) && value.starts_with('"'), "{value}");
}

#[test]
fn the_same_rows_again_add_nothing_however_they_are_written() {
    let desk = Desk::new();
    desk.file("rows.csv", format!("{HEADER}\n{ROWS}\n"));
    let first = desk.json("ingest rows.csv");
    assert_eq!(fields(&first, "added already_present"), json!([4, 0]));
    let backwards = ROWS.lines().rev().map(|row| {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells.reverse();
        format!("\"{}\"\r\n", cells.join("\",\""))
    });
    let header = HEADER.split(',').rev().collect::<Vec<_>>().join(",");
    let text =
        format!("\u{feff}{header}\r\n{}", backwards.collect::<String>().replace("326", "326.00"));
    desk.file("again.csv", text);
    let second = desk.json("ingest again.csv rows.csv");
    assert_eq!(fields(&second, "added already_present"), json!([0, 8]));
    assert_eq!(second["dataset"], first["dataset"]);
}

#[test]
fn the_public_table_is_wholly_good() {
    let desk = Desk::new();
    desk.file("diamonds.csv", diamonds(1));
    let report = desk.json("ingest diamonds.csv");
    assert_eq!(fields(&report, "read added rejected"), json!([53_940, 53_940, 0]));
}

#[test]
fn a_dry_run_reports_the_same_and_changes_nothing() {
    let desk = Desk::new();
    desk.file("mixed.csv", mixed());
    let dry = desk.json("ingest mixed.csv --dry-run");
    assert!(!desk.path(".spin").exists());
    let real = desk.json("ingest mixed.csv");
    let same = "read added already_present rejected rejections dataset";
    assert_eq!(fields(&dry, same), fields(&real, same));
    desk.file("more.csv", format!("{HEADER}\n{}\n", ROWS.replace("326", "327")));
    let dry = desk.json("ingest more.csv --dry-run");
    assert_eq!(fields(&dry, "added already_present"), json!([3, 1]));
    let empty = desk.file("none.csv", format!("{HEADER}\n"));
    let now = desk.json(format!("ingest {} --dry-run", empty.display()));
    assert_eq!(now["dataset"], real["dataset"]);
}

#[test]
fn a_file_that_is_no_diamond_csv_stops_everything() {
    let desk = Desk::new();
    desk.file("good.csv", format!("{HEADER}\n{ROWS}\n"));
    let refused = |name: &str, content: &[u8], expected: &str| {
        desk.file(name, content);
        let message = desk.run(format!("ingest good.csv {name}")).refused(3, expected);
        assert!(message.contains(name), "{message}");
        assert!(!desk.path(".spin").exists(), "{name}");
    };
    refused("empty.csv", b"", "is empty");
    refused("wine.csv", b"alcohol,ash\n1,2\n", "carat is missing");
    refused("pipes.csv", HEADER.replace(',', "|").as_bytes(), "carat is missing");
    refused("latin1.csv", b"carat,caf\xe9\n1,Ideal\n", "perhaps latin-1");
    refused("wide.csv", b"\xff\xfec\0a\0r\0", "is text in UTF-16");
    refused("arrow.csv", b"ARROW1\0\0", "is a Feather file");
    refused("image.csv", b"\x89PNG\r\n\x1a\n\0\0", "UTF-8");
    desk.run("ingest good.csv missing.csv").refused(3, "missing.csv: cannot be read");
    insta::assert_snapshot!(desk.run("ingest wine.csv").failed(3));
}

#[test]
fn tables_of_other_people_are_read() {
    let desk = Desk::new();
    desk.file("rows.csv", format!("{HEADER}\n{ROWS}\n"));
    let dataset = desk.json("ingest rows.csv")["dataset"].clone();
    let check = |text: String, options: &str, said: &str| {
        desk.file("other.csv", text);
        let outcome = desk.run(format!("ingest other.csv --json {options}"));
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
        let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(fields(&report, "added already_present"), json!([0, 4]), "{report}");
        assert_eq!(report["dataset"], dataset);
    };
    let with = |header: &str| format!("{header}\n{ROWS}\n");
    check(with(&HEADER.to_uppercase()), "", "");
    check(with(HEADER).replace(',', "\t"), "", "");
    check(with(HEADER).replace(',', ";").replace('.', ","), "", "");
    check(with(HEADER).replace("5139", "\"$5,139.00\""), "", "");
    let renamed = HEADER.replace("carat", "Carat Weight");
    check(with(&renamed), "--map 'Carat Weight=carat'", "");
    desk.run("ingest other.csv").refused(3, "give --map \"Carat Weight=carat\"");
    let indexed = with(HEADER).lines().map(|line| format!(",{line}\n")).collect();
    check(indexed, "", "other.csv: ignored the column \"\"");
    let noted = ROWS.lines().map(|row| format!("{row},\"a\n\"\"b\"\"\"\n")).collect::<String>();
    check(format!("{HEADER},note\n{noted}"), "", "ignored the column \"note\"");
}

#[test]
fn a_file_that_watch_would_refuse_is_doubted_and_refused_by_strict() {
    let desk = Desk::new();
    desk.file("rows.csv", diamonds(60));
    let dataset = desk.json("ingest rows.csv")["dataset"].clone();
    let other = diamonds(59);
    let cheap = other.lines().map(|line| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if let Ok(price) = cells[6].parse::<f64>() {
            cells[6] = (price / 100.0).to_string();
        }
        cells.join(",") + "\n"
    });
    let check = |name: &str, said: &str| {
        let strict = format!("ingest {name} --strict");
        let message = desk.run(&strict).refused(3, "--strict: nothing was changed");
        assert!(message.contains(said), "{message}");
        assert_eq!(desk.json("ingest rows.csv")["dataset"], dataset);
        let report = desk.json(format!("ingest {name} --dry-run"));
        let reason = report["doubts"][0]["reason"].as_str().unwrap();
        assert!(reason.contains(said), "{reason}");
    };
    desk.file("cheap.csv", cheap.collect::<String>());
    check("cheap.csv", "prices are 0.01 times what was to be expected");
    desk.file("bad.csv", format!("{HEADER}\n{}0.3,Ideal\n", (ROWS.to_owned() + "\n").repeat(2)));
    check("bad.csv", "1 of 9 rows are rejected");
    desk.file("worse.csv", format!("{HEADER}\n0.3,Ideal\n"));
    let outcome = desk.run("ingest worse.csv");
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("nothing was added, and 1 row was rejected"));
}

#[test]
fn two_at_once_wait_for_each_other() {
    let desk = Desk::new();
    desk.file("rows.csv", diamonds(10));
    let start = || desk.command("ingest rows.csv").spawn().unwrap();
    let mut running: Vec<_> = (0..4).map(|_| start()).collect();
    assert!(running.iter_mut().all(|child| child.wait().unwrap().success()));
    let after = desk.json("ingest rows.csv");
    assert_eq!([&after["added"], &after["dataset"]["rows"]], [0, 5394]);
}
