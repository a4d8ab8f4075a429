//! The Open Inference Protocol at `/v2`: what its callers get, and what they are told.

mod support;

use http::Method;
use serde_json::{Value as Json, json};
use support::{Memory, STONE, TestHost, app, get, json, model, post, promote, request, rows};

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
fn two_but(change: impl Fn(&mut Json)) -> String {
    let mut body = two();
    change(&mut body);
    body.to_string()
}

#[tokio::test]
async fn prices_come_as_tensors_and_the_exchange_is_journaled() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let id = promote(&memory, &model(4_000.0)).await;
    let body = two_but(|body| body["id"] = json!("mine"));
    let response = app(&memory, &host).handle(post(INFER, &body)).await;
    let request_id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let output = |name: &str, data: [u32; 2]| json!({"name": name, "datatype": "FP64", "shape": [2], "data": data});
    assert_eq!(
        json(&response),
        json!({
            "model_name": "diamonds",
            "model_version": id,
            "id": "mine",
            "outputs": [
                output("price", [2_800, 6_000]),
                output("low", [1_400, 3_000]),
                output("high", [4_200, 9_000]),
            ],
            "parameters": {"request_id": request_id},
        })
    );
    let sql = "SELECT id, route, status, model_id FROM requests";
    assert_eq!(
        rows(&memory, sql).await,
        [[json!(request_id), json!(INFER), json!(200), json!(id)]]
    );
}

#[tokio::test]
async fn a_price_is_that_of_predict_whatever_the_tensor_looks_like() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_321.0)).await;
    let app = app(&memory, &host);
    let stone = STONE.replace('}', r#","x":5.7,"depth":61.1}"#);
    let predicted = json(&app.handle(post("/v1/predict", &stone)).await);
    let check = async |carat: Json| {
        let mut body = json!({"inputs": [
            carat,
            tensor("cut", "BYTES", &json!(["Ideal"])),
            tensor("color", "BYTES", &json!(["g"])),
            tensor("clarity", "BYTES", &json!(["VS1"])),
            tensor("x", "FP64", &json!([5.7])),
            tensor("depth", "FP32", &json!([61.1])),
            tensor("table", "FP64", &json!([null])),
        ]});
        body["outputs"] = json!([{"name": "high"}, {"name": "price", "parameters": {}}]);
        let answer = json(&app.handle(post(INFER, &body.to_string())).await);
        let outputs = answer["outputs"].as_array().unwrap();
        let figures: Vec<_> =
            outputs.iter().map(|output| (&output["name"], &output["data"][0])).collect();
        let expected =
            [(&json!("high"), &predicted["range"]["high"]), (&json!("price"), &predicted["price"])];
        assert_eq!(figures, expected, "{carat}: {answer}");
        assert_eq!(answer.get("id"), None, "what the caller did not say is not sent back");
    };
    let carat = |datatype: &str, shape: Json, data: Json| json!({"name": "carat", "datatype": datatype, "shape": shape, "data": data});
    check(carat("FP64", json!([1]), json!([0.7]))).await;
    check(carat("FP64", json!([1, 1]), json!([[0.7]]))).await;
    check(carat("FP64", json!([1, 1]), json!([0.7]))).await;
    check(carat("FP32", json!([1]), json!([0.699_999_988_079_071]))).await;
}

#[tokio::test]
async fn whatever_is_wrong_is_named_and_all_of_it_at_once() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    let check = async |status: u16, body: String, expected: &[&str]| {
        let response = app.handle(post(INFER, &body)).await;
        let problem = json(&response);
        assert_eq!(response.status(), status, "{problem}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(problem["error"], problem["detail"]);
        let errors = problem["errors"].as_array().unwrap();
        let fields: Vec<&str> =
            errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(fields, expected, "{problem}");
        assert!(errors.iter().all(|error| !error["allowed"].as_str().unwrap().is_empty()));
    };
    check(400, String::new(), &[]).await;
    check(400, "{\"inputs\":[NaN]}".into(), &[]).await;
    check(422, "[]".into(), &[""]).await;
    let all = ["carat", "cut", "color", "clarity"];
    check(422, "{}".into(), &["inputs"]).await;
    check(422, r#"{"inputs":[]}"#.into(), &all).await;
    check(422, r#"{"inputs":{}}"#.into(), &["inputs"]).await;
    check(
        422,
        json!({"inputs": [7, {}, {"name": 7}, {"name": "price"}, {"name": "carat"}]}).to_string(),
        &[
            "inputs[0]",
            "inputs[1].name",
            "inputs[2].name",
            "inputs[3].name",
            "carat.datatype",
            "carat.shape",
            "carat.data",
            "cut",
            "color",
            "clarity",
        ],
    )
    .await;
    // Every kind of trouble of one tensor, with a bad stone besides.
    for shape in [
        json!([]),
        json!([0]),
        json!([1_001]),
        json!([2, 2]),
        json!([2, 1, 1]),
        json!([-2]),
        json!([2.5]),
        json!(2),
        json!(null),
    ] {
        let body = two_but(|body| {
            body["inputs"][2]["shape"] = shape.clone();
            body["inputs"][1]["data"][1] = json!("Great");
        });
        check(422, body, &["color.shape", "cut[1]"]).await;
    }
    check(422, two_but(|body| body["inputs"][2]["shape"] = json!([3])), &["color.data"]).await;
    check(
        422,
        two_but(|body| body["inputs"][2] = tensor("color", "BYTES", &json!(["G"]))),
        &["color.shape"],
    )
    .await;
    for (input, datatype) in [(0, "BYTES"), (0, "BOOL"), (0, "fp64"), (1, "FP64"), (1, "")] {
        let field = if input == 0 { "carat.datatype" } else { "cut.datatype" };
        check(422, two_but(|body| body["inputs"][input]["datatype"] = json!(datatype)), &[field])
            .await;
    }
    check(
        422,
        two_but(|body| {
            body["inputs"][0]["datatype"] = json!("INT64");
            body["inputs"].as_array_mut().unwrap().push(json!({"name": "cut"}));
            body["id"] = json!(7);
            body["parameters"] = json!({"model": ["champion"]});
            body["outputs"] = json!([{"name": "price"}, {"name": "price"}, {"name": "cost"}, 7]);
        }),
        &[
            "id",
            "parameters.model",
            "carat[0]",
            "carat[1]",
            "inputs[4].name",
            "outputs[1].name",
            "outputs[2].name",
            "outputs[3].name",
        ],
    )
    .await;
    check(
        422,
        two_but(|body| {
            body["inputs"][0]["data"] = json!([0.7, null]);
            body["inputs"][1]["data"] = json!([null, 7]);
            body["inputs"].as_array_mut().unwrap().push(tensor("x", "FP64", &json!(["5", 0])));
        }),
        &["cut[0]", "x[0]", "carat[1]", "cut[1]", "x[1]"],
    )
    .await;
}

#[tokio::test]
async fn another_model_answers_by_a_parameter() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let first = promote(&memory, &model(1_000.0)).await;
    promote(&memory, &model(2_000.0)).await;
    let app = app(&memory, &host);
    let asking = |id: &str| post(INFER, &two_but(|body| body["parameters"] = json!({"model": id})));
    let answer = json(&app.handle(asking(&first[..6])).await);
    assert_eq!(
        (&answer["model_version"], &answer["outputs"][0]["data"][0]),
        (&json!(first), &json!(700))
    );
    let answer = json(&app.handle(asking("champion")).await);
    assert_eq!(answer["outputs"][0]["data"][0], 1400);
    let refused = app.handle(asking("ffff")).await;
    assert_eq!(refused.status(), 404);
    assert_eq!(json(&refused)["error"], json(&refused)["detail"]);
}

#[tokio::test]
async fn the_server_and_the_model_say_what_they_are() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let id = promote(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    let answered = async |target: &str| json(&app.handle(get(target)).await);
    assert_eq!(answered("/v2/health/live").await, json!({"live": true}));
    assert_eq!(answered("/v2/health/ready").await, json!({"ready": true}));
    assert_eq!(
        answered("/v2/models/diamonds/ready").await,
        json!({"name": "diamonds", "ready": true})
    );
    assert_eq!(
        answered("/v2").await,
        json!({"name": "loupe", "version": env!("CARGO_PKG_VERSION"), "extensions": []})
    );
    let metadata = answered("/v2/models/diamonds").await;
    assert_eq!(metadata["versions"], json!([id]));
    assert_eq!(metadata["inputs"][0], json!({"name": "carat", "datatype": "FP64", "shape": [-1]}));
    assert_eq!(metadata["inputs"][1]["datatype"], "BYTES");
    assert_eq!(metadata["inputs"][4]["parameters"], json!({"optional": true}));
    assert_eq!(metadata["outputs"][2]["name"], "high");
    let nowhere = app.handle(get("/v2/models/emeralds")).await;
    assert_eq!((nowhere.status().as_u16(), json(&nowhere)["error"].is_string()), (404, true));
    let elsewhere = app.handle(get("/v1/nowhere")).await;
    assert_eq!(json(&elsewhere).get("error"), None, "the member is the protocol's");
    // The two health probes are not among them.
    assert_eq!(rows(&memory, "SELECT count(*) FROM requests").await, [[json!(5)]]);
}

#[tokio::test]
async fn a_model_without_a_range_has_the_price_alone() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let whole = inference::blob::decode(&model(4_000.0)).unwrap();
    let header = inference::Header { interval: None, ..whole.header };
    let blob = inference::blob::encode(&inference::Model { header, form: whole.form }).unwrap();
    promote(&memory, &blob).await;
    let app = app(&memory, &host);
    let metadata = json(&app.handle(get("/v2/models/diamonds")).await);
    assert_eq!(metadata["outputs"].as_array().unwrap().len(), 1);
    let answer = json(&app.handle(post(INFER, &two().to_string())).await);
    assert_eq!(answer["outputs"].as_array().unwrap().len(), 1);
    let asking = two_but(|body| body["outputs"] = json!([{"name": "price"}, {"name": "low"}]));
    let refused = json(&app.handle(post(INFER, &asking)).await);
    assert_eq!(
        (&refused["status"], &refused["errors"][0]["field"]),
        (&json!(422), &json!("outputs[1].name"))
    );
}

#[tokio::test]
async fn without_a_model_nothing_is_ready() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let app = app(&memory, &host);
    let check = async |target: &str, status: u16| {
        assert_eq!(app.handle(get(target)).await.status(), status, "{target}");
    };
    check("/v2/health/live", 200).await;
    check("/v2/health/ready", 503).await;
    check("/v2/models/diamonds/ready", 503).await;
    check("/v2/models/diamonds", 503).await;
    check("/v2/models/diamonds/infer", 405).await;
    let typed = request(Method::POST, INFER, Some("application/octet-stream"), "");
    assert_eq!(app.handle(typed).await.status(), 415);
    assert_eq!(app.handle(post(INFER, &two().to_string())).await.status(), 503);
}
