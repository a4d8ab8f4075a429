//! A component that tries what edge-host promises: each path exercises one promise.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Response};
use spin_sdk::wasip3::{wit_bindgen, wit_future, wit_stream};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let _ = request;
    respond(200, b"hello".to_vec()).await
}

/// Answers so that head and body leave in one segment.
async fn respond(status: u16, body: Vec<u8>) -> Result<Response, ErrorCode> {
    let length = body.len().to_string().into_bytes();
    let headers = Fields::from_list(&[("content-length".into(), length)])
        .map_err(|error| ErrorCode::InternalError(Some(error.to_string())))?;
    let (mut body_writer, body_reader) = wit_stream::new();
    let (trailers_writer, trailers_reader) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(headers, Some(body_reader), trailers_reader);
    let _ = response.set_status_code(status);
    let mut write: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
        body_writer.write_all(body).await;
        drop(body_writer);
        let _ = trailers_writer.write(Ok(None)).await;
    });
    // The host finds this write waiting when it takes the response.
    let is_pending = poll_fn(|context| Poll::Ready(write.as_mut().poll(context).is_pending())).await;
    if is_pending {
        wit_bindgen::spawn(write);
    }
    Ok(response)
}
