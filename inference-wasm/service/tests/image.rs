//! Models are served from their images, and from their blobs where those cannot be loaded.

mod support;

use inference::{ModelId, image};
use serde_json::{Value as Json, json};
use support::{Memory, STONE, TestApp, TestHost, app, get, json, model, post, promote};

const EXPLAIN: &str = "/v1/predict?explain=true";

/// What stands in the column `image` in place of an image.
fn troubles(blob: &[u8]) -> Vec<(&'static str, libsql::Value, &'static str)> {
    let good = image::encode(blob).unwrap();
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut image = good.clone();
        change(&mut image);
        libsql::Value::Blob(image)
    };
    let other = image::encode(&model(7_777.0)).unwrap();
    vec![
        ("empty", libsql::Value::Blob(Vec::new()), "not the image of a Loupe model"),
        ("a text", libsql::Value::Text("image".into()), "not the image of a Loupe model"),
        ("a blob", libsql::Value::Blob(blob.to_vec()), "not the image of a Loupe model"),
        ("another layout", changed(&|image| image[8] ^= 0x55), "image of layout"),
        ("cut", changed(&|image| image.truncate(70)), "70 bytes where"),
        ("changed", changed(&|image| image[100] ^= 1), "checksum"),
        ("another model's", libsql::Value::Blob(other), "is that of"),
    ]
}

async fn set(memory: &Memory, column: &str, id: &str, value: impl Into<libsql::Value>) {
    let sql = format!("UPDATE models SET {column} = ?2 WHERE id = ?1");
    let parameters = libsql::params![id, value.into()];
    assert_eq!(memory.connection.execute(&sql, parameters).await.unwrap(), 1);
}

/// Registers a model with its image and promotes it.
async fn promote_with_image(memory: &Memory, blob: &[u8]) -> String {
    let id = promote(memory, blob).await;
    set(memory, "image", &id, image::encode(blob).unwrap()).await;
    id
}

async fn ask(app: &TestApp<'_>, target: &str) -> (u16, Json) {
    let response = app.handle(post(target, STONE)).await;
    let mut answer = json(&response);
    answer.as_object_mut().unwrap().remove("request_id");
    (response.status().as_u16(), answer)
}

#[tokio::test]
async fn a_model_answers_the_same_from_its_image_as_from_its_blob() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote(&memory, &model(4_000.0)).await;
    let by_blob = app(&memory, &host);
    let targets = ["/v1/predict", EXPLAIN];
    let expected = [ask(&by_blob, targets[0]).await, ask(&by_blob, targets[1]).await];
    assert_eq!((expected[0].0, expected[1].0), (200, 200));

    let id = ModelId::of(&model(4_000.0)).to_string();
    set(&memory, "image", &id, image::encode(&model(4_000.0)).unwrap()).await;
    let by_image = app(&memory, &host);
    for (target, expected) in targets.into_iter().zip(expected) {
        assert_eq!(ask(&by_image, target).await, expected);
        assert_eq!(
            ask(&by_image, &format!("{target}{}model={id}", separator(target))).await,
            expected
        );
    }
    assert!(host.lines.borrow().is_empty(), "{:?}", host.lines);
}

fn separator(target: &str) -> char {
    if target.contains('?') { '&' } else { '?' }
}

#[tokio::test]
async fn a_model_whose_blob_is_damaged_answers_from_its_image_and_cannot_explain() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    let id = promote_with_image(&memory, &model(4_000.0)).await;
    promote_with_image(&memory, &model(1_000.0)).await;
    for blob in [b"not a blob".to_vec(), model(2_000.0)] {
        memory.connection.execute("UPDATE models SET blob = ?", [blob]).await.unwrap();
        let app = app(&memory, &host);
        for (model, price) in [(String::new(), 700), (format!("model={id}"), 2800)] {
            let (status, answer) = ask(&app, &format!("/v1/predict?{model}")).await;
            assert_eq!((status, &answer["price"]), (200, &json!(price)));
            assert_eq!(app.handle(get("/readyz")).await.status(), 200);
            assert!(host.lines.borrow().is_empty(), "{:?}", host.lines);

            let (status, problem) = ask(&app, &format!("{EXPLAIN}&{model}")).await;
            assert_eq!((status, &problem["type"]), (503, &json!("/docs#no-explanation")));
            assert!(problem["detail"].as_str().unwrap().contains("ask without explain=true"));
            let batch = format!(r#"{{"diamonds":[{STONE}]}}"#);
            let target = format!("/v1/predict/batch?explain=true&{model}");
            assert_eq!(app.handle(post(&target, &batch)).await.status(), 503);
            let lines = host.lines.take();
            assert!(lines[0].contains("cannot be explained: model"), "{lines:?}");

            assert_eq!(ask(&app, &format!("/v1/predict?{model}")).await.0, 200);
        }
    }
}

#[tokio::test]
async fn an_image_that_cannot_be_loaded_is_complained_of_once_and_the_blob_answers() {
    let blob = model(4_000.0);
    for (what, image, said) in troubles(&blob) {
        let (memory, host) = (Memory::new().await, TestHost::default());
        let id = promote(&memory, &blob).await;
        set(&memory, "image", &id, image).await;
        let app = app(&memory, &host);
        for look in 0..3 {
            host.now_us.set(look * 3_000_000);
            let (status, answer) = ask(&app, EXPLAIN).await;
            assert_eq!((status, &answer["price"]), (200, &json!(2800)), "{what}");
            assert_eq!(answer["model"]["id"], json!(id), "{what}");
            assert_eq!(answer["explanation"][1]["effect"], 2800, "{what}");
        }
        assert_eq!(json(&app.handle(get("/readyz")).await)["trouble"], Json::Null, "{what}");
        let lines = host.lines.borrow();
        assert_eq!(lines.len(), 1, "{what}: {lines:?}");
        assert!(lines[0].contains(said) && lines[0].contains("trainer migrate"), "{lines:?}");
    }
}

#[tokio::test]
async fn another_model_is_served_from_its_blob_where_its_image_cannot_be_loaded() {
    let blob = model(1_000.0);
    for (what, image, said) in troubles(&blob) {
        let (memory, host) = (Memory::new().await, TestHost::default());
        let id = promote(&memory, &blob).await;
        set(&memory, "image", &id, image).await;
        promote_with_image(&memory, &model(2_000.0)).await;
        let app = app(&memory, &host);
        for _ in 0..2 {
            let (status, answer) = ask(&app, &format!("{EXPLAIN}&model={}", &id[..6])).await;
            assert_eq!((status, &answer["price"]), (200, &json!(700)), "{what}");
            assert_eq!(answer["model"]["id"], json!(id), "{what}");
        }
        let lines = host.lines.borrow();
        assert_eq!(lines.len(), 1, "{what}: {lines:?}");
        assert!(lines[0].contains(said), "{what}: {lines:?}");
    }
}

#[tokio::test]
async fn where_both_are_damaged_the_last_good_model_goes_on() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote_with_image(&memory, &model(1_000.0)).await;
    let app = app(&memory, &host);
    assert_eq!(ask(&app, "/v1/predict").await.1["price"], 700);
    let id = promote_with_image(&memory, &model(2_000.0)).await;
    set(&memory, "image", &id, b"not an image".to_vec()).await;
    set(&memory, "blob", &id, b"not a blob".to_vec()).await;
    for look in 1..4 {
        host.now_us.set(look * 3_000_000);
        assert_eq!(ask(&app, "/v1/predict").await.1["price"], 700);
    }
    let ready = json(&app.handle(get("/readyz")).await);
    assert!(ready["trouble"].as_str().unwrap().contains("not a Loupe model"), "{ready}");
    let lines = host.lines.borrow();
    assert_eq!(lines.len(), 2, "one of the image and one of the blob, however often: {lines:?}");
}

#[tokio::test]
async fn the_blob_is_read_once_by_whoever_first_wants_an_explanation() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote_with_image(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    memory.refuses.replace(Some("SELECT blob"));
    assert_eq!(ask(&app, "/v1/predict").await.0, 200);
    let (status, problem) = ask(&app, EXPLAIN).await;
    assert_eq!((status, &problem["type"]), (503, &json!("/docs#no-database")));
    memory.refuses.replace(None);
    let expected = ask(&app, EXPLAIN).await;
    assert_eq!((expected.0, &expected.1["explanation"][1]["effect"]), (200, &json!(2800)));
    memory.refuses.replace(Some("SELECT blob"));
    assert_eq!(ask(&app, EXPLAIN).await, expected);
    let batch = format!(r#"{{"diamonds":[{STONE},{STONE}]}}"#);
    let answer = json(&app.handle(post("/v1/predict/batch?explain=true", &batch)).await);
    assert_eq!(answer["predictions"][1]["explanation"], expected.1["explanation"]);
}

#[tokio::test]
async fn a_model_that_left_the_registry_prices_on_and_cannot_explain() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote_with_image(&memory, &model(4_000.0)).await;
    let app = app(&memory, &host);
    assert_eq!(ask(&app, "/v1/predict").await.0, 200);
    let delete = "DELETE FROM promotions; DELETE FROM models";
    memory.connection.execute_batch(delete).await.unwrap();
    let (status, problem) = ask(&app, EXPLAIN).await;
    assert_eq!((status, &problem["type"]), (503, &json!("/docs#no-explanation")));
    assert!(host.lines.borrow()[0].contains("it is not in the registry"));
    assert_eq!(ask(&app, "/v1/predict").await.0, 200);
}

#[tokio::test]
async fn the_released_model_is_decoded_and_explains() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    host.released.replace(Some(model(1_000.0)));
    let (status, answer) = ask(&app(&memory, &host), EXPLAIN).await;
    assert_eq!((status, &answer["explanation"][1]["effect"]), (200, &json!(700)));
}

#[tokio::test]
async fn a_promotion_is_picked_up_by_its_image() {
    let (memory, host) = (Memory::new().await, TestHost::default());
    promote_with_image(&memory, &model(1_000.0)).await;
    let app = app(&memory, &host);
    assert_eq!(ask(&app, EXPLAIN).await.1["price"], 700);
    promote_with_image(&memory, &model(2_000.0)).await;
    host.now_us.set(2_000_000);
    let (_, answer) = ask(&app, EXPLAIN).await;
    assert_eq!(
        (&answer["price"], &answer["explanation"][1]["effect"]),
        (&json!(1400), &json!(1400))
    );
    // A look that finds the same champion needs neither image nor blob.
    memory.connection.execute("UPDATE models SET image = x'00', blob = x'00'", ()).await.unwrap();
    host.now_us.set(4_000_000);
    assert_eq!(ask(&app, EXPLAIN).await.1, answer);
    assert!(host.lines.borrow().is_empty(), "{:?}", host.lines);
}
