//! Malicious paths, methods, header injections, SQL and very long values.

use crate::attack::Expected::{Server, Status};
use crate::attack::{Attacks, SIMILAR, STONE, batch_of, encoded, similar_with, stone_with};

/// Paths that do not exist.
const PATHS: &str = r"
    /../spin.toml /.. /../../etc/passwd /%2e%2e/spin.toml /%2e%2e%2fspin.toml /..%2fspin.toml /..%5cspin.toml
    /..\spin.toml /..%c0%afspin.toml /.%00./spin.toml /assets/../index.html /assets/%2e%2e/index.html
    /assets/..;/index.html /assets//app.js /assets/ /assets /./index.html /index.html/ /index.html%00
    /index.html%00.js /index.html;.js /INDEX.HTML /.env /.git/config /models/champion.loupe /sqlite_db.db
    /web/index.html // /// //index.html //evil.example/ /\ /; /% /%zz /%2f
    /v1//predict //v1/predict /v1/predict/ /v1/predict// /v1/predict;x=1 /v1/predict%00 /v1/predict%20
    /v1/%70redict /V1/PREDICT /v1/./predict /v1/models/../predict /v1/models/%2e%2e/predict /v1/predict.json
    /v1 /v1/ /v2/../v1/predict /v1/models/ /v1/models/a/b /v1/requests /v1/stats
    /admin /wp-login.php /cgi-bin/.%2e/%2e%2e/bin/sh /* /~root
    /livez/ /livez%00 /metrics/.. /docs/ /docs/../docs /openapi.json/";

const SQL: &str = r#"'; DROP TABLE requests; --
' OR '1'='1
1 OR 1=1
1; DELETE FROM diamonds
Ideal' UNION SELECT blob FROM models --
"; PRAGMA writable_schema = 1; --
0) UNION SELECT value FROM secrets --
?1
:id
x'00'
1e1'||(SELECT 1)||'
'; ATTACH DATABASE '/tmp/x' AS x; --
%' LIKE '%
_
%
\'; SELECT load_extension('x'); --"#;

pub(crate) fn all(attacks: &mut Attacks) {
    paths(attacks);
    methods(attacks);
    injections(attacks);
    sql(attacks);
    long(attacks);
}

fn paths(attacks: &mut Attacks) {
    attacks.kind = "path tricks";
    for path in PATHS.split_whitespace() {
        attacks.get(path, 404);
        attacks.json(path, STONE, 404);
        attacks.head(&format!("OPTIONS {path}"), "", 404);
    }
    for segment in "%00 %0d%0a .. . %2e%2e champion%00 CHAMPION % * '".split(' ') {
        attacks.get(&format!("/v1/models/{segment}"), 404);
    }
    attacks.get("http://loupe/v1/models", 200);
    attacks.get("http://loupe/nope", 404);
    attacks.get("http://evil.example/v1/models", Server(400));
    attacks.get("https://loupe:443/v1/models", Server(400));
    for target in ["file:///etc/passwd", "v1/models", "?x", "", "/a b", "/\0", "/\t", "/\x7f"] {
        attacks.get(target, Server(400));
    }
}

fn methods(attacks: &mut Attacks) {
    attacks.kind = "methods";
    let long = "M".repeat(1_000);
    let paths = ["/v1/predict", "/v1/similar", "/v1/models/champion", "/docs", "/", "/index.html"];
    let methods = "TRACE PUT PATCH DELETE BREW get Post GETT PROPFIND X-Y.Z!".split(' ');
    for method in methods.chain([long.as_str()]) {
        for path in paths {
            attacks.head(&format!("{method} {path}"), "", 405);
        }
        attacks.head(&format!("{method} /nope"), "", 404);
    }
    for target in ["/v1/predict", "/v1/predict/batch"] {
        attacks.get(target, 405);
        attacks.head(&format!("HEAD {target}"), "", 405);
        attacks.head(&format!("OPTIONS {target}"), "", 204);
    }
    for (text, expected) in [
        ("OPTIONS * HTTP/1.1\r\nhost: loupe\r\n\r\n", Status(404)),
        ("CONNECT loupe:443 HTTP/1.1\r\nhost: loupe:443\r\n\r\n", Status(405)),
        ("G\0T / HTTP/1.1\r\nhost: loupe\r\n\r\n", Server(400)),
        ("GE T / HTTP/1.1\r\nhost: loupe\r\n\r\n", Server(400)),
        (" GET / HTTP/1.1\r\nhost: loupe\r\n\r\n", Server(400)),
        ("GET /v1/models\r\n\r\n", Server(400)),
        ("GET /v1/models HTTP/0.9\r\nhost: loupe\r\n\r\n", Server(400)),
        ("GET /v1/models HTTP/1.2\r\nhost: loupe\r\n\r\n", Server(400)),
        ("GET /v1/models HTTP/3.0\r\nhost: loupe\r\n\r\n", Server(400)),
        ("GET /v1/models http/1.1\r\nhost: loupe\r\n\r\n", Server(400)),
        ("GET /v1/models HTTP/1.0\r\nhost: loupe\r\n\r\n", Status(200)),
        ("GET /v1/models HTTP/1.1\nhost: loupe\n\n", Status(200)),
        ("\x16\x03\x01\x02\0\x01\0\x01\x7c\x03\x03\r\n\r\n", Server(400)),
        ("{}\r\n\r\n", Server(400)),
    ] {
        attacks.raw(text, expected);
    }
    // The HTTP/2 preface is not a request; the connection is closed without a response.
    attacks.pipeline(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), Vec::new());
}

/// Line ends that could become header fields of a response or lines of a log.
fn injections(attacks: &mut Attacks) {
    attacks.kind = "header injection";
    for end in ["\r\n", "\n", "\r", "\r\n\r\n", "\u{2028}", "\0\r\n"] {
        let text = format!("a{end}x-injected: yes{end}set-cookie: a=b");
        let value = encoded(&text);
        attacks.get(&format!("/{value}"), 404);
        attacks.get(&format!("/v1/models/{value}"), 404);
        attacks.get(&format!("/v1/models?{value}={value}"), 200);
        attacks.json(&format!("/v1/predict?model={value}"), STONE, 404);
        for (parameter, status) in [("cut", 422), ("n", 422), ("note", 422)] {
            attacks.get(&format!("{SIMILAR}&{parameter}={value}"), status);
        }
        for name in "x-request-id user-agent origin traceparent referer accept-language".split(' ')
        {
            attacks.head("GET /v1/models", &format!("{name}: {value}\r\n"), 200);
        }
        for field in ["carat", "cut", "color", "clarity"] {
            let escaped: String =
                text.chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect();
            attacks.json("/v1/predict", stone_with(field, &format!("\"{escaped}\"")), 422);
        }
    }
}

fn sql(attacks: &mut Attacks) {
    attacks.kind = "SQL";
    for text in SQL.lines() {
        let value = encoded(text);
        let quoted = serde_json::to_string(text).expect("a text is JSON");
        for field in ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"] {
            let body = stone_with(field, &quoted);
            attacks.json("/v1/predict", &body, 422);
            attacks.json("/v1/predict/batch", batch_of(&body), 200);
            let is_of_the_four = ["carat", "cut", "color", "clarity"].contains(&field);
            let status = if is_of_the_four { 422 } else { 200 };
            attacks.json("/v1/similar", &body, status);
            attacks.get(&similar_with(field, &value), status);
        }
        let body = STONE.replace('}', &format!(",{quoted}:{quoted}}}"));
        attacks.json("/v1/predict", body, 200);
        attacks.json(&format!("/v1/predict?model={value}"), STONE, 404);
        attacks.json(&format!("/v1/predict?explain={value}"), STONE, 422);
        attacks.get(&similar_with("n", &value), 422);
        attacks.get(&format!("/v1/models/{value}"), 404);
        // Without a token, the route of the journal does not exist.
        attacks.get(&format!("/v1/requests?after={value}&limit={value}"), 404);
        for name in ["x-request-id", "user-agent", "traceparent", "authorization", "x-api-key"] {
            attacks.head("GET /v1/models", &format!("{name}: {text}\r\n"), 200);
        }
    }
}

fn long(attacks: &mut Attacks) {
    attacks.kind = "very long";
    let letters = |count: usize| "x".repeat(count);
    for field in ["carat", "cut", "color", "clarity", "depth"] {
        let body = stone_with(field, &format!("\"{}\"", letters(900_000)));
        attacks.json("/v1/predict", body, 422);
    }
    let unknown = STONE.replace('}', &format!(",\"{}\":1}}", letters(900_000)));
    attacks.json("/v1/predict", unknown, 200);
    let many: String = (0..50_000).map(|at| format!(",\"a{at}\":0")).collect();
    attacks.json("/v1/predict", STONE.replace('}', &format!("{many}}}")), 200);
    for (count, status) in [(1_048_576, 400), (1_048_577, 413), (3_000_000, 413)] {
        attacks.json("/v1/predict", " ".repeat(count), status);
    }
    for (count, status) in [(1_000, 200), (1_001, 422), (50_000, 422)] {
        attacks.json("/v1/predict/batch", batch_of(&vec!["{}"; count].join(",")), status);
        attacks.csv(format!("carat,cut,color,clarity\n{}", ",,,\n".repeat(count)), status);
    }
    let too_long = [(60_000, Status(414)), (70_000, Server(414))];
    for (count, expected) in [(2_047, Status(404)), (2_048, Status(414))].iter().chain(&too_long) {
        attacks.get(&format!("/{}", letters(*count)), expected.clone());
    }
    for (count, expected) in [(8_192, Status(200)), (8_193, Status(414))].iter().chain(&too_long) {
        attacks.get(&format!("/v1/models?{}", letters(*count)), expected.clone());
    }
    let fields = |count: usize| (0..count).map(|at| format!("x-{at}: 1\r\n")).collect::<String>();
    for (fields, expected) in [
        (format!("x-long: {}\r\n", letters(16_000)), Status(200)),
        (format!("x-long: {}\r\n", letters(17_000)), Status(431)),
        (format!("x-long: {}\r\n", letters(300_000)), Status(431)),
        (format!("x-long: {}\r\n", letters(2_000_000)), Server(431)),
        (fields(64), Status(200)),
        (fields(65), Status(431)),
        (fields(99), Status(431)),
        (fields(100), Server(431)),
    ] {
        attacks.head("GET /v1/models", &fields, expected);
    }
}
