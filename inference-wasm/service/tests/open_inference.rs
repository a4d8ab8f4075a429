//! The Open Inference Protocol at `/v2`: what its callers get, and what they are told.

mod support;

use http::Method;
use serde_json::{Value as Json, json};
use support::reply::{Reply, wrong_fields};
use support::{STONE, Service, model, request};

const INFER: &str = "/v2/models/diamonds/infer";

fn tensor(name: &str, datatype: &str, data: &Json) -> Json {
    let rows = data.as_array().unwrap().len();
    json!({"name": name, "shape": [rows], "datatype": datatype, "data": data})
}

/// Two stones by their four Cs.
fn two() -> Json {
    json!({"inputs": [
        tensor("carat", "FP64", &json!([0.7, 1.5])),
        tensor("cut", "BYTES", &json!(["Ideal", "fair"])),
        tensor("color", "BYTES", &json!(["G", "J"])),
        tensor("clarity", "BYTES", &json!(["VS1", "IF"])),
    ]})
}

/// Two stones with something changed.
fn two_but(change: impl Fn(&mut Json)) -> Json {
    let mut body = two();
    change(&mut body);
    body
}

async fn infer(service: &Service, body: &Json) -> Reply {
    service.post(INFER, &body.to_string()).await
}

#[tokio::test]
async fn prices_come_as_tensors_and_the_exchange_is_journaled() {
    let service = Service::new().await;
    let id = service.promote(&model(4_000.0)).await;
    let reply = infer(&service, &two_but(|body| body["id"] = json!("mine"))).await;
    let output = |name: &str, data: [u32; 2]| json!({"name": name, "datatype": "FP64", "shape": [2], "data": data});
    let mut answer = reply.json();
    let parameters = answer["outputs"][0].as_object_mut().unwrap().remove("parameters").unwrap();
    let warnings: Json = serde_json::from_str(parameters["warnings"].as_str().unwrap()).unwrap();
    let stones = json!({"diamonds": [
        {"carat": 0.7, "cut": "Ideal", "color": "G", "clarity": "VS1"},
        {"carat": 1.5, "cut": "Fair", "color": "J", "clarity": "IF"},
    ]});
    let batch = service.post("/v1/predict/batch", &stones.to_string()).await.json();
    let predictions = batch["predictions"].as_array().unwrap();
    let expected: Vec<_> = predictions.iter().map(|prediction| &prediction["warnings"]).collect();
    assert_eq!(warnings, json!(expected));
    assert_ne!(warnings, json!([[], []]));
    assert_eq!(
        answer,
        json!({
            "model_name": "diamonds",
            "model_version": id,
            "id": "mine",
            "outputs": [
                output("price", [2_800, 6_000]),
                output("low", [1_400, 3_000]),
                output("high", [4_200, 9_000]),
            ],
            "parameters": {"request_id": reply.id()},
        })
    );
    let found = service
        .rows(&format!("SELECT id, route, status, model_id FROM requests WHERE route = '{INFER}'"))
        .await;
    assert_eq!(json!(found), json!([[reply.id(), INFER, 200, id]]));
}

#[tokio::test]
async fn a_price_is_that_of_predict_whatever_the_tensor_looks_like() {
    let service = Service::pricing(4_321.0).await;
    let stone = STONE.replace('}', r#","x":5.7,"depth":61.1}"#);
    let predicted = service.post("/v1/predict", &stone).await.json();
    let check = async |datatype: &str, shape: Json, data: Json| {
        let mut body = json!({"inputs": [
            {"name": "carat", "datatype": datatype, "shape": shape, "data": data},
            tensor("cut", "BYTES", &json!(["Ideal"])),
            tensor("color", "BYTES", &json!(["g"])),
            tensor("clarity", "BYTES", &json!(["VS1"])),
            tensor("x", "FP64", &json!([5.7])),
            tensor("depth", "FP32", &json!([61.1])),
            tensor("table", "FP64", &json!([null])),
        ]});
        body["outputs"] = json!([{"name": "high"}, {"name": "price", "parameters": {}}]);
        let answer = infer(&service, &body).await.json();
        let outputs = answer["outputs"].as_array().unwrap();
        let figures: Vec<_> =
            outputs.iter().map(|output| json!([output["name"], output["data"][0]])).collect();
        let (price, high) = (&predicted["price"], &predicted["range"]["high"]);
        assert_eq!(json!(figures), json!([["high", high], ["price", price]]), "{answer}");
        assert_eq!(answer.get("id"), None, "what the caller did not say is not sent back");
    };
    check("FP64", json!([1]), json!([0.7])).await;
    check("FP64", json!([1, 1]), json!([[0.7]])).await;
    check("FP64", json!([1, 1]), json!([0.7])).await;
    check("FP32", json!([1]), json!([0.699_999_988_079_071])).await;
}

#[tokio::test]
async fn whatever_is_wrong_is_named_and_all_of_it_at_once() {
    let service = Service::pricing(4_000.0).await;
    let check_text = async |status: u16, body: &str, expected: &[&str]| {
        let reply = service.post(INFER, body).await;
        let problem = reply.json();
        assert_eq!(reply.status(), status, "{problem}");
        assert_eq!(reply.field("content-type"), "application/problem+json");
        assert_eq!(problem["error"], problem["detail"]);
        assert_eq!(wrong_fields(&problem), expected, "{problem}");
        let mut errors = problem["errors"].as_array().unwrap().iter();
        assert!(errors.all(|error| !error["allowed"].as_str().unwrap().is_empty()));
    };
    // The wrong fields are listed in one text.
    let check = async |body: Json, expected: &str| {
        let expected: Vec<&str> = expected.split(' ').collect();
        check_text(422, &body.to_string(), &expected).await;
    };
    check_text(400, "", &[]).await;
    check_text(400, "{\"inputs\":[NaN]}", &[]).await;
    check(json!([]), "").await;
    check(json!({}), "inputs").await;
    check(json!({"inputs": []}), "carat cut color clarity").await;
    check(json!({"inputs": {}}), "inputs").await;
    check(
        json!({"inputs": [7, {}, {"name": 7}, {"name": "price"}, {"name": "carat"}]}),
        "inputs[0] inputs[1].name inputs[2].name inputs[3].name carat.datatype carat.shape carat.data cut color clarity",
    )
    .await;
    // Every kind of trouble of one tensor, with a bad stone besides.
    let shapes = json!([[], [0], [1_001], [2, 2], [2, 1, 1], [-2], [2.5], 2, null]);
    for shape in shapes.as_array().unwrap() {
        let body = two_but(|body| {
            body["inputs"][2]["shape"] = shape.clone();
            body["inputs"][1]["data"][1] = json!("Great");
        });
        check(body, "color.shape cut[1]").await;
    }
    check(two_but(|body| body["inputs"][2]["shape"] = json!([3])), "color.data").await;
    let short = tensor("color", "BYTES", &json!(["G"]));
    check(two_but(|body| body["inputs"][2] = short.clone()), "color.shape").await;
    for (input, datatype) in [(0, "BYTES"), (0, "BOOL"), (0, "fp64"), (1, "FP64"), (1, "")] {
        let body = two_but(|body| body["inputs"][input]["datatype"] = json!(datatype));
        check(body, ["carat.datatype", "cut.datatype"][input]).await;
    }
    let body = two_but(|body| {
        body["inputs"][0]["datatype"] = json!("INT64");
        body["inputs"].as_array_mut().unwrap().push(json!({"name": "cut"}));
        body["id"] = json!(7);
        body["parameters"] = json!({"model": ["champion"]});
        body["outputs"] = json!([{"name": "price"}, {"name": "price"}, {"name": "cost"}, 7]);
    });
    let expected = "id parameters.model carat[0] carat[1] inputs[4].name outputs[1].name outputs[2].name outputs[3].name";
    check(body, expected).await;
    let body = two_but(|body| {
        body["inputs"][0]["data"] = json!([0.7, null]);
        body["inputs"][1]["data"] = json!([null, 7]);
        body["inputs"].as_array_mut().unwrap().push(tensor("x", "FP64", &json!(["5", 0])));
    });
    check(body, "cut[0] x[0] carat[1] cut[1] x[1]").await;
}

#[tokio::test]
async fn another_model_answers_by_a_parameter() {
    let service = Service::new().await;
    let first = service.promote(&model(1_000.0)).await;
    service.promote(&model(2_000.0)).await;
    let ask = async |id: &str| {
        infer(&service, &two_but(|body| body["parameters"] = json!({"model": id}))).await
    };
    let answer = ask(&first[..6]).await.json();
    assert_eq!(answer["model_version"], first);
    assert_eq!(answer["outputs"][0]["data"][0], 700);
    assert_eq!(ask("champion").await.json()["outputs"][0]["data"][0], 1400);
    let refused = ask("ffff").await;
    assert_eq!(refused.status(), 404);
    assert_eq!(refused.json()["error"], refused.json()["detail"]);
}

#[tokio::test]
async fn a_version_answers_as_the_model_of_its_id() {
    let service = Service::new().await;
    let first = service.promote(&model(1_000.0)).await;
    let second = service.promote(&model(2_000.0)).await;
    let versions = "/v2/models/diamonds/versions";
    for (version, id, price) in
        [(&*first, &first, 700), (&first[..6], &first, 700), ("champion", &second, 1_400)]
    {
        let target = format!("{versions}/{version}");
        let mut metadata = service.get(&target).await.json();
        assert_eq!(metadata["versions"], json!([id]), "{version}");
        let mut unversioned = service.get("/v2/models/diamonds").await.json();
        unversioned["versions"].take();
        metadata["versions"].take();
        assert_eq!(metadata, unversioned);
        let ready = service.get(&format!("{target}/ready")).await.json();
        assert_eq!(ready, json!({"name": "diamonds", "ready": true}));
        let infer = format!("{target}/infer");
        for parameters in [json!(null), json!({}), json!({"model": version})] {
            let body = two_but(|body| body["parameters"] = parameters.clone());
            let answer = service.post(&infer, &body.to_string()).await.json();
            assert_eq!(
                (&answer["model_version"], &answer["outputs"][0]["data"][0]),
                (&json!(id), &json!(price))
            );
        }
        let body = two_but(|body| body["parameters"] = json!({"model": "ffff"}));
        let reply = service.post(&infer, &body.to_string()).await;
        assert_eq!((reply.status(), reply.wrong_fields()), (422, vec!["parameters.model".into()]));
    }
    for (method, target) in [("GET", "/ffff"), ("GET", "/ffff/ready"), ("POST", "/ffff/infer")] {
        let request = request(
            method.parse().unwrap(),
            &format!("{versions}{target}"),
            None,
            two().to_string(),
        );
        let reply = service.handle(request).await;
        assert_eq!((reply.status(), reply.wrong_fields()), (404, vec!["model".into()]), "{target}");
        assert_eq!(reply.json()["error"], reply.json()["detail"]);
    }
    let sql = "SELECT DISTINCT route FROM requests WHERE status = 404 ORDER BY route";
    let pattern = |rest: &str| vec![json!(format!("{versions}/{{id}}{rest}"))];
    assert_eq!(service.rows(sql).await, [pattern(""), pattern("/infer"), pattern("/ready")]);
}

#[tokio::test]
async fn the_server_and_the_model_say_what_they_are() {
    let service = Service::new().await;
    let id = service.promote(&model(4_000.0)).await;
    for (target, expected) in [
        ("/v2/health/live", json!({"live": true})),
        ("/v2/health/ready", json!({"ready": true})),
        ("/v2/models/diamonds/ready", json!({"name": "diamonds", "ready": true})),
        ("/v2", json!({"name": "loupe", "version": env!("CARGO_PKG_VERSION"), "extensions": []})),
    ] {
        assert_eq!(service.get(target).await.json(), expected, "{target}");
    }
    let metadata = service.get("/v2/models/diamonds").await.json();
    assert_eq!(metadata["versions"], json!([id]));
    assert_eq!(metadata["inputs"][0], json!({"name": "carat", "datatype": "FP64", "shape": [-1]}));
    assert_eq!(metadata["inputs"][1]["datatype"], "BYTES");
    assert_eq!(metadata["inputs"][4]["parameters"], json!({"optional": true}));
    assert_eq!(metadata["outputs"][2]["name"], "high");
    let nowhere = service.get("/v2/models/emeralds").await;
    assert_eq!((nowhere.status(), nowhere.json()["error"].is_string()), (404, true));
    let elsewhere = service.get("/v1/nowhere").await.json();
    assert_eq!(elsewhere.get("error"), None, "the member is the protocol's");
    // The two health probes are not among them.
    assert_eq!(service.recorded().await, 5);
}

#[tokio::test]
async fn a_model_without_a_range_has_the_price_alone() {
    let service = Service::new().await;
    let whole = inference::blob::decode(&model(4_000.0)).unwrap();
    let header = inference::Header { interval: None, ..whole.header };
    let blob = inference::blob::encode(&inference::Model { header, form: whole.form }).unwrap();
    service.promote(&blob).await;
    let metadata = service.get("/v2/models/diamonds").await.json();
    let answer = infer(&service, &two()).await.json();
    for described in [metadata, answer] {
        assert_eq!(described["outputs"].as_array().unwrap().len(), 1);
    }
    let outputs = json!([{"name": "price"}, {"name": "low"}]);
    let refused = infer(&service, &two_but(|body| body["outputs"] = outputs.clone())).await;
    assert_eq!(refused.status(), 422);
    assert_eq!(refused.wrong_fields()[0], "outputs[1].name");
}

#[tokio::test]
async fn without_a_model_nothing_is_ready() {
    let service = Service::new().await;
    for (target, status) in [
        ("/v2/health/live", 200),
        ("/v2/health/ready", 503),
        ("/v2/models/diamonds/ready", 503),
        ("/v2/models/diamonds/versions/champion/ready", 503),
        ("/v2/models/diamonds/versions/champion", 503),
        ("/v2/models/diamonds", 503),
        (INFER, 405),
    ] {
        assert_eq!(service.get(target).await.status(), status, "{target}");
    }
    let typed = request(Method::POST, INFER, Some("application/octet-stream"), "");
    assert_eq!(service.handle(typed).await.status(), 415);
    assert_eq!(infer(&service, &two()).await.status(), 503);
}
