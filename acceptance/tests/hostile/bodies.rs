//! Bodies that are truncated, deeply nested, duplicated or badly encoded.

use fastrand::Rng;

use crate::attack::Expected::OneOf;
use crate::attack::{Attacks, SIMILAR, STONE, batch_of, similar_with, stone_with};

const FIELDS: [&str; 9] = ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"];

const CSV: &str = "carat,cut,color,clarity,x\n0.7,Ideal,G,VS1,5.7\n1.01,Very Good,E,SI1,\n";

/// Texts that are not UTF-8 or not JSON, separated by spaces.
const INVALID: &[u8] =
    b"\xff \xc0\xaf \xe0\x80\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80 \xc3 \0 \n \x1f \
      \\ud800 \\udc00 \\ud800\\ud800 \\x41 \\u12";

pub(crate) fn all(attacks: &mut Attacks, rng: &mut Rng) {
    cut_json(attacks);
    cut_csv(attacks);
    deep(attacks);
    doubled(attacks);
    encodings(attacks);
    percent_encodings(attacks);
    odd_csv(attacks);
    types(attacks);
    changed(attacks, rng);
}

fn cut_json(attacks: &mut Attacks) {
    attacks.kind = "truncated JSON";
    let batch = batch_of(STONE);
    let all = [("/v1/predict", STONE), ("/v1/similar", STONE), ("/v1/predict/batch", &batch)];
    for (target, body) in all {
        (0..body.len()).for_each(|end| attacks.json(target, &body[..end], 400));
    }
}

fn cut_csv(attacks: &mut Attacks) {
    attacks.kind = "truncated CSV";
    let status = |sent: &str| {
        let mut lines = sent.lines();
        let header = lines.next().unwrap_or_default();
        let has_rows = lines.any(|line| !line.is_empty());
        match header.split(',').nth(3) {
            _ if sent.is_empty() => 400,
            // A row that is cut has an error in its place.
            Some("clarity") if has_rows => 200,
            Some("clarity") => 400,
            _ => 422,
        }
    };
    for end in 0..CSV.len() {
        attacks.csv(&CSV[..end], status(&CSV[..end]));
    }
}

fn deep(attacks: &mut Attacks) {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        for levels in [2_usize, 10, 32, 33, 64, 127, 128, 129, 1_000, 60_000] {
            // The last one is two levels a time, and all of it lies in one object.
            let depth = 1 + levels * (open.len() - open.replace(['[', '{'], "").len());
            let status = if depth > 32 { 400 } else { 422 };
            let inside = if open.ends_with(':') { "1" } else { "" };
            let opened = open.repeat(levels);
            let whole = format!("{opened}{inside}{}", close.repeat(levels));
            attacks.kind = "deep nesting";
            for target in ["/v1/predict", "/v1/similar"] {
                attacks.json(target, stone_with("carat", &whole), status);
            }
            attacks.kind = "deep and unclosed";
            attacks.json("/v1/predict", format!("{{\"carat\":{opened}"), 400);
            attacks.kind = "deep and bare";
            attacks.json("/v1/predict/batch", opened, 400);
        }
    }
}

fn doubled(attacks: &mut Attacks) {
    for field in FIELDS {
        attacks.kind = "duplicate keys";
        let value = if ["cut", "color", "clarity"].contains(&field) { "\"G\"" } else { "5" };
        let escaped = format!("\\u{:04x}{}", field.as_bytes()[0], &field[1..]);
        for second in [field, &escaped] {
            let twice = STONE.replace('}', &format!(",\"{field}\":{value},\"{second}\":{value}}}"));
            attacks.json("/v1/predict", &twice, 422);
            attacks.json("/v1/similar", &twice, 422);
            // A wrong diamond in a batch has its own error; the others are priced.
            attacks.json("/v1/predict/batch", batch_of(&format!("{STONE},{twice}")), 200);
        }
        attacks.kind = "duplicate parameters";
        attacks.get(&format!("{SIMILAR}&{field}=1&{field}=1"), 422);
        attacks.kind = "duplicate columns";
        let csv = format!("carat,cut,color,clarity,{field},{field}\n1,Ideal,E,IF,1,1\n");
        attacks.csv(csv, 422);
    }
    attacks.kind = "duplicate parameters";
    attacks.json("/v1/predict?model=champion&model=champion", STONE, 422);
    attacks.json("/v1/predict?explain=1&%65xplain=1", STONE, 422);
    attacks.json("/v1/predict?note=1&note=2", STONE, 422);
    attacks.kind = "duplicate keys";
    let nested = STONE.replace('}', ",\"note\":[{\"a\":{\"b\":1,\"b\":1}}]}");
    attacks.json("/v1/predict", nested, 422);
    let lists = format!("{{\"diamonds\":[{STONE}],\"diamonds\":[{STONE}]}}");
    attacks.json("/v1/predict/batch", lists, 422);
}

fn encodings(attacks: &mut Attacks) {
    attacks.kind = "wrong encodings";
    let stone = STONE.as_bytes();
    let little: Vec<u8> = STONE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = STONE.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (target, status) in [("/v1/predict", 200), ("/v1/similar", 200), ("/v1/predict/batch", 422)]
    {
        attacks.json(target, [b"\xef\xbb\xbf", stone].concat(), status);
        for parts in [
            [b"", &little[..]],
            [b"", &big],
            [b"\xff\xfe", &little],
            [b"\xfe\xff", &big],
            [b"\0", stone],
            [stone, b"\0"],
            [stone, stone],
            [b"", b"\0\0\0\0"],
            [b"", &[0xff; 100]],
        ] {
            attacks.json(target, parts.concat(), 400);
        }
    }
    for field in FIELDS {
        attacks.kind = "wrong encodings";
        for bytes in INVALID.split(|byte| *byte == b' ') {
            let name = field.as_bytes();
            attacks.json("/v1/predict", [b"{\"", name, b"\":\"", bytes, b"\"}"].concat(), 400);
            let as_name = [b"{\"cut\":1,\"", name, bytes, b"\":1}"].concat();
            attacks.json("/v1/predict", as_name, 400);
        }
        attacks.kind = "odd characters";
        for text in [r"\u0000", r"\ufeff", r"\uffff", r"\ud83d\udc8e", "\u{202e}", "é"] {
            attacks.json("/v1/predict", stone_with(field, &format!("\"{text}\"")), 422);
        }
    }
}

fn percent_encodings(attacks: &mut Attacks) {
    attacks.kind = "wrong percent-encoding";
    for parameter in ["carat", "cut", "color", "clarity", "n"] {
        for value in "% %4 %zz %ff %c0%af %ed%a0%80 %u0041 %00 %EF%BB%BF1".split(' ') {
            attacks.get(&similar_with(parameter, value), 422);
        }
    }
}

fn odd_csv(attacks: &mut Attacks) {
    attacks.kind = "odd CSV";
    for (row, status) in [
        (&b"0.7,Ide\xe9l,G,VS1\n"[..], 200),
        (b"0.7,\xff\xfe,G,VS1\n", 200),
        (b"0.7,Id\0eal,G,VS1\n", 200),
        (b"0.7,\"Ideal,G,VS1\n", 200),
        (b"0.7;Ideal;G;VS1\n", 200),
        (b"0.7\tIdeal\tG\tVS1\n", 200),
        (b"=cmd|'/c calc'!A1,Ideal,G,VS1\n", 200),
        (b",,,\n", 200),
        (b"\"\",\"\",\"\",\"\"\n", 200),
    ] {
        attacks.csv([b"carat,cut,color,clarity\n", row].concat(), status);
    }
}

fn types(attacks: &mut Attacks) {
    attacks.kind = "content types";
    let long = format!("application/{}", "x".repeat(9_000));
    for (media, status) in [
        ("application/json", 200),
        ("APPLICATION/JSON", 200),
        ("application/json; charset=utf-16", 200),
        ("application/json ;", 200),
        ("application/json, text/plain", 415),
        ("text/json", 415),
        ("text/plain", 415),
        ("text/csv", 415),
        ("application/jsonx", 415),
        ("application/json/", 415),
        ("application/problem+json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("\u{e9}", 415),
        ("'; DROP TABLE requests; --", 415),
        (&long, 415),
        ("*/*", 415),
        ("", 415),
    ] {
        attacks.sent("/v1/predict", &format!("content-type: {media}\r\n"), STONE, status);
    }
    attacks.kind = "accept";
    for (accept, status) in
        [("", 200), ("*/*", 200), ("image/png", 406), ("application/json;q=0", 406), ("%00", 406)]
    {
        attacks.sent("/v1/predict", &format!("accept: {accept}\r\n"), STONE, status);
    }
    attacks.kind = "content encodings";
    for coding in ["gzip", "br", "deflate, gzip"] {
        let fields = format!("content-encoding: {coding}\r\n");
        attacks.sent("/v1/predict", &fields, b"\x1f\x8b\x08\0\0\0\0\0\0\x03", 415);
    }
}

/// Valid bodies with a few bytes changed, and random bodies.
fn changed(attacks: &mut Attacks, rng: &mut Rng) {
    const ANY: crate::attack::Expected = OneOf(&[200, 400, 422]);
    let tokens: Vec<_> = b"{ } [ ] \" , : null - e9 \\u \xff".split(|byte| *byte == b' ').collect();
    let batch = batch_of(STONE);
    for at in 0..600 {
        let mut body = [STONE, &batch, CSV][at % 3].as_bytes().to_vec();
        for _ in 0..=rng.usize(..3) {
            let place = rng.usize(..body.len());
            match rng.usize(..3) {
                0 => body[place] = rng.u8(..),
                1 => _ = body.remove(place),
                _ => {
                    let token = rng.choice(&tokens).expect("a token");
                    body.splice(place..place, token.iter().copied());
                }
            }
        }
        attacks.kind = if at % 3 == 2 { "changed CSV" } else { "changed JSON" };
        match at % 3 {
            0 => attacks.json("/v1/predict", body, ANY),
            1 => attacks.json("/v1/predict/batch", body, ANY),
            _ => attacks.csv(body, ANY),
        }
    }
    attacks.kind = "noise";
    for _ in 0..150 {
        let body: Vec<u8> = (0..=rng.usize(..400)).map(|_| rng.u8(..)).collect();
        // A byte that is never part of JSON or UTF-8.
        attacks.json("/v1/predict", [&body[..], b"\xff"].concat(), 400);
    }
}
