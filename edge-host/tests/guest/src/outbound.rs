//! Sends outbound requests.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use spin_sdk::http::FullBody;
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::wasip3::http::types::{ErrorCode, RequestOptions};
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;

/// Sends a POST. Returns the status and body of the response, or the error. `timeout` limits each wait for the server.
pub(crate) async fn post(url: &str, body: Vec<u8>, timeout: Duration) -> Value {
    match try_post(url, body, timeout).await {
        Ok((status, body)) => json!({ "status": status, "body": body }),
        Err(error) => json!({ "error": format!("{error:?}") }),
    }
}

async fn try_post(
    url: &str,
    body: Vec<u8>,
    timeout: Duration,
) -> Result<(u16, Vec<u8>), ErrorCode> {
    let options = RequestOptions::new();
    let timeout = u64::try_from(timeout.as_nanos()).ok();
    options.set_first_byte_timeout(timeout).map_err(|_| ErrorCode::ConfigurationError)?;
    options.set_between_bytes_timeout(timeout).map_err(|_| ErrorCode::ConfigurationError)?;
    let request = http::Request::post(url)
        .header("content-length", body.len())
        .extension(RequestOptionsExtension(options))
        .body(FullBody::new(Bytes::from(body)))
        .map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let response = spin_sdk::http::send(request).await?;
    let status = response.status().as_u16();
    Ok((status, response.into_body().bytes().await?.to_vec()))
}
