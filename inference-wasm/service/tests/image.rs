//! Models are served from their images, and from their blobs where those cannot be loaded.

mod support;

use inference::image;
use serde_json::{Value as Json, json};
use service::{Settings, Value};
use support::{STONE, Service, model};

const PREDICT: &str = "/v1/predict?";
const EXPLAIN: &str = "/v1/predict?explain=true&";

/// What stands in the column `image` in place of an image.
fn troubles(blob: &[u8]) -> Vec<(&'static str, Value, &'static str)> {
    let good = image::encode(blob).unwrap();
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut image = good.clone();
        change(&mut image);
        Value::Blob(image)
    };
    let other = image::encode(&model(7_777.0)).unwrap();
    vec![
        ("empty", Value::Blob(Vec::new()), "not the image of a Loupe model"),
        ("a text", Value::Text("image".into()), "not the image of a Loupe model"),
        ("a blob", Value::Blob(blob.to_vec()), "not the image of a Loupe model"),
        ("another layout", changed(&|image| image[8] ^= 0x55), "image of layout"),
        ("cut", changed(&|image| image.truncate(70)), "70 bytes where"),
        ("changed", changed(&|image| image[100] ^= 1), "checksum"),
        ("another model's", Value::Blob(other), "is that of"),
    ]
}

async fn set(service: &Service, column: &str, id: &str, value: impl Into<Value>) {
    let sql = format!("UPDATE models SET {column} = ?2 WHERE id = ?1");
    assert_eq!(service.execute(&sql, [id.into(), value.into()]).await, 1);
}

/// Registers a model with its image and promotes it.
async fn promote(service: &Service, blob: &[u8]) -> String {
    let id = service.promote(blob).await;
    set(service, "image", &id, image::encode(blob).unwrap()).await;
    id
}

/// With the image of this model in the registry.
async fn loading(usd_per_carat: f64) -> Service {
    let service = Service::new().await;
    promote(&service, &model(usd_per_carat)).await;
    service
}

async fn ask(service: &Service, target: &str) -> (u16, Json) {
    let reply = service.post(target, STONE).await;
    let mut answer = reply.json();
    answer.as_object_mut().unwrap().remove("request_id");
    (reply.status(), answer)
}

/// Asks for an explanation; what it costs, and what of it is the weight's.
async fn check_explained(service: &Service, target: &str, price: u32) -> Json {
    let (status, answer) = ask(service, target).await;
    assert_eq!((status, &answer["price"]), (200, &json!(price)), "{target}");
    assert_eq!(answer["explanation"][1]["effect"], price, "{target}");
    answer
}

async fn check_refused(service: &Service, target: &str, kind: &str) -> Json {
    let (status, problem) = ask(service, target).await;
    assert_eq!((status, &problem["type"]), (503, &json!(kind)), "{target}");
    problem
}

/// Standard error has one line, which says this.
fn check_line(service: &Service, what: &str, said: &str) -> String {
    let lines = service.lines.borrow();
    assert_eq!(lines.len(), 1, "{what}: {lines:?}");
    assert!(lines[0].contains(said), "{what}: {lines:?}");
    lines[0].clone()
}

#[tokio::test]
async fn a_model_answers_the_same_from_its_image_as_from_its_blob() {
    let by_blob = Service::new().await;
    let id = by_blob.promote(&model(4_000.0)).await;
    let targets = [PREDICT, EXPLAIN];
    let expected = [ask(&by_blob, targets[0]).await, ask(&by_blob, targets[1]).await];
    assert_eq!((expected[0].0, expected[1].0), (200, 200));

    set(&by_blob, "image", &id, image::encode(&model(4_000.0)).unwrap()).await;
    let by_image = by_blob.another(Settings::default());
    for (target, expected) in targets.into_iter().zip(expected) {
        assert_eq!(ask(&by_image, target).await, expected);
        assert_eq!(ask(&by_image, &format!("{target}model={id}")).await, expected);
    }
    assert!(by_image.lines.borrow().is_empty(), "{:?}", by_image.lines);
}

#[tokio::test]
async fn a_model_with_a_damaged_blob_prices_and_cannot_explain() {
    let world = Service::new().await;
    let id = promote(&world, &model(4_000.0)).await;
    promote(&world, &model(1_000.0)).await;
    for blob in [b"not a blob".to_vec(), model(2_000.0)] {
        world.execute("UPDATE models SET blob = ?", [blob]).await;
        let service = world.another(Settings::default());
        for (model, price) in [(String::new(), 700), (format!("model={id}"), 2800)] {
            let (status, answer) = ask(&service, &format!("{PREDICT}{model}")).await;
            assert_eq!((status, &answer["price"]), (200, &json!(price)));
            assert_eq!(service.get("/readyz").await.status(), 200);
            assert!(service.lines.borrow().is_empty(), "{:?}", service.lines);

            let target = format!("{EXPLAIN}{model}");
            let problem = check_refused(&service, &target, "/docs#no-explanation").await;
            assert!(problem["detail"].as_str().unwrap().contains("ask without explain=true"));
            let batch = format!(r#"{{"diamonds":[{STONE}]}}"#);
            let target = format!("/v1/predict/batch?explain=true&{model}");
            assert_eq!(service.post(&target, &batch).await.status(), 503);
            let lines = service.lines.take();
            assert!(lines[0].contains("cannot be explained: model"), "{lines:?}");

            assert_eq!(ask(&service, &format!("{PREDICT}{model}")).await.0, 200);
        }
    }
}

#[tokio::test]
async fn where_an_image_cannot_be_loaded_the_blob_answers() {
    let blob = model(4_000.0);
    for (what, image, said) in troubles(&blob) {
        let service = Service::new().await;
        let id = service.promote(&blob).await;
        set(&service, "image", &id, image).await;
        for look in 0..3 {
            service.now_us.set(look * 3_000_000);
            let answer = check_explained(&service, EXPLAIN, 2800).await;
            assert_eq!(answer["model"]["id"], json!(id), "{what}");
        }
        assert_eq!(service.get("/readyz").await.json()["trouble"], Json::Null, "{what}");
        let line = check_line(&service, what, said);
        assert!(line.contains("trainer migrate"), "{line}");
    }
}

#[tokio::test]
async fn where_another_models_image_cannot_be_loaded_its_blob_answers() {
    let blob = model(1_000.0);
    for (what, image, said) in troubles(&blob) {
        let service = Service::new().await;
        let id = service.promote(&blob).await;
        set(&service, "image", &id, image).await;
        promote(&service, &model(2_000.0)).await;
        for _ in 0..2 {
            let (status, answer) = ask(&service, &format!("{EXPLAIN}model={}", &id[..6])).await;
            assert_eq!((status, &answer["price"]), (200, &json!(700)), "{what}");
            assert_eq!(answer["model"]["id"], json!(id), "{what}");
        }
        check_line(&service, what, said);
    }
}

#[tokio::test]
async fn where_both_are_damaged_the_last_good_model_goes_on() {
    let service = loading(1_000.0).await;
    assert_eq!(ask(&service, PREDICT).await.1["price"], 700);
    let id = promote(&service, &model(2_000.0)).await;
    set(&service, "image", &id, b"not an image".to_vec()).await;
    set(&service, "blob", &id, b"not a blob".to_vec()).await;
    for look in 1..4 {
        service.now_us.set(look * 3_000_000);
        assert_eq!(ask(&service, PREDICT).await.1["price"], 700);
    }
    let ready = service.get("/readyz").await.json();
    assert!(ready["trouble"].as_str().unwrap().contains("not a Loupe model"), "{ready}");
    let lines = service.lines.borrow();
    assert_eq!(lines.len(), 2, "one of the image and one of the blob, however often: {lines:?}");
}

#[tokio::test]
async fn the_blob_is_read_once_at_the_first_explanation() {
    let service = loading(4_000.0).await;
    service.refuse("SELECT blob");
    assert_eq!(ask(&service, PREDICT).await.0, 200);
    check_refused(&service, EXPLAIN, "/docs#no-database").await;
    service.refuse_nothing();
    let expected = check_explained(&service, EXPLAIN, 2800).await;
    service.refuse("SELECT blob");
    assert_eq!(ask(&service, EXPLAIN).await, (200, expected.clone()));
    let batch = format!(r#"{{"diamonds":[{STONE},{STONE}]}}"#);
    let answer = service.post("/v1/predict/batch?explain=true", &batch).await.json();
    assert_eq!(answer["predictions"][1]["explanation"], expected["explanation"]);
}

#[tokio::test]
async fn a_model_that_left_the_registry_prices_on_and_cannot_explain() {
    let service = loading(4_000.0).await;
    assert_eq!(ask(&service, PREDICT).await.0, 200);
    service.execute("DELETE FROM promotions", ()).await;
    service.execute("DELETE FROM models", ()).await;
    check_refused(&service, EXPLAIN, "/docs#no-explanation").await;
    assert!(service.lines.borrow()[0].contains("it is not in the registry"));
    assert_eq!(ask(&service, PREDICT).await.0, 200);
}

#[tokio::test]
async fn the_released_model_is_decoded_and_explains() {
    let service = Service::new().await;
    service.released.replace(Some(model(1_000.0)));
    check_explained(&service, EXPLAIN, 700).await;
}

#[tokio::test]
async fn a_promotion_is_picked_up_by_its_image() {
    let service = loading(1_000.0).await;
    assert_eq!(ask(&service, EXPLAIN).await.1["price"], 700);
    promote(&service, &model(2_000.0)).await;
    service.now_us.set(2_000_000);
    let answer = check_explained(&service, EXPLAIN, 1400).await;
    // A look that finds the same champion needs neither image nor blob.
    service.execute("UPDATE models SET image = x'00', blob = x'00'", ()).await;
    service.now_us.set(4_000_000);
    assert_eq!(ask(&service, EXPLAIN).await.1, answer);
    assert!(service.lines.borrow().is_empty(), "{:?}", service.lines);
}
