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
    let milliseconds = |name: &str| Duration::from_millis(number(name) as u64);
    let report = match path.as_str() {
        "/eager" => return response::eager(200, "text/plain", vec![b'e'; number("bytes")]).await,
        "/converted" => return "converted by the SDK".into_response(),
        "/late" => return response::late(milliseconds("ms")),
        "/chunks" => return response::chunks(number("count")),
        "/status" => {
            let code = u16::try_from(number("code")).unwrap_or(500);
            return response::eager(code, "text/plain", Vec::new()).await;
        }
        "/echo" => {
            let body = request.into_body().bytes().await?;
            return response::eager(200, "application/octet-stream", body.to_vec()).await;
        }
        "/request" => describe(&request),
        "/instance" => requests.report(),
        "/sleep" => {
            time::sleep(milliseconds("ms")).await;
            requests.report()
        }
        "/spin" => loop {
            std::hint::spin_loop();
        },
        "/panic" => {
            time::sleep(milliseconds("ms")).await;
            panic!("asked to")
        }
        "/error" => {
            return Err(ErrorCode::InternalError(Some("a secret of the guest".into())));
        }
        "/print" => {
            println!("a line on standard output");
            eprintln!("a line on standard error");
            Value::Null
        }
        "/outbound" => {
            let body = vec![b'o'; number("bytes")];
            outbound::post(&get("url"), body, milliseconds("timeout_ms")).await
        }
        "/variable" => variable(&get("name")).await,
        "/environment" => json!(std::env::vars().collect::<BTreeMap<_, _>>()),
        "/clock" => {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            json!(since.map(|since| since.as_secs()).unwrap_or(0))
        }
        "/read" => files::read(&get("path")),
        "/list" => files::list(&get("path")),
        "/write" => files::write(&get("path")),
        "/open" => sql::open(&get("label")).await,
        "/open-many" => sql::open_many(number("count")).await,
        "/sql" => {
            let steps = request.into_body().bytes().await?;
            let steps = serde_json::from_slice(&steps).unwrap_or(Value::Null);
            sql::run(&steps, get("api") == "sync").await
        }
        "/unread" => sql::unread().await,
        "/busy" => sql::busy().await,
        _ => return response::eager(404, "text/plain", b"no such path".to_vec()).await,
    };
    response::json(&report).await
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
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.as_str()).or_default().push(value);
    }
    json!({ "method": request.method().as_str(), "uri": request.uri().to_string(), "headers": headers })
}

async fn variable(name: &str) -> Value {
    let error = match variables::get(name).await {
        Ok(value) => return json!({ "value": value }),
        Err(variables::Error::InvalidName(_)) => "invalid-name",
        Err(variables::Error::Undefined(_)) => "undefined",
        Err(variables::Error::Provider(_)) => "provider",
        Err(variables::Error::Other(_)) => "other",
    };
    json!({ "error": error })
}
