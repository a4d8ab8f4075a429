//! Writes the seed inputs: `cargo run --example seeds`. Run it whenever a format has changed. See README.md.

use std::fs;
use std::io::Result;
use std::path::Path;

use inference::{Clarity, Color, Cut, PriceLists, Sample, Samples};
use loupe_fuzz::models;

fn main() -> Result<()> {
    for (number, model) in (0_u8..).zip(models()) {
        let blob = inference::blob::encode(&model).expect("a seed can be written");
        write("blob_decode", number, &blob)?;
        let image = inference::image::encode(&blob).expect("a blob has an image");
        write("image_load", number, &image)?;
        // One change of each kind, in the middle of header and payload.
        let changes = (0..24).flat_map(|which| [which, 40 + which, 0, which]);
        write("blob_mutate", number, &std::iter::once(number).chain(changes).collect::<Vec<_>>())?;
    }
    for (number, stones) in (0_u8..).zip([0, 1, 2, 40]) {
        write("samples_read", number, &samples(stones))?;
    }
    for (target, texts) in [("http_json", JSON), ("http_query", QUERIES), ("http_csv", CSV)] {
        for (number, text) in (0_u8..).zip(texts) {
            write(target, number, text.as_bytes())?;
        }
    }
    Ok(())
}

/// The first byte selects one of six routes; `0` is the first.
const JSON: &[&str] = &[
    r#"0{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1","price_list":"b"}"#,
    r#"1{"carat":1.5,"cut":"Fair","color":"J","clarity":"I1","depth":61.1,"table":57,"x":7.3,"y":7.2,"z":4.4}"#,
    r#"2{"diamonds":[{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1"},{"carat":-1},null]}"#,
    r#"3{"diamonds":[{"carat":0.7,"cut":"Premium","color":"D","clarity":"IF","x":null}]}"#,
    r#"4{"carat":0.7,"cut":"Very Good","color":"E","clarity":"VVS2","n":3}"#,
    r#"5{"id":"7","parameters":{"model":"champion"},"inputs":[{"name":"carat","shape":[1],"datatype":"FP64","data":[0.7]},{"name":"cut","shape":[1],"datatype":"BYTES","data":["Ideal"]},{"name":"color","shape":[1,1],"datatype":"BYTES","data":[["G"]]},{"name":"clarity","shape":[1],"datatype":"BYTES","data":["VS1"]},{"name":"x","shape":[1],"datatype":"INT8","data":[5]},{"name":"table","shape":[1],"datatype":"FP32","data":[null]},{"name":"price_list","shape":[1],"datatype":"BYTES","data":["A"]}],"outputs":[{"name":"low"},{"name":"price"}]}"#,
];

/// The first byte selects one of five routes; `2` is the first.
const QUERIES: &[&str] = &[
    "2carat=0.7&cut=Ideal&color=G&clarity=VS1&n=3",
    "2carat=%31&cut=very+good&color=e&clarity=IF&n=&n=5",
    "3model=champion&explain=true",
    "4explain=0&model=",
    "5champion",
    "6v1/models",
    "6v2/models/diamonds",
    "6livez",
];

const CSV: &[&str] = &[
    "carat,cut,color,clarity\n0.7,Ideal,G,VS1\n",
    "x,clarity,color,cut,carat,note\r\n,if,d,\"Very Good\", 1.5 ,\"a, b\"\r\n7,Q,D,Fair,0,\r\n",
    "carat,cut,color,clarity,depth,table,price,x,y,z,price_list\n0.23,Ideal,E,SI2,61.5,55,326,3.95,3.98,2.43,A\n",
];

/// So many stones, by turns in the price lists A and B and in none; every second of three is the one before it, turned. Every
/// seventh has a number that is not a whole number of units, every ninth an id far from the last.
fn samples(stones: u32) -> Vec<u8> {
    let lists = ["A", "B"].map(|name| name.parse().expect("a name"));
    let lists = PriceLists::of(lists).expect("two lists");
    let stone = |row: u32| {
        let at = row - u32::from(row % 3 == 1);
        let ct = f64::from(20 + at * 37 % 200) / 100.0;
        let x = (640.0 * ct.cbrt()).round() / 100.0;
        let z = (x * 61.5).round() / 100.0;
        let price = if at % 7 == 6 { 1_000.1 + 0.2 } else { (4_000.0 * ct * ct).round() };
        let pick = |count: usize| (at as usize * 5 + 3) % count;
        let (x, y) = if row == at { (x, x + 0.02) } else { (x + 0.02, x) };
        Sample {
            id: i64::from(row + 1) + if row % 9 == 8 { 1 << 40 } else { 0 } * i64::from(row),
            cut: Cut::ALL[pick(5)],
            color: Color::ALL[pick(7)],
            clarity: Clarity::ALL[pick(8)],
            numbers: [ct, 61.5, 57.0, price, x, y, z],
            price_list: [Some(0), Some(1), None][row as usize % 3],
        }
    };
    // Ids must differ, but need not ascend here.
    let samples = Samples::of((0..stones).map(stone).collect(), lists).expect("valid stones");
    samples.to_bytes().expect("few enough")
}

fn write(target: &str, number: u8, bytes: &[u8]) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("seed-{number}")), bytes)
}
