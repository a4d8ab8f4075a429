//! Malicious paths, methods, header injections, SQL and very long values.

use crate::attack::Expected::{self, Server, Status};
use crate::attack::{Attack, QUERY, STONE, encoded, head, stone_with};

pub(crate) fn all() -> Vec<Attack> {
    [paths(), methods(), injections(), sql(), long()].concat()
}

fn paths() -> Vec<Attack> {
    let kind = "path tricks";
    let mut attacks = Vec::new();
    for path in [
        "/../spin.toml",
        "/..",
        "/../../etc/passwd",
        "/%2e%2e/spin.toml",
        "/%2e%2e%2fspin.toml",
        "/..%2fspin.toml",
        "/..%5cspin.toml",
        "/..\\spin.toml",
        "/..%c0%afspin.toml",
        "/.%00./spin.toml",
        "/assets/../index.html",
        "/assets/%2e%2e/index.html",
        "/assets/..;/index.html",
        "/assets//app.js",
        "/assets/",
        "/assets",
        "/./index.html",
        "/index.html/",
        "/index.html%00",
        "/index.html%00.js",
        "/index.html;.js",
        "/INDEX.HTML",
        "/.env",
        "/.git/config",
        "/models/champion.loupe",
        "/sqlite_db.db",
        "/web/index.html",
        "//",
        "///",
        "//index.html",
        "//evil.example/",
        "/\\",
        "/;",
        "/%",
        "/%zz",
        "/%2f",
        "/v1//predict",
        "//v1/predict",
        "/v1/predict/",
        "/v1/predict//",
        "/v1/predict;x=1",
        "/v1/predict%00",
        "/v1/predict%20",
        "/v1/%70redict",
        "/V1/PREDICT",
        "/v1/./predict",
        "/v1/models/../predict",
        "/v1/models/%2e%2e/predict",
        "/v1/predict.json",
        "/v1",
        "/v1/",
        "/v2/../v1/predict",
        "/v1/models/",
        "/v1/models/a/b",
        "/v1/requests",
        "/v1/stats",
        "/admin",
        "/wp-login.php",
        "/cgi-bin/.%2e/%2e%2e/bin/sh",
        "/*",
        "/~root",
        "/livez/",
        "/livez%00",
        "/metrics/..",
        "/docs/",
        "/docs/../docs",
        "/openapi.json/",
    ] {
        attacks.push(Attack::get(kind, path, Status(404)));
        attacks.push(Attack::json(kind, path, STONE, Status(404)));
        attacks.push(Attack::raw(kind, head(&format!("OPTIONS {path}"), ""), Status(404)));
    }
    for segment in ["%00", "%0d%0a", "..", ".", "%2e%2e", "champion%00", "CHAMPION", "%", "*", "'"]
    {
        attacks.push(Attack::get(kind, &format!("/v1/models/{segment}"), Status(404)));
    }
    let absolute = |target: &str| head(&format!("GET {target}"), "");
    for (target, expected) in [
        ("http://loupe/v1/models", Status(200)),
        ("http://loupe/nope", Status(404)),
        ("http://evil.example/v1/models", Server(400)),
        ("https://loupe:443/v1/models", Server(400)),
        ("file:///etc/passwd", Server(400)),
        ("v1/models", Server(400)),
        ("?x", Server(400)),
        ("", Server(400)),
        ("/a b", Server(400)),
        ("/\0", Server(400)),
        ("/\t", Server(400)),
        ("/\x7f", Server(400)),
    ] {
        attacks.push(Attack::raw(kind, absolute(target), expected));
    }
    attacks
}

fn methods() -> Vec<Attack> {
    let kind = "methods";
    let long = "M".repeat(1_000);
    let mut attacks = Vec::new();
    for method in [
        "TRACE", "PUT", "PATCH", "DELETE", "BREW", "get", "Post", "GETT", "PROPFIND", "X-Y.Z!",
        &long,
    ] {
        for target in
            ["/v1/predict", "/v1/similar", "/v1/models/champion", "/docs", "/", "/index.html"]
        {
            attacks.push(Attack::raw(kind, head(&format!("{method} {target}"), ""), Status(405)));
        }
        attacks.push(Attack::raw(kind, head(&format!("{method} /nope"), ""), Status(404)));
    }
    for target in ["/v1/predict", "/v1/predict/batch"] {
        attacks.push(Attack::get(kind, target, Status(405)));
        attacks.push(Attack::raw(kind, head(&format!("HEAD {target}"), ""), Status(405)));
        attacks.push(Attack::raw(kind, head(&format!("OPTIONS {target}"), ""), Status(204)));
    }
    let raw = |text: &str, expected: Expected| Attack::raw(kind, text, expected);
    attacks.extend([
        raw("OPTIONS * HTTP/1.1\r\nhost: loupe\r\n\r\n", Status(404)),
        raw("CONNECT loupe:443 HTTP/1.1\r\nhost: loupe:443\r\n\r\n", Status(405)),
        raw("G\0T / HTTP/1.1\r\nhost: loupe\r\n\r\n", Server(400)),
        raw("GE T / HTTP/1.1\r\nhost: loupe\r\n\r\n", Server(400)),
        raw(" GET / HTTP/1.1\r\nhost: loupe\r\n\r\n", Server(400)),
        raw("GET /v1/models\r\n\r\n", Server(400)),
        raw("GET /v1/models HTTP/0.9\r\nhost: loupe\r\n\r\n", Server(400)),
        raw("GET /v1/models HTTP/1.2\r\nhost: loupe\r\n\r\n", Server(400)),
        raw("GET /v1/models HTTP/3.0\r\nhost: loupe\r\n\r\n", Server(400)),
        raw("GET /v1/models http/1.1\r\nhost: loupe\r\n\r\n", Server(400)),
        raw("GET /v1/models HTTP/1.0\r\nhost: loupe\r\n\r\n", Status(200)),
        raw("GET /v1/models HTTP/1.1\nhost: loupe\n\n", Status(200)),
        raw("\x16\x03\x01\x02\0\x01\0\x01\x7c\x03\x03\r\n\r\n", Server(400)),
        raw("{}\r\n\r\n", Server(400)),
    ]);
    // The HTTP/2 preface is not a request; the connection is closed without a response.
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into();
    attacks.push(Attack { kind, bytes: preface, expected: Vec::new() });
    attacks
}

/// Line ends that could become header fields of a response or lines of a log.
fn injections() -> Vec<Attack> {
    let kind = "header injection";
    let mut attacks = Vec::new();
    for end in ["\r\n", "\n", "\r", "\r\n\r\n", "\u{2028}", "\0\r\n"] {
        let text = format!("a{end}x-injected: yes{end}set-cookie: a=b");
        let value = encoded(&text);
        attacks.push(Attack::get(kind, &format!("/{value}"), Status(404)));
        attacks.push(Attack::get(kind, &format!("/v1/models/{value}"), Status(404)));
        attacks.push(Attack::get(kind, &format!("/v1/models?{value}={value}"), Status(200)));
        let target = format!("/v1/predict?model={value}");
        attacks.push(Attack::json(kind, &target, STONE, Status(404)));
        for (parameter, status) in [("cut", 422), ("n", 422), ("note", 200)] {
            let target = format!("/v1/similar?{QUERY}&{parameter}={value}");
            attacks.push(Attack::get(kind, &target, Status(status)));
        }
        for name in
            ["x-request-id", "user-agent", "origin", "traceparent", "referer", "accept-language"]
        {
            let fields = format!("{name}: {value}\r\n");
            attacks.push(Attack::raw(kind, head("GET /v1/models", &fields), Status(200)));
        }
        for field in ["carat", "cut", "color", "clarity"] {
            let escaped: String =
                text.chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect();
            let body = stone_with(field, &format!("\"{escaped}\""));
            attacks.push(Attack::json(kind, "/v1/predict", body, Status(422)));
        }
    }
    attacks
}

fn sql() -> Vec<Attack> {
    let kind = "SQL";
    let mut attacks = Vec::new();
    for text in [
        "'; DROP TABLE requests; --",
        "' OR '1'='1",
        "1 OR 1=1",
        "1; DELETE FROM diamonds",
        "Ideal' UNION SELECT blob FROM models --",
        "\"; PRAGMA writable_schema = 1; --",
        "0) UNION SELECT value FROM secrets --",
        "?1",
        ":id",
        "x'00'",
        "1e1'||(SELECT 1)||'",
        "'; ATTACH DATABASE '/tmp/x' AS x; --",
        "%' LIKE '%",
        "_",
        "%",
        "\\'; SELECT load_extension('x'); --",
    ] {
        let value = encoded(text);
        let quoted = serde_json::to_string(text).expect("a text is JSON");
        for field in ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"] {
            let body = stone_with(field, &quoted);
            attacks.push(Attack::json(kind, "/v1/predict", &body, Status(422)));
            let batch = format!("{{\"diamonds\":[{body}]}}");
            attacks.push(Attack::json(kind, "/v1/predict/batch", batch, Status(200)));
            let of_the_four = ["carat", "cut", "color", "clarity"].contains(&field);
            let status = Status(if of_the_four { 422 } else { 200 });
            attacks.push(Attack::json(kind, "/v1/similar", &body, status.clone()));
            let others: Vec<&str> =
                QUERY.split('&').filter(|pair| !pair.starts_with(&format!("{field}="))).collect();
            let target = format!("/v1/similar?{}&{field}={value}", others.join("&"));
            attacks.push(Attack::get(kind, &target, status));
        }
        let body = STONE.replace('}', &format!(",{quoted}:{quoted}}}"));
        attacks.push(Attack::json(kind, "/v1/predict", body, Status(200)));
        attacks.push(Attack::json(kind, &format!("/v1/predict?model={value}"), STONE, Status(404)));
        attacks.push(Attack::json(
            kind,
            &format!("/v1/predict?explain={value}"),
            STONE,
            Status(422),
        ));
        attacks.push(Attack::get(kind, &format!("/v1/similar?{QUERY}&n={value}"), Status(422)));
        attacks.push(Attack::get(kind, &format!("/v1/models/{value}"), Status(404)));
        // Without a token, the route of the journal does not exist.
        attacks.push(Attack::get(
            kind,
            &format!("/v1/requests?after={value}&limit={value}"),
            Status(404),
        ));
        for name in ["x-request-id", "user-agent", "traceparent", "authorization", "x-api-key"] {
            let fields = format!("{name}: {text}\r\n");
            attacks.push(Attack::raw(kind, head("GET /v1/models", &fields), Status(200)));
        }
    }
    attacks
}

fn long() -> Vec<Attack> {
    let kind = "very long";
    let letters = |count: usize| "x".repeat(count);
    let mut attacks = Vec::new();
    for field in ["carat", "cut", "color", "clarity", "depth"] {
        let body = stone_with(field, &format!("\"{}\"", letters(900_000)));
        attacks.push(Attack::json(kind, "/v1/predict", body, Status(422)));
    }
    let unknown = STONE.replace('}', &format!(",\"{}\":1}}", letters(900_000)));
    attacks.push(Attack::json(kind, "/v1/predict", unknown, Status(200)));
    let many: String = (0..50_000).map(|at| format!(",\"a{at}\":0")).collect();
    let many = STONE.replace('}', &format!("{many}}}"));
    attacks.push(Attack::json(kind, "/v1/predict", many, Status(200)));
    for (count, status) in [(1_048_576, 400), (1_048_577, 413), (3_000_000, 413)] {
        attacks.push(Attack::json(kind, "/v1/predict", " ".repeat(count), Status(status)));
    }
    for (count, status) in [(1_000, 200), (1_001, 422), (50_000, 422)] {
        let batch = format!("{{\"diamonds\":[{}]}}", vec!["{}"; count].join(","));
        attacks.push(Attack::json(kind, "/v1/predict/batch", batch, Status(status)));
        let rows = format!("carat,cut,color,clarity\n{}", ",,,\n".repeat(count));
        attacks.push(Attack::csv(kind, rows, Status(status)));
    }
    for (count, expected) in
        [(2_047, Status(404)), (2_048, Status(414)), (60_000, Status(414)), (70_000, Server(414))]
    {
        attacks.push(Attack::get(kind, &format!("/{}", letters(count)), expected));
    }
    for (count, expected) in
        [(8_192, Status(200)), (8_193, Status(414)), (60_000, Status(414)), (70_000, Server(414))]
    {
        attacks.push(Attack::get(kind, &format!("/v1/models?{}", letters(count)), expected));
    }
    for (count, expected) in [
        (16_000, Status(200)),
        (17_000, Status(431)),
        (300_000, Status(431)),
        (2_000_000, Server(431)),
    ] {
        let fields = format!("x-long: {}\r\n", letters(count));
        attacks.push(Attack::raw(kind, head("GET /v1/models", &fields), expected));
    }
    for (count, expected) in
        [(64, Status(200)), (65, Status(431)), (99, Status(431)), (100, Server(431))]
    {
        let fields: String = (0..count).map(|at| format!("x-{at}: 1\r\n")).collect();
        attacks.push(Attack::raw(kind, head("GET /v1/models", &fields), expected));
    }
    attacks
}
