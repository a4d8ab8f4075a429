//! Bodies that are truncated, deeply nested, duplicated or badly encoded.

use acceptance::Rng;

use crate::attack::Expected::{OneOf, Status};
use crate::attack::{Attack, QUERY, STONE, stone_with};

const FIELDS: [&str; 9] = ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"];

const CSV: &str = "carat,cut,color,clarity,x\n0.7,Ideal,G,VS1,5.7\n1.01,Very Good,E,SI1,\n";

pub(crate) fn all(rng: &mut Rng) -> Vec<Attack> {
    [cut_json(), cut_csv(), deep(), doubled(), encodings(), types(), changed(rng)].concat()
}

fn batch_of(diamond: &str) -> String {
    format!("{{\"diamonds\":[{diamond}]}}")
}

fn cut_json() -> Vec<Attack> {
    let batch = batch_of(STONE);
    let bodies = [("/v1/predict", STONE), ("/v1/similar", STONE), ("/v1/predict/batch", &batch)];
    let cut = |(target, body): (&'static str, &str)| -> Vec<Attack> {
        (0..body.len())
            .map(|end| Attack::json("truncated JSON", target, &body[..end], Status(400)))
            .collect()
    };
    bodies.into_iter().flat_map(cut).collect()
}

fn cut_csv() -> Vec<Attack> {
    let status = |sent: &str| {
        let mut lines = sent.lines();
        let header = lines.next().unwrap_or_default();
        let columns = header.split(',').count();
        let rows: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        match header.split(',').nth(3) {
            _ if sent.is_empty() => 400,
            Some("clarity") if rows.is_empty() => 400,
            Some("clarity") if rows.iter().any(|row| row.split(',').count() != columns) => 400,
            Some("clarity") => 200,
            _ => 422,
        }
    };
    (0..CSV.len())
        .map(|end| Attack::csv("truncated CSV", &CSV[..end], Status(status(&CSV[..end]))))
        .collect()
}

fn deep() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        for levels in [2_usize, 10, 32, 33, 64, 127, 128, 129, 1_000, 60_000] {
            // The last one is two levels a time, and all of it lies in one object.
            let depth = 1 + levels * (open.len() - open.replace(['[', '{'], "").len());
            let expected = Status(if depth > 32 { 400 } else { 422 });
            let inside = if open.ends_with(':') { "1" } else { "" };
            let whole = format!("{}{inside}{}", open.repeat(levels), close.repeat(levels));
            for target in ["/v1/predict", "/v1/similar"] {
                let body = stone_with("carat", &whole);
                attacks.push(Attack::json("deep nesting", target, body, expected.clone()));
            }
            let open_ended = format!("{{\"carat\":{}", open.repeat(levels));
            attacks.push(Attack::json("deep and unclosed", "/v1/predict", open_ended, Status(400)));
            attacks.push(Attack::json(
                "deep and bare",
                "/v1/predict/batch",
                open.repeat(levels),
                Status(400),
            ));
        }
    }
    attacks
}

fn doubled() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for field in FIELDS {
        let value = if ["cut", "color", "clarity"].contains(&field) { "\"G\"" } else { "5" };
        let escaped = format!("\\u{:04x}{}", field.as_bytes()[0], &field[1..]);
        for second in [field, &escaped] {
            let twice = STONE.replace('}', &format!(",\"{field}\":{value},\"{second}\":{value}}}"));
            attacks.push(Attack::json("duplicate keys", "/v1/predict", &twice, Status(422)));
            attacks.push(Attack::json("duplicate keys", "/v1/similar", &twice, Status(422)));
            // One diamond of a batch is wrong, and the others are priced.
            let batch = batch_of(&format!("{STONE},{twice}"));
            attacks.push(Attack::json("duplicate keys", "/v1/predict/batch", batch, Status(200)));
        }
        let status = Status(if FIELDS[..4].contains(&field) { 422 } else { 200 });
        let target = format!("/v1/similar?{QUERY}&{field}=1&{field}=1");
        attacks.push(Attack::get("duplicate parameters", &target, status));
        let csv = format!("carat,cut,color,clarity,{field},{field}\n1,Ideal,E,IF,1,1\n");
        attacks.push(Attack::csv("duplicate columns", csv, Status(422)));
    }
    for (target, status) in [
        ("/v1/predict?model=champion&model=champion", 422),
        ("/v1/predict?explain=1&%65xplain=1", 422),
        ("/v1/predict?note=1&note=2", 200),
    ] {
        attacks.push(Attack::json("duplicate parameters", target, STONE, Status(status)));
    }
    let nested = STONE.replace('}', ",\"note\":[{\"a\":{\"b\":1,\"b\":1}}]}");
    attacks.push(Attack::json("duplicate keys", "/v1/predict", nested, Status(422)));
    let lists = format!("{{\"diamonds\":[{STONE}],\"diamonds\":[{STONE}]}}");
    attacks.push(Attack::json("duplicate keys", "/v1/predict/batch", lists, Status(422)));
    attacks
}

fn encodings() -> Vec<Attack> {
    let kind = "wrong encodings";
    let utf_16 = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        STONE.encode_utf16().flat_map(to_bytes).collect()
    };
    let (little, big) = (utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes));
    let marked = |mark: &[u8], text: &[u8]| [mark, text].concat();
    let mut attacks = Vec::new();
    for target in ["/v1/predict", "/v1/similar", "/v1/predict/batch"] {
        for body in [
            little.clone(),
            big.clone(),
            marked(b"\xff\xfe", &little),
            marked(b"\xfe\xff", &big),
            marked(b"\xef\xbb\xbf", STONE.as_bytes()),
            marked(b"\0", STONE.as_bytes()),
            marked(STONE.as_bytes(), b"\0"),
            marked(STONE.as_bytes(), STONE.as_bytes()),
            b"\0\0\0\0".to_vec(),
            vec![0xff; 100],
        ] {
            attacks.push(Attack::json(kind, target, body, Status(400)));
        }
    }
    for field in FIELDS {
        for bytes in [
            &b"\xff"[..],
            b"\xc0\xaf",
            b"\xe0\x80\xaf",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xf8\x88\x80\x80\x80",
            b"\xc3",
            b"\0",
            b"\n",
            b"\x1f",
            br"\ud800",
            br"\udc00",
            br"\ud800\ud800",
            br"\x41",
            br"\u12",
        ] {
            let [before, after] = ["{\"cut\":1,\"", "\":1}"].map(str::as_bytes);
            let as_value = [b"{\"", field.as_bytes(), b"\":\"", bytes, b"\"}"].concat();
            let as_name = [before, field.as_bytes(), bytes, after].concat();
            attacks.push(Attack::json(kind, "/v1/predict", as_value, Status(400)));
            attacks.push(Attack::json(kind, "/v1/predict", as_name, Status(400)));
        }
        for text in [r"\u0000", r"\ufeff", r"\uffff", r"\ud83d\udc8e", "\u{202e}", "é"] {
            let body = stone_with(field, &format!("\"{text}\""));
            attacks.push(Attack::json("odd characters", "/v1/predict", body, Status(422)));
        }
    }
    for parameter in ["carat", "cut", "color", "clarity", "n"] {
        for value in ["%", "%4", "%zz", "%ff", "%c0%af", "%ed%a0%80", "%u0041", "%00", "%EF%BB%BF1"]
        {
            let others: Vec<&str> = QUERY
                .split('&')
                .filter(|pair| !pair.starts_with(&format!("{parameter}=")))
                .collect();
            let target = format!("/v1/similar?{}&{parameter}={value}", others.join("&"));
            attacks.push(Attack::get("wrong percent-encoding", &target, Status(422)));
        }
    }
    let header = "carat,cut,color,clarity\n";
    for (row, status) in [
        (&b"0.7,Ide\xe9l,G,VS1\n"[..], 400),
        (b"0.7,\xff\xfe,G,VS1\n", 400),
        (b"0.7,Id\0eal,G,VS1\n", 200),
        (b"0.7,\"Ideal,G,VS1\n", 400),
        (b"0.7;Ideal;G;VS1\n", 400),
        (b"0.7\tIdeal\tG\tVS1\n", 400),
        (b"=cmd|'/c calc'!A1,Ideal,G,VS1\n", 200),
        (b",,,\n", 200),
        (b"\"\",\"\",\"\",\"\"\n", 200),
    ] {
        attacks.push(Attack::csv("odd CSV", [header.as_bytes(), row].concat(), Status(status)));
    }
    attacks
}

fn types() -> Vec<Attack> {
    let long = format!("application/{}", "x".repeat(9_000));
    let found = [
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
    ];
    let mut attacks: Vec<Attack> = found
        .into_iter()
        .map(|(media, status)| {
            let fields = format!("content-type: {media}\r\n");
            Attack::sent("content types", "POST /v1/predict", &fields, STONE, Status(status))
        })
        .collect();
    for (accept, status) in
        [("", 200), ("*/*", 200), ("image/png", 406), ("application/json;q=0", 406), ("%00", 406)]
    {
        let fields = format!("accept: {accept}\r\n");
        attacks.push(Attack::sent("accept", "POST /v1/predict", &fields, STONE, Status(status)));
    }
    for coding in ["gzip", "br", "deflate, gzip"] {
        let fields = format!("content-encoding: {coding}\r\n");
        let body = b"\x1f\x8b\x08\0\0\0\0\0\0\x03";
        attacks.push(Attack::sent(
            "content encodings",
            "POST /v1/predict",
            &fields,
            body,
            Status(400),
        ));
    }
    attacks
}

/// Good bodies with a few bytes changed, and bodies of nothing but rng.
fn changed(rng: &mut Rng) -> Vec<Attack> {
    const ANY: crate::attack::Expected = OneOf(&[200, 400, 422]);
    let tokens: [&[u8]; 12] =
        [b"{", b"}", b"[", b"]", b"\"", b",", b":", b"null", b"-", b"e9", b"\\u", b"\xff"];
    let mut attacks = Vec::new();
    for at in 0..600 {
        let mut body = match at % 3 {
            0 => STONE.as_bytes().to_vec(),
            1 => batch_of(STONE).into_bytes(),
            _ => CSV.as_bytes().to_vec(),
        };
        for _ in 0..=rng.below(3) {
            let place = rng.below(body.len());
            match rng.below(3) {
                0 => body[place] = rng.byte(),
                1 => drop(body.remove(place)),
                _ => drop(body.splice(place..place, rng.one_of(&tokens).iter().copied())),
            }
        }
        attacks.push(match at % 3 {
            0 => Attack::json("changed JSON", "/v1/predict", body, ANY),
            1 => Attack::json("changed JSON", "/v1/predict/batch", body, ANY),
            _ => Attack::csv("changed CSV", body, ANY),
        });
    }
    for _ in 0..150 {
        let body: Vec<u8> = (0..=rng.below(400)).map(|_| rng.byte()).collect();
        // A byte that no JSON and no UTF-8 has.
        attacks.push(Attack::json(
            "noise",
            "/v1/predict",
            [&body[..], b"\xff"].concat(),
            Status(400),
        ));
    }
    attacks
}
