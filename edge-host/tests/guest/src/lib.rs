//! A component that tries what edge-host promises: each path exercises one promise, and answers with what it saw.

mod answer;
mod files;
mod instance;
mod outbound;
mod sql;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use spin_sdk::{http_service, time, variables};

use crate::instance::Presence;

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    let presence = Presence::new();
    let path = request.uri().path().to_owned();
    let query = query(&request);
    let get = |name: &str| query.get(name).cloned().unwrap_or_default();
    let number = |name: &str| get(name).parse().unwrap_or(0);
    match path.as_str() {
        "/eager" => answer::eager(200, "text/plain", vec![b'e'; number("bytes")]).await,
        "/converted" => "converted by the SDK".into_response(),
        "/late" => answer::late(Duration::from_millis(number("ms") as u64)),
        "/chunks" => answer::chunks(number("count")),
        "/status" => {
            answer::eager(u16::try_from(number("code")).unwrap_or(500), "text/plain", Vec::new())
                .await
        }
        "/echo" => {
            let body = request.into_body().bytes().await?;
            answer::eager(200, "application/octet-stream", body.to_vec()).await
        }
        "/request" => answer::json(&seen(&request)).await,
        "/instance" => answer::json(&presence.report()).await,
        "/sleep" => {
            time::sleep(Duration::from_millis(number("ms") as u64)).await;
            answer::json(&presence.report()).await
        }
        "/spin" => loop {
            std::hint::spin_loop();
        },
        "/panic" => {
            time::sleep(Duration::from_millis(number("ms") as u64)).await;
            panic!("asked to")
        }
        "/error" => Err(ErrorCode::InternalError(Some("a secret of the guest".into()))),
        "/print" => {
            println!("a line on standard output");
            eprintln!("a line on standard error");
            answer::json(&Value::Null).await
        }
        "/outbound" => {
            let body = vec![b'o'; number("bytes")];
            let patience = Duration::from_millis(number("patience_ms") as u64);
            answer::json(&outbound::post(&get("url"), body, patience).await).await
        }
        "/variable" => answer::json(&variable(&get("name")).await).await,
        "/environment" => answer::json(&json!(std::env::vars().collect::<BTreeMap<_, _>>())).await,
        "/clock" => {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            answer::json(&json!(since.map(|since| since.as_secs()).unwrap_or(0))).await
        }
        "/read" => answer::json(&files::read(&get("path"))).await,
        "/list" => answer::json(&files::list(&get("path"))).await,
        "/write" => answer::json(&files::write(&get("path"))).await,
        "/open" => answer::json(&sql::open(&get("label")).await).await,
        "/open-many" => answer::json(&sql::open_many(number("count")).await).await,
        "/sql" => {
            let steps = request.into_body().bytes().await?;
            let steps = serde_json::from_slice(&steps).unwrap_or(Value::Null);
            let is_sync = get("api") == "sync";
            answer::json(&sql::run(&steps, is_sync).await).await
        }
        "/unread" => answer::json(&sql::unread().await).await,
        "/idle" => {
            answer::json(
                &sql::idle(Duration::from_millis(number("ms") as u64), &get("begin")).await,
            )
            .await
        }
        "/busy" => answer::json(&sql::busy().await).await,
        _ => answer::eager(404, "text/plain", b"no such promise".to_vec()).await,
    }
}

/// The query's parameters, undecoded.
fn query(request: &Request) -> BTreeMap<String, String> {
    let query = request.uri().query().unwrap_or_default();
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

fn seen(request: &Request) -> Value {
    let mut headers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in request.headers() {
        headers
            .entry(name.as_str())
            .or_default()
            .push(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    json!({ "method": request.method().as_str(), "uri": request.uri().to_string(), "headers": headers })
}

async fn variable(name: &str) -> Value {
    match variables::get(name).await {
        Ok(value) => json!({ "value": value }),
        Err(variables::Error::InvalidName(_)) => json!({ "error": "invalid-name" }),
        Err(variables::Error::Undefined(_)) => json!({ "error": "undefined" }),
        Err(variables::Error::Provider(_)) => json!({ "error": "provider" }),
        Err(variables::Error::Other(_)) => json!({ "error": "other" }),
    }
}
