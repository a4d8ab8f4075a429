//! Prices by price list: what may be asked, what is answered, and what a turned stone costs.

mod support;

use http::Method;
use serde_json::{Value as Json, json};
use support::reply::{Reply, wrong_fields};
use support::{STONE, Service, model, model_of_lists, request};

/// A service with [`model_of_lists`] as the champion.
async fn listing() -> Service {
    let service = Service::new().await;
    service.promote(&model_of_lists()).await;
    service
}

/// [`STONE`] with more fields.
fn and(more: &str) -> String {
    STONE.replace('}', &format!(",{more}}}"))
}

async fn by_csv(service: &Service, rows: &str) -> Reply {
    let body = format!("carat,cut,color,clarity,Price_List\n{rows}");
    service.handle(request(Method::POST, "/v1/predict/batch", Some("text/csv"), body)).await
}

/// Asks for the prices of [`STONE`] by price lists, in tensors.
async fn infer(service: &Service, lists: Json) -> Reply {
    let rows = lists.as_array().unwrap().len();
    let tensor = |name: &str, datatype: &str, data: Json| json!({"name": name, "shape": [rows], "datatype": datatype, "data": data});
    let body = json!({"inputs": [
        tensor("carat", "FP64", json!(vec![0.7; rows])),
        tensor("cut", "BYTES", json!(vec!["Ideal"; rows])),
        tensor("color", "BYTES", json!(vec!["G"; rows])),
        tensor("clarity", "BYTES", json!(vec!["VS1"; rows])),
        tensor("price_list", "BYTES", lists),
    ]});
    service.post("/v2/models/diamonds/infer", &body.to_string()).await
}

#[tokio::test]
async fn without_a_list_the_answer_has_the_price_by_each() {
    let service = listing().await;
    let mut answer = service.post("/v1/predict", STONE).await.json();
    let range = |low: Json, high: Json| json!({"low": low, "high": high, "confidence": 0.9});
    let expected = json!({
        "price": 2_100,
        "currency": "EUR",
        "price_year": 2024,
        "range": {"low": 1_050, "high": 3_150, "confidence": 0.9},
        "price_lists": [
            {"name": "A", "price": 2_100, "range": range(json!(1_365), json!(2_887.5))},
            {"name": "B", "price": 2_600, "range": range(json!(1_690), json!(3_575))},
        ],
    });
    for member in ["warnings", "model", "request_id"] {
        answer.as_object_mut().unwrap().remove(member).unwrap();
    }
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn every_route_prices_by_a_list() {
    let service = listing().await;
    for (list, price) in [("\"A\"", 2_100), ("\"b\"", 2_600), ("null", 2_100)] {
        let stone = and(&format!("\"price_list\":{list}"));
        let one = service.post("/v1/predict", &stone).await.json();
        assert_eq!(
            (&one["price"], one.get("price_lists").is_some()),
            (&json!(price), list == "null")
        );
        let batch = format!("{{\"diamonds\":[{stone}]}}");
        let batch = service.post("/v1/predict/batch", &batch).await.json();
        for member in ["price", "currency", "price_year", "range", "price_lists", "warnings"] {
            assert_eq!(batch["predictions"][0].get(member), one.get(member), "{member}");
        }
    }
    let answer = by_csv(&service, "0.7,Ideal,G,VS1,B\n0.7,Ideal,G,VS1,\n").await.json();
    let prices = [&answer["predictions"][0]["price"], &answer["predictions"][1]["price"]];
    assert_eq!(prices, [2_600, 2_100]);
    let answer = infer(&service, json!(["B", null, "a"])).await.json();
    assert_eq!(answer["outputs"][0]["data"], json!([2_600, 2_100, 2_100]));
}

#[tokio::test]
async fn a_list_that_the_model_does_not_know_is_refused_with_those_that_it_knows() {
    let service = listing().await;
    let check = |problem: &Json, expected: &[(&str, &str, &str)]| {
        let errors = problem["errors"].as_array().unwrap().iter();
        let found: Vec<_> = errors
            .map(|error| {
                ["field", "value", "allowed"].map(|member| error[member].as_str().unwrap())
            })
            .map(|[field, value, allowed]| (field, value, allowed))
            .collect();
        assert_eq!(found, expected, "{problem}");
    };
    let unknown = ("price_list", "C", "A, B");
    let reply = service.post("/v1/predict", &and("\"price_list\":\"C\"")).await;
    assert_eq!(reply.status(), 422);
    check(&reply.json(), &[unknown]);
    let all = service
        .post("/v1/predict", r#"{"cut":"Ideal","color":"G","clarity":"VS1","price_list":"C"}"#)
        .await
        .json();
    assert_eq!(wrong_fields(&all), ["carat", "price_list"]);
    let batch = format!("{{\"diamonds\":[{},{STONE}]}}", and("\"price_list\":\"C\""));
    let batch = service.post("/v1/predict/batch", &batch).await.json();
    check(&batch["predictions"][0]["error"], &[unknown]);
    assert_eq!(batch["predictions"][1]["price"], 2_100);
    let batch = by_csv(&service, "0.7,Ideal,G,VS1,C\n").await.json();
    check(&batch["predictions"][0]["error"], &[unknown]);
    let reply = infer(&service, json!(["B", "C"])).await;
    assert_eq!(reply.status(), 422);
    check(&reply.json(), &[("price_list[1]", "C", "A, B")]);
    for value in ["7", "\"\"", "\"a,b\"", "true"] {
        let reply = service.post("/v1/predict", &and(&format!("\"price_list\":{value}"))).await;
        assert_eq!(
            (reply.status(), reply.wrong_fields()),
            (422, vec!["price_list".to_owned()]),
            "{value}"
        );
    }
}

#[tokio::test]
async fn the_lists_are_those_of_the_model_that_is_asked() {
    let service = listing().await;
    let id = service.promote(&model(1_000.0)).await;
    let stone = and("\"price_list\":\"C\"");
    let answer = service.post("/v1/predict", &stone).await.json();
    assert_eq!((&answer["model"]["id"], &answer["currency"]), (&json!(id), &json!("USD")));
    assert_eq!((answer.get("price_lists"), answer.get("price_year")), (None, None));
    let warning = answer["warnings"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&warning["code"], &warning["fields"]),
        (&json!("price_list_ignored"), &json!(["price_list"]))
    );
    let all = service.get("/v1/models").await.json();
    let listing =
        all["models"].as_array().unwrap().iter().find(|model| model["id"] != id.as_str()).unwrap();
    let reply = service
        .post(&format!("/v1/predict?model={}", listing["id"].as_str().unwrap()), &stone)
        .await;
    assert_eq!(reply.wrong_fields(), ["price_list"]);
    // Without the model, what is wrong with the stone is said first.
    let reply = service.post("/v1/predict?model=ffff", &and("\"price_list\":7")).await;
    assert_eq!(reply.wrong_fields(), ["price_list"]);
    assert_eq!(service.post("/v1/predict?model=ffff", &stone).await.status(), 404);
}

#[tokio::test]
async fn a_model_says_in_what_its_prices_are_and_which_lists_it_knows() {
    let service = listing().await;
    let known = |model: &Json| json!([model["prices_in"], model["price_lists"]]);
    let of_lists = json!(["EUR 2024", ["A", "B"]]);
    let all = service.get("/v1/models").await.json();
    for described in
        [&all["serving"], &all["models"][0], &service.get("/v1/models/champion").await.json()]
    {
        assert_eq!(known(described), of_lists, "{described}");
    }
    service.promote(&model(1_000.0)).await;
    assert_eq!(known(&service.get("/v1/models/champion").await.json()), json!([null, []]));
    service.promote_as("badbadbadbad", b"not a blob").await;
    assert_eq!(known(&service.get("/v1/models/badbad").await.json()), json!([null, []]));
}

/// The answer but for the request's id, as it was written.
async fn answer(service: &Service, target: &str, body: &str) -> String {
    let reply = service.post(target, body).await;
    assert_eq!(reply.status(), 200, "{}", reply.text());
    reply.text().replace(reply.id(), "")
}

#[tokio::test]
async fn a_turned_stone_gets_the_same_answer() {
    let service = listing().await;
    let mut state: u64 = 42;
    let mut below = |bound: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    for _ in 0..300 {
        // Stones that cause every kind of warning about diameters are among them.
        let [x, y] = [(); 2].map(|()| 3.0 + f64::from(u32::try_from(below(800)).unwrap()) / 100.0);
        let some =
            [r#","depth":61.4"#, r#","z":3.52,"table":57"#, ""][usize::try_from(below(3)).unwrap()];
        let list = [r#","price_list":"B""#, ""][usize::try_from(below(2)).unwrap()];
        let [stone, turned] =
            [[x, y], [y, x]].map(|[x, y]| and(&format!("\"x\":{x},\"y\":{y}{some}{list}")));
        let [batch, turned_batch] =
            [&stone, &turned].map(|stone| format!("{{\"diamonds\":[{stone}]}}"));
        let tensor = |name: &str, datatype: &str, value: Json| json!({"name": name, "shape": [1], "datatype": datatype, "data": [value]});
        let [tensors, turned_tensors] = [[x, y], [y, x]].map(|[x, y]| {
            json!({"inputs": [
                tensor("carat", "FP64", json!(0.7)),
                tensor("cut", "BYTES", json!("Ideal")),
                tensor("color", "BYTES", json!("G")),
                tensor("clarity", "BYTES", json!("VS1")),
                tensor("x", "FP64", json!(x)),
                tensor("y", "FP64", json!(y)),
            ]})
            .to_string()
        });
        for (target, one, other) in [
            ("/v1/predict?explain=true", &stone, &turned),
            ("/v1/predict/batch?explain=true", &batch, &turned_batch),
            ("/v2/models/diamonds/infer", &tensors, &turned_tensors),
            ("/v1/similar", &stone, &turned),
        ] {
            assert_eq!(
                answer(&service, target, one).await,
                answer(&service, target, other).await,
                "{target} {one}"
            );
        }
    }
}
