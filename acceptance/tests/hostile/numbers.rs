//! Malformed and extreme numbers in JSON, queries and CSV.

use crate::attack::{Attacks, batch_of, similar_with, stone_with};

/// Not JSON numbers, or too large for f64.
const NOT_NUMBERS: &str = "
    1e999 -1e999 0x10 01 +1 .5 1. 1e 1_000 1,5 ١ NaN nan Infinity -Infinity inf 1f 0b1 --1 1e+ - undefined";

/// Out of range, or of the wrong type.
const WRONG: &str = r#"
    -0 0 -0.0 1e-400 1e308 -1 true [1] {} "1" "NaN" "" 100.0000001 18446744073709551616 -9223372036854775809"#;

/// Malformed and extreme numbers for queries and CSV.
const TEXTS: &str = "
    NaN nan -nan inf -inf Infinity -Infinity infinity 1e999 -1e999 -0 1e-400 0x10 1,5 １ 1_0 1e e %2B %00 1%000 --1";

pub(crate) fn all(attacks: &mut Attacks) {
    attacks.kind = "numbers";
    let digits = "9".repeat(400);
    let fraction = format!("0.{}1", "0".repeat(400));
    let fewer = "9".repeat(300);
    let not_numbers = NOT_NUMBERS.split_whitespace().chain([digits.as_str(), "1e400000000"]);
    let wrong = WRONG.split_whitespace().chain([fraction.as_str(), &fewer]);
    let in_json: Vec<(&str, u16)> =
        not_numbers.map(|number| (number, 400)).chain(wrong.map(|number| (number, 422))).collect();
    for field in ["carat", "depth", "table", "x", "y", "z"] {
        for (number, status) in &in_json {
            attacks.json("/v1/predict", stone_with(field, number), *status);
        }
    }
    for (number, status) in &in_json {
        attacks.json("/v1/similar", stone_with("n", number), *status);
        let status = if *status == 422 { 200 } else { *status };
        attacks.json("/v1/predict/batch", batch_of(&stone_with("carat", number)), status);
    }
    // Extreme but valid weights have a price.
    for number in ["5e-324", "1e-300", "0.000001", "1e-5", "99.999", "100"] {
        attacks.json("/v1/predict", stone_with("carat", number), 200);
        attacks.json("/v1/similar", stone_with("carat", number), 200);
    }
    for number in TEXTS.split_whitespace().chain([digits.as_str(), ""]) {
        for parameter in ["carat", "n"] {
            // A fullwidth digit is percent-encoded.
            let target = similar_with(parameter, number).replace('１', "%EF%BC%91");
            let status = if parameter == "n" && number.is_empty() { 200 } else { 422 };
            attacks.get(&target, status);
        }
        for column in 0..2 {
            let mut row = ["0.7", "Ideal", "G", "VS1", "5.7"];
            row[column * 4] = number;
            let row = row.join(",").replace("1,5", "\"1,5\"");
            // Each diamond has its own error.
            attacks.csv(format!("carat,cut,color,clarity,x\n{row}\n"), 200);
        }
    }
}
