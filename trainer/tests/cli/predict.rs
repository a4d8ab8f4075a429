//! Tests `predict` and `evaluate`: a price for every row, in order.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::desk::{Desk, HEADER, diamonds, fields, rows};

fn trained() -> Desk {
    let (desk, _) = Desk::trained(60, "log-linear --folds 2");
    desk.run("export champion -o model.loupe").ok();
    desk
}

fn objects(ndjson: &str) -> Vec<Value> {
    ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn csv_keeps_its_columns_and_its_order() {
    let desk = trained();
    let outcome = desk.run("predict model.loupe --input diamonds.csv").ok();
    let mut lines = outcome.stdout.lines();
    let header = HEADER.replace("price", "price_actual");
    assert_eq!(lines.next(), Some(format!("{header},price,low,high,warnings,error").as_str()));
    let input = rows(60);
    assert_eq!((lines.clone().count(), input.len()), (899, 899));
    for (line, row) in lines.zip(input) {
        let added = line.strip_prefix(&row).unwrap();
        let figures: Vec<f64> =
            added.split(',').skip(1).take(3).map(|cell| cell.parse().unwrap()).collect();
        let [price, low, high] = figures[..] else { panic!("{line}") };
        assert!(0.0 < low && low < price && price < high, "{line}");
    }
}

#[test]
fn output_that_its_reader_closed_is_no_failure() {
    let desk = trained();
    for format in ["csv", "ndjson"] {
        let line = format!("predict model.loupe --input diamonds.csv --format {format}");
        let mut command = desk.command(&line);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{format}: {said}");
    }
}

#[test]
fn the_four_cs_suffice_and_a_dimension_of_0_counts_as_missing() {
    let desk = trained();
    desk.file(
        "rows.csv",
        "id,clarity,color,cut,carat,x,y\na,VS1,g,Ideal,0.7,,\nb,VS1,G,ideal,0.70,0,0\nc,VS1,G,Ideal,0.7,5.7,5.7\n",
    );
    let csv = desk.run("predict champion --input rows.csv").ok().stdout;
    let price = |row: usize| csv.lines().nth(row).unwrap().split(',').nth(7).unwrap().to_owned();
    assert_eq!(price(1), price(2));
    assert_ne!(price(1), price(3));
    // The same rows as JSON, through standard input, give the same prices.
    let rows = r#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1","id":"a"}

{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1","x":5.7,"y":5.7,"price":1}
"#;
    let out = objects(&desk.run_with_input("predict champion --input -", rows).ok().stdout);
    assert_eq!(out.len(), 2);
    assert_eq!(out[0]["price"].to_string(), price(1));
    assert_eq!(out[1]["price"].to_string(), price(3));
    assert_eq!([&out[0]["id"], &out[1]["price_actual"]], [&json!("a"), &json!(1)]);
    let mixed = desk.run("predict champion --input rows.csv --format ndjson").ok().stdout;
    let mixed = objects(&mixed);
    assert_eq!(fields(&mixed[2], "price x"), json!([out[1]["price"], 5.7]));
    assert_eq!(mixed[0]["x"], Value::Null);
    let back = "predict champion --input - --format csv";
    let back = desk.run_with_input(back, rows).ok().stdout;
    let high = format!(",{},\"not given, so estimated", out[0]["high"]);
    assert!(back.lines().nth(1).unwrap().contains(&high), "{back}");
}

#[test]
fn a_bad_row_is_named_keeps_its_place_and_fails_the_command() {
    let desk = trained();
    desk.file(
        "rows.csv",
        "carat,cut,color,clarity\n0.7,Ideal,G,VS1\n-1,Ideal,Z,VS1\n0.7,Ideal\n0.7,Ideal,G,VS1\n",
    );
    let outcome = desk.run("predict champion --input rows.csv");
    assert_eq!(outcome.code, 3);
    let rows: Vec<&str> = outcome.stdout.lines().skip(1).collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0], rows[3]);
    insta::assert_snapshot!(format!("{}\n{}\n{}", rows[1], rows[2], outcome.stderr));
    let lines =
        "{\"carat\":\"0.7\",\"cut\":\"Ideal\",\"color\":\"G\",\"clarity\":\"VS1\"}\n[1]\n{\n";
    let outcome = desk.run_with_input("predict champion --input -", lines);
    assert_eq!(outcome.code, 3);
    let out = objects(&outcome.stdout);
    assert_eq!(out.len(), 3);
    for row in &out {
        assert!(row["error"].is_string() && row.get("price").is_none(), "{row}");
    }
    assert_eq!(out[1]["line"], 2);
}

#[test]
fn a_flawed_line_is_a_bad_row_and_the_rest_is_priced() {
    let desk = trained();
    let check = |rows: &[u8], bad: &[(usize, &str)]| {
        desk.file("rows.csv", rows);
        let outcome = desk.run("predict champion --input rows.csv --format csv");
        assert_eq!(outcome.code, 3, "{}", outcome.stderr);
        let lines: Vec<&str> = outcome.stdout.lines().skip(1).collect();
        assert_eq!(lines.len(), 4, "{}", outcome.stdout);
        assert_eq!(lines.iter().filter(|line| line.ends_with(',')).count(), 4 - bad.len());
        let messages: Vec<&str> =
            outcome.stderr.lines().filter(|line| line.starts_with("rows.csv:")).collect();
        assert_eq!(messages.len(), bad.len(), "{}", outcome.stderr);
        for (message, (line, expected)) in messages.iter().zip(bad) {
            let start = format!("rows.csv:{line}: {expected}");
            assert!(message.starts_with(&start), "{message} is not {start}");
            assert!(message.chars().count() < 500, "{message}");
        }
    };
    let header = "carat,cut,color,clarity\n";
    let good = "0.7,Ideal,G,VS1\n";
    let csv = format!("\u{feff}{header}\n{good}\n\n0.7,\"Ideal,G,VS1\n{good}0.7,Ideal,Z,VS1\n");
    let bad = [(6, "cut: has a quote that is not closed"), (8, "color: is not a known")];
    for end in ["\n", "\r\n", "\r"] {
        check(csv.replace('\n', end).as_bytes(), &bad);
    }
    let long = format!("{header}{good}0.7,{},G,VS1\n{good}{good}", "x".repeat(5000));
    check(long.as_bytes(), &[(3, "cut: is not a known")]);
    let latin = [header.as_bytes(), b"0.7,Id\xe9al,G,VS1\n", good.repeat(3).as_bytes()].concat();
    check(&latin, &[(2, "cut: is not UTF-8 text, not \"Id\u{fffd}al\"")]);
    let good = "{\"carat\":0.7,\"cut\":\"Ideal\",\"color\":\"G\",\"clarity\":\"VS1\"}\r\n";
    let latin = [b"\r\n{\"cut\":\"Id\xe9al\"}\r\n\r\n", good.repeat(3).as_bytes()].concat();
    check(&latin, &[(2, "line: is not UTF-8 text, not \"{")]);
}

#[test]
fn an_input_that_cannot_be_priced_is_refused_before_writing() {
    let desk = trained();
    let check = |content: &str, expected: &str| {
        desk.file("rows.csv", content);
        let message = desk.run("predict champion --input rows.csv").refused(3, expected);
        assert!(message.contains("rows.csv"), "{message}");
    };
    check("", "is empty");
    check("carat|cut|color|clarity\n", "carat is missing");
    check("carat,cut,color\n", "clarity is missing");
    check("Weight,cut,color,clarity\n", "give --map \"Weight=carat\"");
    check("carat,cut,color,clarity,Cut\n", "cut is there twice");
    check("carat,\"cut,color,clarity\n", "has a header with a quote that is not closed");
    check("%PDF-1.7\n", "is a PDF");
    check("carat,cut,color,clarity,price,price_actual\n", "both price and price_actual");
    desk.run("predict champion --input missing.csv").failed(3);
}

#[test]
fn json_is_one_document() {
    let desk = trained();
    desk.file("rows.csv", "carat,cut,color,clarity\n0.7,Ideal,G,VS1\n0.8,Ideal,G,VS1\n");
    let document = desk.json("predict champion --input rows.csv");
    assert_eq!(fields(&document, "read failed"), json!([2, 0]));
    assert_eq!(document["predictions"].as_array().unwrap().len(), 2);
    assert_eq!(document["model"]["family"], "log-linear");
}

/// A desk with a model that knows the two price lists of the public table.
fn trained_on_lists() -> Desk {
    let (desk, _) = Desk::trained(60, "xgboost --trials 1 --folds 2");
    desk.run("export champion -o model.loupe").ok();
    desk
}

#[test]
fn turning_a_stone_changes_nothing() {
    let desk = trained_on_lists();
    let measures = "carat,cut,color,clarity,depth,table";
    let mut files = [format!("{measures},x,y,z,id\n"), format!("{measures},y,x,z,id\n")];
    for (at, row) in rows(60).iter().enumerate() {
        let cells: Vec<&str> = row.split(',').collect();
        let [x, y, z] = [cells[7], cells[8], cells[9]];
        // Every third row is without a depth in mm.
        let z = if at % 3 == 0 { "" } else { z };
        for file in &mut files {
            file.push_str(&format!("{},{x},{y},{z},{at}\n", cells[..6].join(",")));
        }
    }
    let added = |row: &Value| {
        let mut row = row.clone();
        row.as_object_mut().unwrap().retain(|name, _| name != "x" && name != "y");
        row
    };
    let [as_stated, turned] = files.map(|file| {
        desk.file("rows.csv", file);
        let document = desk.json("predict model.loupe --input rows.csv");
        document["predictions"].as_array().unwrap().iter().map(added).collect::<Vec<Value>>()
    });
    assert_eq!(as_stated.len(), 899);
    assert_eq!(as_stated, turned);
    let warned = |code: &str| {
        let has_code = |row: &&Value| row["warnings"].to_string().contains(code);
        as_stated.iter().filter(has_code).count()
    };
    assert!(warned("measures_estimated") >= 300 && warned("\"code\"") < 899);
}

#[test]
fn a_row_is_priced_by_its_list_or_by_every_list() {
    let desk = trained_on_lists();
    let four_cs = "carat,cut,color,clarity";
    let stone = "0.7,Ideal,G,VS1";
    desk.file("rows.csv", format!("{four_cs},price_list\n{stone},\n{stone},a\n{stone},B\n"));
    let document = desk.json("predict model.loupe --input rows.csv");
    let priced = document["predictions"].as_array().unwrap();
    let [none, a, b] = &priced[..] else { panic!("{document:#}") };
    let by_list = |row: &Value, name: &str| {
        json!({
            "name": name, "price": row["price"], "low": row["low"], "high": row["high"]
        })
    };
    assert_eq!(none["price_lists"], json!([by_list(a, "A"), by_list(b, "B")]));
    assert_eq!([a.get("price_lists"), b.get("price_lists")], [None, None]);
    let of = |row: &Value, name: &str| row[name].as_f64().unwrap();
    for row in [a, b] {
        assert!((of(none, "low")..=of(none, "high")).contains(&of(row, "price")), "{document:#}");
    }
    let csv = desk.run("predict model.loupe --input rows.csv").ok().stdout;
    let lines: Vec<&str> = csv.lines().collect();
    let header = format!("{four_cs},price_list,price,low,high,warnings,error,price_lists");
    let cents = format!(",,A={:.2}; B={:.2}", of(a, "price"), of(b, "price"));
    assert_eq!(lines[0], header);
    assert!(lines[1].ends_with(&cents), "{csv}");
    assert!(lines[2].ends_with("x, y, z\",,"), "{csv}");

    desk.file("rows.csv", format!("{four_cs},price_list\n{stone},C\n"));
    let unknown = "rows.csv:2: price_list: is not a price list that the model knows, not \"C\"; allowed: A, B";
    let outcome = desk.run("predict model.loupe --input rows.csv");
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains(unknown), "{}", outcome.stderr);
    // A model without lists prices the row, and warns.
    desk.run("train --families log-linear --folds 2 --no-promote").ok();
    let document = desk.json("predict challenger --input rows.csv");
    assert_eq!(document["predictions"][0]["warnings"][1]["code"], "price_list_ignored");
}

#[test]
fn evaluate_measures_with_and_without_price_lists() {
    let desk = trained_on_lists();
    desk.file("rows.csv", diamonds(100));
    let listed = desk.json("evaluate champion --data rows.csv --price-list-by orientation");
    let bare = desk.json("evaluate champion --data rows.csv");
    let figures = "metrics_without_list metrics_four_cs_without_list";
    assert_eq!(fields(&listed, figures), fields(&bare, figures));
    assert_eq!(fields(&bare, "metrics metrics_four_cs"), fields(&bare, figures));
    let mae = |part: &str| listed[part]["mae"].as_f64().unwrap();
    assert!(mae("metrics") < mae("metrics_without_list"), "{listed:#}");
    assert!(mae("metrics_without_list") < mae("metrics_four_cs_without_list"), "{listed:#}");
    for suffix in ["", "_four_cs", "_without_list", "_four_cs_without_list"] {
        assert!(listed["interval"][format!("coverage{suffix}")].is_f64(), "{listed:#}");
    }
    desk.run("evaluate champion --data rows.csv --price-list A")
        .prints("without their price lists");
}

#[test]
fn evaluate_measures_blobs_and_ids_alike_and_reports_omissions() {
    let desk = trained();
    desk.file(
        "rows.csv",
        diamonds(100) + "1,Good,E,SI1,60,58,5000,0,6,4\n1,Good,E,SI1,60,58,-5,1,6,4\n",
    );
    let of_blob = desk.json("evaluate model.loupe --data rows.csv");
    assert_eq!(of_blob, desk.json("evaluate champion --data rows.csv"));
    for dropped in ["dimension_zero", "price_not_positive"] {
        assert_eq!(of_blob["dropped"][dropped]["count"], 1);
    }
    assert_eq!(of_blob["metrics"]["n"], 540);
    assert_eq!(of_blob["metrics_four_cs"]["n"], 540);
    assert_ne!(of_blob["metrics"]["mae"], of_blob["metrics_four_cs"]["mae"], "{of_blob:#}");
    let interval = &of_blob["interval"];
    let of = |name: &str| interval[name].as_f64().unwrap();
    for coverage in ["coverage", "coverage_four_cs"] {
        assert!((0.85..0.95).contains(&of(coverage)), "{interval:#}");
    }
    assert!(of("mean_width_usd") > 0.0 && of("mean_width_usd_four_cs") > 0.0);
    assert_eq!(interval["by_price_fifth"].as_array().unwrap().len(), 5);
    assert_eq!(interval["by_carat_fifth_four_cs"].as_array().unwrap().len(), 5);
    desk.file("none.csv", format!("{HEADER}\n"));
    desk.run("evaluate champion --data none.csv").failed(3);
}
