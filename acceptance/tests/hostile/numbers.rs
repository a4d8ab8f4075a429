//! Malformed and extreme numbers in JSON, queries and CSV.

use crate::attack::Expected::Status;
use crate::attack::{Attack, QUERY, stone_with};

const KIND: &str = "numbers";

pub(crate) fn all() -> Vec<Attack> {
    let digits = "9".repeat(400);
    let fraction = format!("0.{}1", "0".repeat(400));
    let fewer = "9".repeat(300);
    // What is no number of JSON, or none that f64 holds, is not parseable; what is one is wrong by its size or kind.
    let in_json: Vec<(&str, u16)> = [
        "1e999",
        "-1e999",
        &digits,
        "0x10",
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "1_000",
        "1,5",
        "١",
        "NaN",
        "nan",
        "Infinity",
        "-Infinity",
        "inf",
        "1f",
        "0b1",
        "--1",
        "1e+",
        "-",
        "undefined",
    ]
    .into_iter()
    .map(|number| (number, 400))
    .chain(
        [
            "-0",
            "0",
            "-0.0",
            "1e-400",
            &fraction,
            &fewer,
            "1e308",
            "-1",
            "1e400000000",
            "true",
            "[1]",
            "{}",
            "\"1\"",
            "\"NaN\"",
            "\"\"",
            "100.0000001",
            "18446744073709551616",
            "-9223372036854775809",
        ]
        .into_iter()
        .map(|number| (number, if number == "1e400000000" { 400 } else { 422 })),
    )
    .collect();
    let mut attacks = Vec::new();
    for field in ["carat", "depth", "table", "x", "y", "z"] {
        for (number, status) in &in_json {
            let body = stone_with(field, number);
            attacks.push(Attack::json(KIND, "/v1/predict", &body, Status(*status)));
        }
    }
    for (number, status) in &in_json {
        let body = stone_with("n", number);
        let status = if *number == "100.0000001" { 422 } else { *status };
        attacks.push(Attack::json(KIND, "/v1/similar", &body, Status(status)));
        let batch = format!("{{\"diamonds\":[{}]}}", stone_with("carat", number));
        let status = if status == 422 { 200 } else { status };
        attacks.push(Attack::json(KIND, "/v1/predict/batch", batch, Status(status)));
    }
    // As small as they are, these are weights, and have a price.
    for number in ["5e-324", "1e-300", "0.000001", "1e-5", "99.999", "100"] {
        attacks.push(Attack::json(KIND, "/v1/predict", stone_with("carat", number), Status(200)));
        attacks.push(Attack::json(KIND, "/v1/similar", stone_with("carat", number), Status(200)));
    }
    for number in [
        "NaN",
        "nan",
        "-nan",
        "inf",
        "-inf",
        "Infinity",
        "-Infinity",
        "infinity",
        "1e999",
        "-1e999",
        "-0",
        "1e-400",
        "0x10",
        "1,5",
        "１",
        "1_0",
        "1e",
        "e",
        "%2B",
        "%00",
        "1%000",
        "--1",
        &digits,
        "",
    ] {
        for parameter in ["carat", "n"] {
            let others: Vec<&str> = QUERY
                .split('&')
                .filter(|pair| !pair.starts_with(&format!("{parameter}=")))
                .collect();
            let target = format!("/v1/similar?{}&{parameter}={number}", others.join("&"));
            // A fullwidth digit is sent as its bytes are.
            let target = target.replace('１', "%EF%BC%91");
            let status = if parameter == "n" && number.is_empty() { 200 } else { 422 };
            attacks.push(Attack::get(KIND, &target, Status(status)));
        }
        for column in 0..2 {
            let mut row = ["0.7", "Ideal", "G", "VS1", "5.7"];
            row[column * 4] = number;
            let row = row.join(",").replace("1,5", "\"1,5\"");
            // Each diamond has its own error.
            let csv = format!("carat,cut,color,clarity,x\n{row}\n");
            attacks.push(Attack::csv(KIND, csv, Status(200)));
        }
    }
    attacks
}
