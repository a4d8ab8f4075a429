//! What every route answers, and what the journal says of it.

mod support;

use http::Method;
use serde_json::{Value as Json, json};
use support::{
    Memory, STONE, TestHost, app, get, json, model, post, promote, promote_as, request, rows, with,
};

#[tokio::test]
async fn a_diamond_is_priced_and_journaled() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let id = promote(&memory, &model(4_000.0)).await;
    host.now_us.set(1_234);
    let response = app(&memory, &host).handle(post("/v1/predict", STONE)).await;

    let request_id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(
        json(&response),
        json!({
            "price": 2800,
            "currency": "USD",
            "range": {"low": 1400, "high": 4200, "confidence": 0.9},
            "warnings": [{
                "code": "measures_estimated",
                "message": "not given, so estimated from the weight, the cut and the other measures: depth, table, x, y, z",
                "fields": ["depth", "table", "x", "y", "z"],
            }],
            "model": {"id": id, "family": "linear"},
            "request_id": request_id,
        })
    );
    assert_eq!(response.headers()["content-length"], response.body().len().to_string());
    let sql = "SELECT id, received_at, method, path, route, status, latency_us, request_body, request_bytes, response_body, model_id FROM requests";
    assert_eq!(
        rows(&memory, sql).await,
        [[
            json!(request_id),
            json!("2026-11-23T17:00:00.000Z"),
            json!("POST"),
            json!("/v1/predict"),
            json!("/v1/predict"),
            json!(200),
            json!(1_234),
            json!(STONE),
            json!(STONE.len()),
            json!(std::str::from_utf8(response.body()).unwrap()),
            json!(id),
        ]]
    );
}

#[tokio::test]
async fn what_is_unlike_the_training_data_is_said() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let stone = r#"{"carat":6,"cut":"Ideal","color":"G","clarity":"VS1","colour":"G","depth":61,"table":55,"x":11,"y":11,"z":6.7}"#;
    let response = app(&memory, &host).handle(post("/v1/predict", stone)).await;
    let range = json!({"low": 18_000, "high": 30_000, "confidence": 0.9});
    assert_eq!(json(&response)["range"], range, "a measured stone has the narrower range");
    assert_eq!(
        json(&response)["warnings"],
        json!([
            {
                "code": "feature_outside",
                "message": "carat 6 is outside the 0.2 to 5.01 of the stones the model learnt from; treat the price with care",
                "fields": ["carat"],
            },
            {
                "code": "price_outside",
                "message": "the price is outside the $326 to $18823 of the stones the model learnt from; treat it with care",
                "fields": [],
            },
            {
                "code": "unknown_fields",
                "message": "not fields of a diamond, and ignored: colour",
                "fields": ["colour"],
            },
        ])
    );
}

#[tokio::test]
async fn a_batch_answers_in_order_and_refuses_one_by_one() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(1_000.0)).await;
    let app = app(&memory, &host);
    let by_json = format!(r#"{{"diamonds":[{STONE},{{"carat":-1}},7,{STONE}]}}"#);
    let answer = json(&app.handle(post("/v1/predict/batch", &by_json)).await);
    assert_eq!(answer["predictions"][0]["price"], 700);
    assert_eq!(answer["predictions"][1]["error"]["errors"].as_array().unwrap().len(), 4);
    assert_eq!(answer["predictions"][2]["error"]["errors"][0]["message"], "must be a JSON object");
    assert_eq!(answer["predictions"][3]["price"], 700);

    let by_csv = "clarity,carat,cut,color,x\nIF,1.5,Fair,J,7.1\nIF,1.5,Fair,Q,\n";
    let request =
        request(Method::POST, "/v1/predict/batch", Some("text/csv; charset=utf-8"), by_csv);
    let answer = json(&app.handle(request).await);
    assert_eq!(answer["predictions"][0]["price"], 1500);
    assert_eq!(answer["predictions"][1]["error"]["errors"][0]["field"], "color");
}

#[tokio::test]
async fn a_price_is_explained_by_parts_that_add_up_to_it() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let stone = STONE.replace('}', ",\"table\":57.5}");
    let part = |feature: &str, label: &str, value: Json, effect: i32| json!({"feature": feature, "label": label, "value": value, "effect": effect});
    let expected = |weight| {
        vec![
            part("average", "Average stone", Json::Null, 0),
            part("carat", "Weight", json!(0.7), weight),
            part("cut", "Cut", json!("Ideal"), 0),
            part("color", "Color", json!("G"), 0),
            part("clarity", "Clarity", json!("VS1"), 0),
            part("depth", "Depth (estimated)", json!(62), 0),
            part("table", "Table", json!(57.5), 0),
            part("x", "Length (estimated)", json!(5.68), 0),
            part("y", "Width (estimated)", json!(5.68), 0),
            part("z", "Height (estimated)", json!(3.52), 0),
        ]
    };
    let explained = async |target: &str, body: &str| {
        json(&app(&memory, &host).handle(post(target, body)).await)
    };
    let answer = explained("/v1/predict?explain=true", &stone).await;
    assert_eq!((&answer["price"], &answer["explanation"]), (&json!(2800), &json!(expected(2800))));
    let answer = explained("/v1/predict?explain=false", &stone).await;
    assert_eq!(answer.get("explanation"), None);

    let batch = format!(r#"{{"diamonds":[{stone},{{}}]}}"#);
    let answer = explained("/v1/predict/batch?explain=true", &batch).await;
    assert_eq!(answer["predictions"][0]["explanation"], json!(expected(2800)));
    assert_eq!(answer["predictions"][1].get("explanation"), None);

    promote(&memory, &model(-100.0)).await;
    let answer = explained("/v1/predict?explain=true", &stone).await;
    let mut lifted = expected(-70);
    lifted.push(part("floor", "No price is below 0", Json::Null, 70));
    assert_eq!((&answer["price"], &answer["explanation"]), (&json!(0), &json!(lifted)));
}

#[tokio::test]
async fn every_mistake_gets_its_status_and_one_row() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    let stones = |count| format!("{{\"diamonds\":[{}]}}", vec![STONE; count].join(","));
    let many = stones(1_001);
    let batch = format!("{{\"diamonds\":[{STONE}]}}");
    let csv =
        |body: &'static str| request(Method::POST, "/v1/predict/batch", Some("text/csv"), body);
    let typed = |media| request(Method::POST, "/v1/predict", Some(media), STONE);
    let large = "x".repeat((1 << 20) + 1);
    let long: &'static str = "v".repeat(16 << 10).leak();
    let stone = "carat=1&cut=Ideal&color=E&clarity=IF";
    let cases = [
        (200, post("/v1/predict", STONE)),
        (200, post("/v1/predict?model=champion", STONE)),
        (200, post("/v1/predict?explain=true", STONE)),
        (200, request(Method::POST, "/v1/predict", None, STONE)),
        (200, get(&format!("/v1/similar?{stone}"))),
        (200, get("/v1/models")),
        (200, get("/v1/models/champion")),
        (200, get("/v1/models/champion/blob")),
        (200, get("/openapi.json")),
        (200, with(get("/docs"), "accept", "text/html,*/*;q=0.1")),
        (200, request(Method::HEAD, "/v1/models", None, "")),
        (204, request(Method::OPTIONS, "/v1/predict", None, "")),
        (400, post("/v1/predict", "")),
        (400, post("/v1/predict", "{\"carat\":")),
        (400, request(Method::POST, "/v1/predict", Some("application/json"), b"\xff\xfe".to_vec())),
        (400, csv("carat,cut,color,clarity\n1\n")),
        (400, csv("carat,cut,color,clarity\n")),
        (400, post("/v1/predict", &format!("{}{}", "[".repeat(33), "]".repeat(33)))),
        (414, get(&format!("/{}", "x".repeat(2_048)))),
        (414, post(&format!("/v1/predict?{}", "x".repeat(8_193)), STONE)),
        (431, with(get("/"), "x-long", long)),
        (422, post("/v1/predict", &STONE.replace('}', ",\"carat\":0.7}"))),
        (422, post("/v1/predict", &STONE.replace('}', ",\"note\":{\"a\":1,\"a\":1}}"))),
        (422, post("/v1/similar", &STONE.replace('}', ",\"n\":1,\"n\":1}"))),
        (422, post("/v1/predict/batch", &batch.replace('}', ",\"note\":1,\"note\":2}"))),
        (200, post("/v1/predict?note=1&note=2&%ff", STONE)),
        (422, post("/v1/predict?model=champion&model=champion", STONE)),
        (422, post("/v1/predict/batch?explain=true&explain=true", &batch)),
        (422, get(&format!("/v1/similar?{stone}&carat=1"))),
        (422, get(&format!("/v1/similar?{stone}&n=%ff"))),
        (422, csv("carat,cut,color,clarity,cut\n1,Ideal,E,IF,Ideal\n")),
        (404, get("/nope")),
        (404, get("/v1/predict/")),
        (404, get("/v1/models/ffff")),
        (404, get("/v1/models/ffff/blob")),
        (406, with(get("/v1/models/champion/blob"), "accept", "application/json")),
        (405, post("/v1/models/champion/blob", "")),
        (404, get("/v1/models/drop%20table")),
        (404, post("/v1/predict?model=ffff", STONE)),
        (404, get("/../spin.toml")),
        (405, get("/v1/predict")),
        (405, request(Method::DELETE, "/v1/models", None, "")),
        (405, request(Method::HEAD, "/v1/predict", None, "")),
        (405, request(Method::POST, "/", None, "")),
        (204, request(Method::OPTIONS, "/", None, "")),
        (400, csv("")),
        (200, post("/v1/similar", &STONE.replace('}', ",\"n\":5.0,\"x\":0}"))),
        (422, post("/v1/similar", &STONE.replace('}', ",\"n\":5.5}"))),
        (406, with(post("/v1/predict", STONE), "accept", "image/png")),
        (413, post("/v1/predict", &large)),
        (415, typed("text/plain")),
        (415, typed("text/csv")),
        (415, typed("application/x-www-form-urlencoded")),
        (422, post("/v1/predict", "[]")),
        (422, post("/v1/predict", "{\"carat\":\"big\"}")),
        (422, post("/v1/predict", &STONE.replace("0.7", "0"))),
        (422, post("/v1/predict?explain=maybe", STONE)),
        (422, post("/v1/predict/batch", "{}")),
        (422, post("/v1/predict/batch?explain=maybe", &batch)),
        (200, post("/v1/predict/batch?explain=true", &stones(100))),
        (422, post("/v1/predict/batch?explain=true", &stones(101))),
        (200, post("/v1/predict/batch", &stones(101))),
        (422, post("/v1/predict/batch", "{\"diamonds\":[]}")),
        (422, post("/v1/predict/batch", &many)),
        (422, csv("carat,cut\n1,Ideal\n")),
        (422, get("/v1/similar")),
        (422, get(&format!("/v1/similar?{stone}&n=0"))),
        (422, get(&format!("/v1/similar?{stone}&n=101"))),
        (422, get(&format!("/v1/similar?{stone}&n=2.5"))),
        (422, post("/v1/similar", &STONE.replace('}', ",\"n\":-1}"))),
    ];
    let count = cases.len();
    for (status, request) in cases {
        let (method, path) = (request.method.clone(), request.path.clone());
        let response = app.handle(request).await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}: {:?}", response.body());
        let length: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
        assert_eq!(length, response.body().len(), "{method} {path}");
        let id = response.headers()["x-request-id"].to_str().unwrap();
        let sql = format!("SELECT status, method, path FROM requests WHERE id = '{id}'");
        assert_eq!(
            rows(&memory, &sql).await,
            [[json!(status), json!(method.as_str()), json!(path)]]
        );
        if status >= 400 && method != Method::HEAD {
            let problem = json(&response);
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            assert_eq!(problem["status"], status);
            assert_eq!(problem["request_id"], id);
            assert!(!problem["detail"].as_str().unwrap().is_empty());
            let names_a_field = status == 422 || problem["type"] == "/docs#no-such-model";
            assert_eq!(
                !problem["errors"].as_array().unwrap().is_empty(),
                names_a_field,
                "{problem}"
            );
        }
        if status == 405 {
            assert!(response.headers()["allow"].to_str().unwrap().contains("OPTIONS"));
        }
    }
    assert_eq!(rows(&memory, "SELECT count(*) FROM requests").await, [[json!(count)]]);
    assert!(host.lines.borrow().is_empty(), "{:?}", host.lines.borrow());
}

#[tokio::test]
async fn all_bad_fields_are_listed_at_once() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    let body = r#"{"carat":-1,"cut":"Great","color":3,"table":"wide","x":[1]}"#;
    let problem = json(&app.handle(post("/v1/predict?explain=perhaps", body)).await);
    let fields: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["carat", "cut", "color", "clarity", "table", "x", "explain"]);
    assert_eq!(
        problem["errors"][1],
        json!({"field": "cut", "message": "is not a known cut", "value": "Great", "allowed": "Fair, Good, Very Good, Premium, Ideal"})
    );
}

#[tokio::test]
async fn pages_and_probes_are_answered_and_not_journaled() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    for (target, status) in [
        ("/", 200),
        ("/index.html", 200),
        ("/livez", 200),
        ("/readyz", 200),
        ("/v2/health/live", 200),
        ("/v2/health/ready", 200),
    ] {
        let response = app.handle(get(target)).await;
        assert_eq!(response.status(), status, "{target}");
        assert!(response.headers().contains_key("x-request-id"));
    }
    assert_eq!(app.handle(request(Method::POST, "/livez", None, "")).await.status(), 405);
    assert!(rows(&memory, "SELECT 1 FROM requests").await.is_empty());
}

#[tokio::test]
async fn a_promotion_is_picked_up_within_seconds() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    host.released.replace(Some(model(1_000.0)));
    let app = app(&memory, &host);
    let price = async || json(&app.handle(post("/v1/predict", STONE)).await)["price"].clone();
    assert_eq!(price().await, 700, "the released model answers while the registry is empty");
    promote(&memory, &model(2_000.0)).await;
    assert_eq!(price().await, 700, "the last look is still believed");
    host.now_us.set(2_000_000);
    assert_eq!(price().await, 1400);
}

#[tokio::test]
async fn the_last_good_model_goes_on_when_the_registry_holds_a_broken_one() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(2_000.0)).await;
    let app = app(&memory, &host);
    let price = async || json(&app.handle(post("/v1/predict", STONE)).await)["price"].clone();
    assert_eq!(price().await, 1400);
    promote_as(&memory, "badbadbadbad", b"not a blob").await;
    host.now_us.set(3_000_000);
    assert_eq!(price().await, 1400);
    let ready = app.handle(get("/readyz")).await;
    assert_eq!(ready.status(), 200);
    assert!(json(&ready)["trouble"].as_str().unwrap().contains("not a Loupe model"));
    assert!(json(&app.handle(get("/v1/models")).await)["serving"]["trouble"].is_string());
    assert_eq!(app.handle(post("/v1/predict?model=badbadbadbad", STONE)).await.status(), 404);
}

#[tokio::test]
async fn a_new_instance_goes_back_to_the_last_champion_that_can_be_served() {
    // What is promoted in turn, "<" for a rollback, and at what price a carat the stone goes then: "bad" is no model,
    // and the released one has 1,000 dollars.
    let check = async |promotions: &[&str], usd_per_carat: f64| {
        let (memory, host) = (Memory::new().await, TestHost::default());
        host.released.replace(Some(model(1_000.0)));
        for promoted in promotions {
            match promoted.parse() {
                Ok(price) => drop(promote(&memory, &model(price)).await),
                Err(_) if *promoted == "<" => {
                    let sql = "INSERT INTO promotions (model_id, promoted_at, reason, rolls_back)
                               VALUES ('badbadbadbad', '2026-11-23T17:00:02.000Z', 'test', 1)";
                    memory.connection.execute(sql, ()).await.unwrap();
                }
                Err(_) => promote_as(&memory, "badbadbadbad", b"not a blob").await,
            }
        }
        let app = app(&memory, &host);
        let answer = json(&app.handle(post("/v1/predict", STONE)).await);
        assert_eq!(answer["price"], 0.7 * usd_per_carat, "{promotions:?}");
        let ready = json(&app.handle(get("/readyz")).await);
        assert!(ready["trouble"].as_str().unwrap().contains("badbadbadbad"), "{ready}");
    };
    check(&["bad"], 1_000.0).await;
    check(&["2000", "bad"], 2_000.0).await;
    check(&["2000", "3000", "bad"], 3_000.0).await;
    // The rollback that made the broken one champion again took 3,000 back.
    check(&["2000", "bad", "3000", "<"], 2_000.0).await;
}

#[tokio::test]
async fn another_model_answers_by_a_beginning_of_its_id() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let first = promote(&memory, &model(1_000.0)).await;
    promote(&memory, &model(2_000.0)).await;
    let app = app(&memory, &host);
    let target = format!("/v1/predict?model={}", &first[..6]);
    for _ in 0..2 {
        let answer = json(&app.handle(post(&target, STONE)).await);
        assert_eq!((&answer["price"], &answer["model"]["id"]), (&json!(700), &json!(first)));
    }
    let one = json(&app.handle(get(&format!("/v1/models/{}", &first[..6]))).await);
    assert_eq!((&one["id"], &one["champion"]), (&json!(first), &json!(false)));
    let all = json(&app.handle(get("/v1/models")).await);
    assert_eq!(all["models"].as_array().unwrap().len(), 2);
    assert_eq!(all["models"][0]["metrics"]["holdout"]["mae"], 761);
}

#[tokio::test]
async fn without_any_model_the_answer_is_503_and_says_so() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = app(&memory, &host);
    assert_eq!(app.handle(post("/v1/predict", STONE)).await.status(), 503);
    assert_eq!(app.handle(get("/readyz")).await.status(), 503);
    assert_eq!(app.handle(get("/livez")).await.status(), 200);
    assert_eq!(rows(&memory, "SELECT count(*) FROM requests").await, [[json!(1)]]);
}

#[tokio::test]
async fn a_callers_long_text_is_not_sent_back_whole() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    let long = "\\u007f".repeat(100_000);
    let check = async |target: &str, body: String| {
        let response = app.handle(post(target, &body)).await;
        let length = response.body().len();
        assert!(length < 20_000, "{target}: {length} bytes");
    };
    check("/v1/predict", STONE.replace("Ideal", &long)).await;
    check("/v1/predict", STONE.replace('}', &format!(",\"{long}\":1}}"))).await;
    check("/v1/predict/batch", format!("{{\"diamonds\":[{}]}}", STONE.replace("Ideal", &long)))
        .await;
    check("/v1/predict/batch", format!("{{\"diamonds\":\"{long}\"}}")).await;
    check("/v1/similar", STONE.replace('}', &format!(",\"n\":\"{long}\"}}"))).await;
    check(&format!("/v1/predict?model={}", "a".repeat(100_000)), STONE.into()).await;
    let many: String = (0..10_000).map(|at| format!(",\"a{at}\":0")).collect();
    check("/v1/predict", STONE.replace('}', &format!("{many}}}"))).await;
}

#[tokio::test]
async fn a_price_that_is_no_number_is_an_error_and_one_below_zero_is_zero() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(1e308)).await;
    let heavy = STONE.replace("0.7", "7");
    let response = app(&memory, &host).handle(post("/v1/predict", &heavy)).await;
    assert_eq!(
        (response.status().as_u16(), &json(&response)["type"]),
        (503, &json!("/docs#no-price"))
    );
    assert!(host.lines.borrow()[0].contains("no finite price"));

    promote(&memory, &model(-100.0)).await;
    let answer = json(&app(&memory, &host).handle(post("/v1/predict", STONE)).await);
    assert_eq!(
        (&answer["price"], &answer["range"]["low"], &answer["range"]["high"]),
        (&json!(0), &json!(0), &json!(0))
    );
}

#[tokio::test]
async fn a_price_too_large_for_its_cents_is_answered_without_an_explanation() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(1e40)).await;
    let response = app(&memory, &host).handle(post("/v1/predict?explain=true", STONE)).await;
    let answer = json(&response);
    assert_eq!((response.status().as_u16(), answer.get("explanation")), (200, None));
    let warnings = answer["warnings"].as_array().unwrap();
    assert_eq!(
        warnings.last().unwrap(),
        &json!({"code": "not_explained", "message": "the price is too large to be explained to the cent", "fields": []})
    );
}

#[tokio::test]
async fn the_model_that_answers_is_known_by_its_id_without_the_registry() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    host.released.replace(Some(model(1_000.0)));
    let app = app(&memory, &host);
    let all = json(&app.handle(get("/v1/models")).await);
    assert_eq!((&all["serving"]["released"], &all["champion"]), (&json!(true), &json!(null)));
    memory.refuses.replace(Some(""));
    let target = format!("/v1/predict?model={}", all["serving"]["id"].as_str().unwrap());
    assert_eq!(json(&app.handle(post(&target, STONE)).await)["price"], 700);
}

#[tokio::test]
async fn a_model_under_another_models_id_does_not_answer() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote_as(&memory, "abcdefabcdef", &model(1_000.0)).await;
    promote(&memory, &model(2_000.0)).await;
    let response = app(&memory, &host).handle(post("/v1/predict?model=abcdef", STONE)).await;
    assert_eq!(response.status(), 404);
    assert!(host.lines.borrow()[0].contains("trainer verify"));
}
