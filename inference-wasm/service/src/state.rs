//! What all requests of one instance share, and what a route's handler receives.

use crate::model_cache::ModelCache;
use crate::request::Request;
use crate::static_files::StaticFiles;
use crate::store::Store;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct State<D, H> {
    pub(crate) store: Store<D>,
    pub(crate) host: H,
    pub(crate) models: ModelCache,
    pub(crate) static_files: StaticFiles,
    /// The patterns of the routes that the journal records.
    pub(crate) journaled_patterns: Vec<&'static str>,
}

/// A request as a route's handler receives it: its route, method, access and body are checked.
pub(crate) struct Call<'a, D, H> {
    pub(crate) state: &'a State<D, H>,
    pub(crate) request: &'a Request,
    /// The request's id, a UUIDv7.
    pub(crate) id: &'a str,
    /// The segment of the path in place of the pattern's `{…}`.
    pub(crate) segment: &'a str,
}
