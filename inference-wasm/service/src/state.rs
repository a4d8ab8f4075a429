//! What all routes share: the store, the host, the loaded models and the demo's files of one instance.

use std::rc::Rc;

use inference::Predictor;

use crate::database::Database;
use crate::host::Host;
use crate::loaded_model::LoadedModel;
use crate::model_cache::ModelCache;
use crate::problem::Problem;
use crate::static_files::StaticFiles;
use crate::store::Store;

/// What all routes share.
#[derive(Debug)]
pub(crate) struct State<D, H> {
    pub(crate) store: Store<D>,
    pub(crate) host: H,
    pub(crate) models: ModelCache,
    pub(crate) static_files: StaticFiles,
    /// The patterns of the routes that the journal records.
    pub(crate) journaled_patterns: Vec<&'static str>,
}

impl<D: Database, H: Host> State<D, H> {
    /// The model in service.
    pub(crate) async fn champion(&self) -> Result<Rc<LoadedModel>, Problem> {
        self.models.current(&self.store, &self.host).await
    }

    /// A model by its id, the beginning of its id, or `champion`, which is also the default.
    pub(crate) async fn model(&self, id: Option<&str>) -> Result<Rc<LoadedModel>, Problem> {
        match id {
            None | Some("" | "champion") => self.champion().await,
            Some(id) => self.models.named(id, &self.store, &self.host).await,
        }
    }

    /// The predictor that explains a model's prices, if `explain` asks for one.
    pub(crate) async fn explainer<'a>(
        &self,
        model: &'a LoadedModel,
        explain: bool,
    ) -> Result<Option<&'a Predictor>, Problem> {
        if explain { self.models.explainer(model, &self.store).await.map(Some) } else { Ok(None) }
    }
}
