//! `trainer verify`: checks that a blob is whole, readable and the one that was registered.

use anyhow::Result;
use serde_json::json;

use super::model::Blob;
use super::{Context, Failure};
use crate::cli::BlobArgs;

pub(super) async fn run(context: &Context, args: &BlobArgs) -> Result<()> {
    // Finding decodes, and decoding checks envelope, length, checksum and every number inside.
    let blob = Blob::find(context, &args.model).await?;
    let (id, sha256) = (blob.id(), blob.sha256());
    if let Some(registered) = &blob.registered_sha256
        && *registered != sha256
    {
        return Err(Failure::Failed(format!(
            "the registry's blob has the hash {sha256} where {registered} was registered; train it again or restore the database"
        ))
        .into());
    }
    let document = json!({
        "ok": true,
        "id": id.as_str(),
        "family": blob.predictor.header().family,
        "sha256": sha256,
        "bytes": blob.bytes.len(),
        "registered": blob.registered_sha256.is_some(),
    });
    context.print(&document, || {
        format!(
            "ok: {} {id}, {} bytes, sha256 {sha256}",
            blob.predictor.header().family,
            blob.bytes.len()
        )
    })
}
