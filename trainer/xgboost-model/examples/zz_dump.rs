#![allow(
    warnings,
    missing_docs,
    clippy::all,
    clippy::cast_possible_truncation,
    clippy::semicolon_if_nothing_returned
)]
use std::io::Write;
fn show(b: &xgboost_model::Booster) -> String {
    format!(
        "{:?} {} {:?} {} {} {:?} {:?}",
        b.trees,
        b.objective.name,
        b.objective.own_link,
        b.version,
        b.nodes,
        b.feature_names,
        b.notes
    )
}
fn main() {
    let out = std::env::args().nth(1).unwrap();
    let mut out = std::io::BufWriter::new(std::fs::File::create(out).unwrap());
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).collect();
    files
        .extend(std::fs::read_dir("/tmp/learn-scratch/corpus").unwrap().map(|f| f.unwrap().path()));
    files.sort();
    for f in files {
        if f.extension().is_some_and(|e| e == "csv" || e == "py") {
            continue;
        }
        let bytes = std::fs::read(&f).unwrap();
        let name = f.file_name().unwrap().to_string_lossy().into_owned();
        let mut say = |what: String, bytes: &[u8]| {
            let r = xgboost_model::read(bytes);
            let text = match &r {
                Ok(b) => {
                    let links = (
                        b.objective.link(xgboost_model::Target::Price).map_err(|e| e.to_string()),
                        b.objective
                            .link(xgboost_model::Target::LogPrice)
                            .map_err(|e| e.to_string()),
                    );
                    let s = format!(
                        "{} {links:?} {} {}",
                        show(b),
                        b.version,
                        b.notes.iter().map(|n| n.to_string()).collect::<String>()
                    );
                    use std::hash::{Hash, Hasher};
                    let mut h = std::hash::DefaultHasher::new();
                    s.hash(&mut h);
                    format!("ok {:x} {:?}", h.finish(), b.notes)
                }
                Err(e) => e.to_string(),
            };
            writeln!(out, "{name} {what}: {text}").unwrap();
        };
        say("whole".into(), &bytes);
        let n = bytes.len();
        let mut state = 42_u64;
        for k in 0..3000usize.min(n) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1442695040888963407);
            let at = (state >> 33) as usize % n;
            let mut c = bytes.clone();
            match k % 4 {
                0 => {
                    c.truncate(at);
                }
                1 => {
                    c[at] = (state >> 8) as u8;
                }
                2 => {
                    c[at] = b"0123456789-.{}[],:\"eE"[(state >> 5) as usize % 21];
                }
                _ => {
                    c.remove(at);
                }
            }
            say(format!("{k}"), &c);
        }
    }
    // schema variations
    let schema = std::fs::read_to_string("/tmp/learn-scratch/schema-base.rs").unwrap();
    let model = schema.split("r#\"").nth(1).unwrap().split("\"#").next().unwrap();
    let mut names: Vec<String> = Vec::new();
    for (i, p) in model.split('"').enumerate() {
        if i % 2 == 1 {
            names.push(p.to_owned())
        }
    }
    let values = [
        "null",
        "true",
        "1",
        "-1",
        "3",
        "1.5",
        "NaN",
        "\"x\"",
        "\"2\"",
        "\"-1\"",
        "[]",
        "[1]",
        "[\"a\"]",
        "[[]]",
        "{}",
        "[0,0,0,0,0]",
        "[1,1,1,1,1]",
        "[-1,-1,-1,-1,-1]",
        "[1.5,2,3,4,5]",
        "[null,0,0,0,0]",
        "[3,1,2,5,9]",
        "[2,1,0]",
        "[1,0]",
        "[true,false,true,false,false]",
        "[2147483647,2147483647,0,0,0]",
        "[1e39,1,1,1,1]",
        "[99999999999,0,0,0,0]",
    ];
    for n in &names {
        let key = format!("\"{n}\": ");
        if let Some(at) = model.find(&key) {
            let start = at + key.len();
            let rest = &model[start..];
            // end of value by bracket depth
            let mut depth = 0;
            let mut q = false;
            let mut end = 0;
            for (i, ch) in rest.char_indices() {
                if ch == '"' {
                    q = !q;
                }
                if !q {
                    if "[{".contains(ch) {
                        depth += 1
                    }
                    if "]}".contains(ch) {
                        if depth == 0 {
                            end = i;
                            break;
                        }
                        depth -= 1;
                    }
                    if ch == ',' && depth == 0 {
                        end = i;
                        break;
                    }
                }
            }
            for v in values {
                let c = format!("{}{v}{}", &model[..start], &rest[end..]);
                let r = xgboost_model::read(c.as_bytes());
                writeln!(out, "schema {n}={v}: {}", r.map_or_else(|e| e.to_string(), |b| show(&b)))
                    .unwrap();
            }
            let c = model.replacen(&format!("\"{n}\""), "\"zz\"", 1);
            writeln!(
                out,
                "schema no {n}: {}",
                xgboost_model::read(c.as_bytes()).map_or_else(|e| e.to_string(), |b| show(&b))
            )
            .unwrap();
        }
    }
}
