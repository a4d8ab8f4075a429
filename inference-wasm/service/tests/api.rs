//! What every route answers, and what the journal says of it.

mod support;

use http::Method;
use serde_json::{Value as Json, json};
use support::reply::wrong_fields;
use support::{STONE, Service, call, get, model, post, request, with};

#[tokio::test]
async fn a_diamond_is_priced_and_journaled() {
    let service = Service::new().await;
    let id = service.promote(&model(4_000.0)).await;
    service.now_us.set(1_234);
    let reply = service.post("/v1/predict", STONE).await;
    assert_eq!(
        reply.json(),
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
            "request_id": reply.id(),
        })
    );
    assert_eq!(reply.field("content-length"), reply.body().len().to_string());
    let sql = "SELECT id, received_at, method, path, route, status, latency_us, request_body, request_bytes, response_body, model_id FROM requests";
    let (at, path, status) = ("2026-11-23T17:00:00.000Z", "/v1/predict", 200);
    let expected = json!([[
        reply.id(),
        at,
        "POST",
        path,
        path,
        status,
        1_234,
        STONE,
        STONE.len(),
        reply.text(),
        id
    ]]);
    assert_eq!(json!(service.rows(sql).await), expected);
}

#[tokio::test]
async fn what_is_unlike_the_training_data_is_said() {
    let service = Service::pricing(4_000.0).await;
    let stone = r#"{"carat":6,"cut":"Ideal","color":"G","clarity":"VS1","colour":"G","depth":61,"table":55,"x":11,"y":11,"z":6.7}"#;
    let answer = service.post("/v1/predict", stone).await.json();
    let range = json!({"low": 18_000, "high": 30_000, "confidence": 0.9});
    assert_eq!(answer["range"], range, "a measured stone has the narrower range");
    assert_eq!(
        answer["warnings"],
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
    let service = Service::pricing(1_000.0).await;
    let by_json = format!(r#"{{"diamonds":[{STONE},{{"carat":-1}},7,{STONE}]}}"#);
    let answer = service.post("/v1/predict/batch", &by_json).await.json();
    assert_eq!(answer["predictions"][0]["price"], 700);
    assert_eq!(answer["predictions"][1]["error"]["errors"].as_array().unwrap().len(), 4);
    assert_eq!(answer["predictions"][2]["error"]["errors"][0]["message"], "must be a JSON object");
    assert_eq!(answer["predictions"][3]["price"], 700);

    let by_csv = "clarity,carat,cut,color,x\nIF,1.5,Fair,J,7.1\nIF,1.5,Fair,Q,\n";
    let media = Some("text/csv; charset=utf-8");
    let request = request(Method::POST, "/v1/predict/batch", media, by_csv);
    let answer = service.handle(request).await.json();
    assert_eq!(answer["predictions"][0]["price"], 1500);
    assert_eq!(answer["predictions"][1]["error"]["errors"][0]["field"], "color");
    assert_eq!(answer.get("warnings"), None);
}

#[tokio::test]
async fn parameters_of_a_route_that_takes_a_body_are_refused() {
    let service = Service::pricing(1_000.0).await;
    for path in
        ["/v1/similar?n=3", "/v2/models/diamonds/infer?model=champion", "/v1/predict?modle=x"]
    {
        let reply = service.post(path, STONE).await;
        let problem = reply.json();
        assert_eq!(reply.status(), 422, "{problem}");
        assert_eq!(problem["errors"][0]["message"], "is no parameter of this route", "{problem}");
    }
}

#[tokio::test]
async fn what_a_search_ignores_is_named() {
    let service = Service::new().await;
    for (added, expected) in [
        ("", Json::Null),
        (r#","n":3,"x":"wide","price_list":7"#, Json::Null),
        (r#","colour":"E""#, json!(["colour"])),
    ] {
        let stone = STONE.replace('}', &format!("{added}}}"));
        let answer = service.post("/v1/similar", &stone).await.json();
        assert_eq!(answer["found"], 0, "{answer}");
        assert_eq!(answer["warnings"][0]["fields"], expected);
    }
}

#[tokio::test]
async fn what_a_batch_ignores_is_named_once() {
    let service = Service::pricing(1_000.0).await;
    let by_json = format!(r#"{{"diamonds":[{STONE}],"model":"champion","explain":true}}"#);
    let by_csv = "Carat;CUT;color;clarity;Explain;model\n0,7;Ideal;G;VS1;\"true\nor not\";\n0x46;Ideal;G;VS1;;\n1\n";
    for (media, body) in [("application/json", by_json.as_str()), ("text/csv", by_csv)] {
        let request = request(Method::POST, "/v1/predict/batch", Some(media), body.to_owned());
        let answer = service.handle(request).await.json();
        assert_eq!(answer["predictions"][0]["price"], 700, "{answer}");
        let warning = &answer["warnings"][0];
        assert_eq!(warning["code"], "unknown_fields");
        let fields = warning["fields"].to_string().to_lowercase();
        assert_eq!(fields, "[\"explain\",\"model\"]");
        let of_row = &answer["predictions"][0]["warnings"];
        assert!(!of_row.to_string().contains("unknown_fields"), "{of_row}");
        if media == "text/csv" {
            let error = |row: usize| &answer["predictions"][row]["error"]["errors"][0];
            assert_eq!((&error(1)["field"], &error(1)["value"]), (&json!("carat"), &json!("0x46")));
            assert_eq!(error(2)["field"], "row");
        }
    }
}

#[tokio::test]
async fn a_price_is_explained_by_parts_that_add_up_to_it() {
    let service = Service::pricing(4_000.0).await;
    let stone = STONE.replace('}', ",\"table\":57.5}");
    let part = |feature: &str, label: &str, value: Json, effect: i32| json!({"feature": feature, "label": label, "value": value, "effect": effect});
    let expected = |weight| {
        vec![
            part("average", "Average stone", Json::Null, 0),
            part("carat", "Weight", json!(0.7), weight),
            part("cut", "Cut", json!("Ideal"), 0),
            part("color", "Color", json!("G"), 0),
            part("clarity", "Clarity", json!("VS1"), 0),
            part("table", "Table", json!(57.5), 0),
            part("typical_measures", "Typical measures for these four Cs", Json::Null, 0),
        ]
    };
    let answer = service.post("/v1/predict?explain=true", &stone).await.json();
    assert_eq!((&answer["price"], &answer["explanation"]), (&json!(2800), &json!(expected(2800))));
    let answer = service.post("/v1/predict?explain=false", &stone).await.json();
    assert_eq!(answer.get("explanation"), None);

    let batch = format!(r#"{{"diamonds":[{stone},{{}}]}}"#);
    let answer = service.post("/v1/predict/batch?explain=true", &batch).await.json();
    assert_eq!(answer["predictions"][0]["explanation"], json!(expected(2800)));
    assert_eq!(answer["predictions"][1].get("explanation"), None);

    let service = Service::pricing(-100.0).await;
    let answer = service.post("/v1/predict?explain=true", &stone).await.json();
    let mut lifted = expected(-70);
    lifted.push(part("floor", "No price is below 0", Json::Null, 70));
    assert_eq!((&answer["price"], &answer["explanation"]), (&json!(0), &json!(lifted)));
}

#[tokio::test]
async fn every_mistake_gets_its_status_and_one_row() {
    let service = Service::pricing(4_000.0).await;
    let stones = |count| format!("{{\"diamonds\":[{}]}}", vec![STONE; count].join(","));
    let batch = format!("{{\"diamonds\":[{STONE}]}}");
    let csv =
        |body: &'static str| request(Method::POST, "/v1/predict/batch", Some("text/csv"), body);
    let typed = |media| request(Method::POST, "/v1/predict", Some(media), STONE);
    let and = |more: &str| STONE.replace('}', &format!(",{more}}}"));
    let stone = "carat=1&cut=Ideal&color=E&clarity=IF";
    let coded = |target: &str, coding| with(post(target, STONE), "content-encoding", coding);
    let marked = |body: &str| format!("\u{feff}{body}");
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
        (200, call(Method::HEAD, "/v1/models")),
        (204, call(Method::OPTIONS, "/v1/predict")),
        (400, post("/v1/predict", "")),
        (400, post("/v1/predict", "{\"carat\":")),
        (400, request(Method::POST, "/v1/predict", Some("application/json"), b"\xff\xfe".to_vec())),
        (200, csv("carat,cut,color,clarity\n1\n")),
        (400, csv("carat,cut,color,clarity\n")),
        (400, post("/v1/predict", &format!("{}{}", "[".repeat(33), "]".repeat(33)))),
        (414, get(&format!("/{}", "x".repeat(2_048)))),
        (414, post(&format!("/v1/predict?{}", "x".repeat(8_193)), STONE)),
        (431, with(get("/"), "x-long", &"v".repeat(16 << 10))),
        (422, post("/v1/predict", &and("\"carat\":0.7"))),
        (422, post("/v1/predict", &and("\"note\":{\"a\":1,\"a\":1}"))),
        (422, post("/v1/similar", &and("\"n\":1,\"n\":1"))),
        (422, post("/v1/predict/batch", &batch.replace('}', ",\"note\":1,\"note\":2}"))),
        (422, post("/v1/predict?modle=champion", STONE)),
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
        (405, call(Method::DELETE, "/v1/models")),
        (405, call(Method::HEAD, "/v1/predict")),
        (405, call(Method::POST, "/")),
        (204, call(Method::OPTIONS, "/")),
        (400, csv("")),
        (200, post("/v1/similar", &and("\"n\":5.0,\"x\":0"))),
        (422, post("/v1/similar", &and("\"n\":5.5"))),
        (406, with(post("/v1/predict", STONE), "accept", "image/png")),
        (413, post("/v1/predict", &"x".repeat((1 << 20) + 1))),
        (200, coded("/v1/predict", "identity")),
        (415, coded("/v1/predict", "gzip")),
        (415, coded("/v1/predict/batch", "br")),
        (415, coded("/v1/similar", "gzip, identity")),
        (415, coded("/v2/models/diamonds/infer", "zstd")),
        (415, with(csv("carat,cut,color,clarity\n1,Ideal,E,IF\n"), "content-encoding", "gzip")),
        (200, post("/v1/predict", &marked(STONE))),
        (200, post("/v1/predict/batch", &marked(&batch))),
        (200, post("/v1/similar", &marked(STONE))),
        (400, post("/v1/predict", &marked(""))),
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
        (422, post("/v1/predict/batch", &stones(1_001))),
        (422, csv("carat,cut\n1,Ideal\n")),
        (422, get("/v1/similar")),
        (422, get(&format!("/v1/similar?{stone}&n=0"))),
        (422, get(&format!("/v1/similar?{stone}&n=101"))),
        (422, get(&format!("/v1/similar?{stone}&n=2.5"))),
        (422, post("/v1/similar", &and("\"n\":-1"))),
    ];
    let count = cases.len();
    for (status, request) in cases {
        let (method, path) = (request.method.clone(), request.path.clone());
        let reply = service.handle(request).await;
        assert_eq!(reply.status(), status, "{method} {path}: {:?}", reply.body());
        let length = reply.body().len().to_string();
        assert_eq!(reply.field("content-length"), length, "{method} {path}");
        let id = reply.id();
        let sql = format!("SELECT status, method, path FROM requests WHERE id = '{id}'");
        let row = json!([[status, method.as_str(), path]]);
        assert_eq!(json!(service.rows(&sql).await), row);
        if status >= 400 && method != Method::HEAD {
            let problem = reply.json();
            assert_eq!(reply.field("content-type"), "application/problem+json");
            assert_eq!((&problem["status"], &problem["request_id"]), (&json!(status), &json!(id)));
            assert!(!problem["detail"].as_str().unwrap().is_empty());
            let naming = ["/docs#no-such-model", "/docs#unsupported-content-encoding"];
            let names_a_field = status == 422 || naming.iter().any(|it| problem["type"] == *it);
            assert_eq!(!reply.wrong_fields().is_empty(), names_a_field, "{problem}");
        }
        if status == 405 {
            assert!(reply.field("allow").contains("OPTIONS"));
        }
    }
    assert_eq!(service.recorded().await, count);
    assert!(service.lines.borrow().is_empty(), "{:?}", service.lines);
}

#[tokio::test]
async fn all_bad_fields_are_listed_at_once() {
    let service = Service::pricing(4_000.0).await;
    let body = r#"{"carat":-1,"cut":"Great","color":3,"table":"wide","x":[1]}"#;
    let problem = service.post("/v1/predict?explain=perhaps", body).await.json();
    let expected = ["carat", "cut", "color", "clarity", "table", "x", "explain"];
    assert_eq!(wrong_fields(&problem), expected);
    assert_eq!(
        problem["errors"][1],
        json!({"field": "cut", "message": "is not a known cut", "value": "Great", "allowed": "Fair, Good, Very Good, Premium, Ideal"})
    );
}

#[tokio::test]
async fn a_body_with_a_content_coding_is_refused_by_the_name_of_the_coding() {
    let service = Service::pricing(4_000.0).await;
    let reply = service.handle(with(post("/v1/predict", STONE), "content-encoding", "gzip")).await;
    assert_eq!((reply.status(), reply.field("accept-encoding")), (415, "identity"));
    let problem = reply.json();
    assert_eq!(
        problem["errors"],
        json!([{"field": "content-encoding", "message": "is not decoded", "value": "gzip", "allowed": "identity, or none"}])
    );
    assert!(problem["detail"].as_str().unwrap().contains("content-encoding is gzip"));
}

#[tokio::test]
async fn a_widened_number_costs_what_its_short_decimal_costs() {
    let service = Service::pricing(1_000_000.0).await;
    let price = async |target: &str, media, body: String| {
        let answer = service.handle(request(Method::POST, target, Some(media), body)).await.json();
        let prices = [
            &answer["price"],
            &answer["predictions"][0]["price"],
            &answer["outputs"][0]["data"][0],
        ];
        prices.into_iter().find_map(Json::as_f64)
    };
    let tensor = |name: &str, datatype: &str, datum: &str| {
        format!(r#"{{"name":"{name}","shape":[1],"datatype":"{datatype}","data":[{datum}]}}"#)
    };
    let check = async |carat: &str, [json, fp32]: [f64; 2]| {
        let stone = STONE.replace("0.7", carat);
        let found = [
            price("/v1/predict", "application/json", stone.clone()).await,
            price("/v1/predict/batch", "application/json", format!("{{\"diamonds\":[{stone}]}}"))
                .await,
            price(
                "/v1/predict/batch",
                "text/csv",
                format!("carat,cut,color,clarity\n{carat},Ideal,G,VS1\n"),
            )
            .await,
        ];
        assert_eq!(found, [Some(json); 3], "{carat}");
        for (datatype, expected) in [("FP64", json), ("FP32", fp32)] {
            let inputs = [
                tensor("carat", datatype, carat),
                tensor("cut", "BYTES", "\"Ideal\""),
                tensor("color", "BYTES", "\"G\""),
                tensor("clarity", "BYTES", "\"VS1\""),
            ];
            let body = format!("{{\"inputs\":[{}]}}", inputs.join(","));
            let found = price("/v2/models/diamonds/infer", "application/json", body).await;
            assert_eq!(found, Some(expected), "{carat} as {datatype}");
        }
    };
    check("0.7", [700_000.0, 700_000.0]).await;
    check("0.699999988079071", [700_000.0, 700_000.0]).await;
    check("0.69999999", [699_999.99, 700_000.0]).await;
    check("0.6999999880790712", [699_999.99, 700_000.0]).await;
}

#[tokio::test]
async fn pages_and_probes_are_answered_and_not_journaled() {
    let service = Service::pricing(4_000.0).await;
    let probes = ["/livez", "/readyz", "/v2/health/live", "/v2/health/ready"];
    for target in ["/", "/index.html"].into_iter().chain(probes) {
        let reply = service.get(target).await;
        assert_eq!(reply.status(), 200, "{target}");
        assert!(reply.has("x-request-id"));
    }
    assert_eq!(service.handle(call(Method::POST, "/livez")).await.status(), 405);
    assert_eq!(service.recorded().await, 0);
}

/// What [`STONE`] costs now.
async fn price(service: &Service) -> Json {
    service.post("/v1/predict", STONE).await.json()["price"].clone()
}

#[tokio::test]
async fn a_promotion_is_picked_up_within_seconds() {
    let service = Service::new().await;
    service.released.replace(Some(model(1_000.0)));
    assert_eq!(price(&service).await, 700, "the released model answers without a registry");
    service.promote(&model(2_000.0)).await;
    assert_eq!(price(&service).await, 700, "the last look is still believed");
    service.now_us.set(2_000_000);
    assert_eq!(price(&service).await, 1400);
}

#[tokio::test]
async fn a_broken_champion_leaves_the_last_good_model() {
    let service = Service::pricing(2_000.0).await;
    assert_eq!(price(&service).await, 1400);
    service.promote_as("badbadbadbad", b"not a blob").await;
    service.now_us.set(3_000_000);
    assert_eq!(price(&service).await, 1400);
    let ready = service.get("/readyz").await;
    assert_eq!(ready.status(), 200);
    assert!(ready.json()["trouble"].as_str().unwrap().contains("not a Loupe model"));
    assert!(service.get("/v1/models").await.json()["serving"]["trouble"].is_string());
    assert_eq!(service.post("/v1/predict?model=badbadbadbad", STONE).await.status(), 404);
}

#[tokio::test]
async fn a_new_instance_falls_back_to_the_last_good_champion() {
    // What is promoted in turn, "<" for a rollback, and at what price a carat the stone goes then: "bad" is no model,
    // and the released one has 1,000 dollars.
    let check = async |promotions: &[&str], usd_per_carat: f64| {
        let service = Service::new().await;
        service.released.replace(Some(model(1_000.0)));
        for promoted in promotions {
            match promoted.parse() {
                Ok(price) => drop(service.promote(&model(price)).await),
                Err(_) if *promoted == "<" => {
                    let sql = "INSERT INTO promotions (model_id, promoted_at, reason, rolls_back)
                               VALUES ('badbadbadbad', '2026-11-23T17:00:02.000Z', 'test', 1)";
                    service.execute(sql, ()).await;
                }
                Err(_) => service.promote_as("badbadbadbad", b"not a blob").await,
            }
        }
        assert_eq!(price(&service).await, 0.7 * usd_per_carat, "{promotions:?}");
        let ready = service.get("/readyz").await.json();
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
    let service = Service::new().await;
    let first = service.promote(&model(1_000.0)).await;
    service.promote(&model(2_000.0)).await;
    let target = format!("/v1/predict?model={}", &first[..6]);
    for _ in 0..2 {
        let answer = service.post(&target, STONE).await.json();
        assert_eq!((&answer["price"], &answer["model"]["id"]), (&json!(700), &json!(first)));
    }
    let one = service.get(&format!("/v1/models/{}", &first[..6])).await.json();
    assert_eq!((&one["id"], &one["champion"]), (&json!(first), &json!(false)));
    let all = service.get("/v1/models").await.json();
    assert_eq!(all["models"].as_array().unwrap().len(), 2);
    assert_eq!(all["models"][0]["metrics"]["holdout"]["mae"], 761);
}

#[tokio::test]
async fn without_any_model_the_answer_is_503_and_says_so() {
    let service = Service::new().await;
    assert_eq!(service.post("/v1/predict", STONE).await.status(), 503);
    assert_eq!(service.get("/readyz").await.status(), 503);
    assert_eq!(service.get("/livez").await.status(), 200);
    assert_eq!(service.recorded().await, 1);
}

#[tokio::test]
async fn a_callers_long_text_is_not_sent_back_whole() {
    let service = Service::pricing(4_000.0).await;
    let long = "\\u007f".repeat(100_000);
    let check = async |target: &str, body: String| {
        let length = service.post(target, &body).await.body().len();
        assert!(length < 20_000, "{target}: {length} bytes");
    };
    let batch = |diamonds: String| format!("{{\"diamonds\":{diamonds}}}");
    check("/v1/predict", STONE.replace("Ideal", &long)).await;
    check("/v1/predict", STONE.replace('}', &format!(",\"{long}\":1}}"))).await;
    check("/v1/predict/batch", batch(format!("[{}]", STONE.replace("Ideal", &long)))).await;
    check("/v1/predict/batch", batch(format!("\"{long}\""))).await;
    check("/v1/similar", STONE.replace('}', &format!(",\"n\":\"{long}\"}}"))).await;
    check(&format!("/v1/predict?model={}", "a".repeat(100_000)), STONE.into()).await;
    let many: String = (0..10_000).map(|at| format!(",\"a{at}\":0")).collect();
    check("/v1/predict", STONE.replace('}', &format!("{many}}}"))).await;
}

#[tokio::test]
async fn a_price_is_never_infinite_nor_below_zero() {
    let service = Service::pricing(1e308).await;
    let reply = service.post("/v1/predict", &STONE.replace("0.7", "7")).await;
    assert_eq!((reply.status(), &reply.json()["type"]), (503, &json!("/docs#no-price")));
    assert!(service.lines.borrow()[0].contains("no finite price"));

    let answer = Service::pricing(-100.0).await.post("/v1/predict", STONE).await.json();
    let figures = [&answer["price"], &answer["range"]["low"], &answer["range"]["high"]];
    assert_eq!(figures, [0, 0, 0]);
}

#[tokio::test]
async fn a_price_too_large_for_its_cents_has_no_explanation() {
    let service = Service::pricing(1e40).await;
    let reply = service.post("/v1/predict?explain=true", STONE).await;
    let answer = reply.json();
    assert_eq!((reply.status(), answer.get("explanation")), (200, None));
    assert_eq!(
        answer["warnings"].as_array().unwrap().last().unwrap(),
        &json!({"code": "not_explained", "message": "the price is too large to be explained to the cent", "fields": []})
    );
}

#[tokio::test]
async fn the_model_that_answers_is_known_without_the_registry() {
    let service = Service::new().await;
    service.released.replace(Some(model(1_000.0)));
    let all = service.get("/v1/models").await.json();
    assert_eq!((&all["serving"]["released"], &all["champion"]), (&json!(true), &json!(null)));
    service.refuse("");
    let target = format!("/v1/predict?model={}", all["serving"]["id"].as_str().unwrap());
    assert_eq!(service.post(&target, STONE).await.json()["price"], 700);
}

#[tokio::test]
async fn a_model_under_another_models_id_does_not_answer() {
    let service = Service::new().await;
    service.promote_as("abcdefabcdef", &model(1_000.0)).await;
    service.promote(&model(2_000.0)).await;
    assert_eq!(service.post("/v1/predict?model=abcdef", STONE).await.status(), 404);
    assert!(service.lines.borrow()[0].contains("trainer verify"));
}
