//! A component for the conformance tests: each path uses one feature of edge-host and responds with the result.
//!
//! `tests/conformance` sends the requests and checks the responses.

mod files;
mod instance;
mod outbound;
mod response;
mod sql;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use spin_sdk::{http_service, time, variables};

use crate::instance::RequestCount;

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    let requests = RequestCount::new();
    let path = request.uri().path().to_owned();
    let query = query(&request);
    let get = |name: &str| query.get(name).cloned().unwrap_or_default();
    let number = |name: &str| get(name).parse().unwrap_or(0);
    match path.as_str() {
        "/eager" => response::eager(200, "text/plain", vec![b'e'; number("bytes")]).await,
        "/converted" => "converted by the SDK".into_response(),
        "/late" => response::late(Duration::from_millis(number("ms") as u64)),
        "/chunks" => response::chunks(number("count")),
        "/status" => {
            response::eager(u16::try_from(number("code")).unwrap_or(500), "text/plain", Vec::new())
                .await
        }
        "/echo" => {
            let body = request.into_body().bytes().await?;
            response::eager(200, "application/octet-stream", body.to_vec()).await
        }
        "/request" => response::json(&describe(&request)).await,
        "/instance" => response::json(&requests.report()).await,
        "/sleep" => {
            time::sleep(Duration::from_millis(number("ms") as u64)).await;
            response::json(&requests.report()).await
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
            response::json(&Value::Null).await
        }
        "/outbound" => {
            let body = vec![b'o'; number("bytes")];
            let timeout = Duration::from_millis(number("timeout_ms") as u64);
            response::json(&outbound::post(&get("url"), body, timeout).await).await
        }
        "/variable" => response::json(&variable(&get("name")).await).await,
        "/environment" => {
            response::json(&json!(std::env::vars().collect::<BTreeMap<_, _>>())).await
        }
        "/clock" => {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            response::json(&json!(since.map(|since| since.as_secs()).unwrap_or(0))).await
        }
        "/read" => response::json(&files::read(&get("path"))).await,
        "/list" => response::json(&files::list(&get("path"))).await,
        "/write" => response::json(&files::write(&get("path"))).await,
        "/open" => response::json(&sql::open(&get("label")).await).await,
        "/open-many" => response::json(&sql::open_many(number("count")).await).await,
        "/sql" => {
            let steps = request.into_body().bytes().await?;
            let steps = serde_json::from_slice(&steps).unwrap_or(Value::Null);
            let is_sync = get("api") == "sync";
            response::json(&sql::run(&steps, is_sync).await).await
        }
        "/unread" => response::json(&sql::unread().await).await,
        "/busy" => response::json(&sql::busy().await).await,
        _ => response::eager(404, "text/plain", b"no such path".to_vec()).await,
    }
}

/// The query parameters, without percent-decoding.
fn query(request: &Request) -> BTreeMap<String, String> {
    let query = request.uri().query().unwrap_or_default();
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

fn describe(request: &Request) -> Value {
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
