//! Which model answers: the registry's champion, else the released one.

use std::rc::Rc;

use inference::Predictor;

use crate::database::Database;
use crate::host::{Host, RELEASED_MODEL};
use crate::loaded_model::LoadedModel;
use crate::problem::Problem;
use crate::state::State;
use crate::store::{Resolved, Stored};

/// How many earlier champions are tried where the registry's cannot be served and none was before.
const MAX_FALLBACKS: usize = 8;

impl<D: Database, H: Host> State<D, H> {
    /// The model that answers.
    ///
    /// # Errors
    ///
    /// [`Problem::NoModel`] where neither the registry nor the deployment holds a model that can be decoded.
    pub(crate) async fn champion(&self) -> Result<Rc<LoadedModel>, Problem> {
        let is_due = self.models.is_due(self.host.monotonic_us());
        let current = self.models.current.borrow().clone();
        match current {
            Some(current) if !is_due => Ok(current),
            current => self.look(current).await,
        }
    }

    /// A model by its id, a beginning of it, or `champion`, which is also the default.
    ///
    /// # Errors
    ///
    /// [`Problem::NoSuchModel`] for an id that is unknown, ambiguous or whose blob cannot be decoded.
    pub(crate) async fn model(&self, id: Option<&str>) -> Result<Rc<LoadedModel>, Problem> {
        let champion = self.champion().await;
        let id = match (id, &champion) {
            (None | Some("" | "champion"), _) => return champion,
            // The model that answers is known by its id even where the registry cannot be asked, or does not have it.
            (Some(id), Ok(loaded)) if loaded.id == id => return champion,
            (Some(id), _) => id,
        };
        let full = self.full_id(id).await?;
        if let Some(other) = self.models.other(&full) {
            return Ok(other);
        }
        let stored = self.store.stored(&full).await?;
        let stored = stored.ok_or_else(|| Problem::no_such_model(id, "is no model"))?;
        let loaded = self.load(stored).await.map_err(|error| {
            self.host.log_error(&format!("a model cannot be served: {error}"));
            Problem::no_such_model(id, "is damaged, or of a format that this build does not read")
        })?;
        self.models.keep_other(&loaded);
        Ok(loaded)
    }

    /// The id of the one model in the registry that begins with `id`, or of the registry's champion.
    ///
    /// # Errors
    ///
    /// [`Problem::NoSuchModel`] where there is none, or more than one.
    pub(crate) async fn full_id(&self, id: &str) -> Result<String, Problem> {
        if id == "champion" {
            let champion = self.store.champion_id().await?;
            return champion.ok_or_else(|| Problem::no_such_model(id, "has not been chosen yet"));
        }
        match self.store.resolve(id).await? {
            Resolved::One(full) => Ok(full),
            Resolved::Several => Err(Problem::no_such_model(id, "is the beginning of several ids")),
            Resolved::None => Err(Problem::no_such_model(id, "is no model")),
        }
    }

    /// The predictor that explains a model's prices, if `explain` asks for one. The first request for a model that was
    /// loaded from an image decodes its blob.
    ///
    /// # Errors
    ///
    /// [`Problem::NoExplanation`] where the registry has no blob of the model, or a damaged one.
    pub(crate) async fn explainer<'a>(
        &self,
        loaded: &'a LoadedModel,
        explain: bool,
    ) -> Result<Option<&'a Predictor>, Problem> {
        if !explain {
            return Ok(None);
        }
        if let Some(explainer) = loaded.explainer() {
            return Ok(Some(explainer));
        }
        let no_explanation = |why| Problem::NoExplanation { model_id: loaded.id.clone(), why };
        let blob = self.store.blob(&loaded.id).await?;
        let blob = blob.ok_or_else(|| no_explanation("it is not in the registry".to_owned()))?;
        loaded.decode_explainer(&blob).map(Some).map_err(no_explanation)
    }

    /// Looks at the registry and takes over its champion if it is a new one.
    async fn look(&self, current: Option<Rc<LoadedModel>>) -> Result<Rc<LoadedModel>, Problem> {
        self.store.reopen_reader();
        let promoted = self.promoted(current.as_ref()).await;
        let error = promoted.as_ref().err().cloned();
        let before = self.models.last_error.replace(error.clone());
        if let Some(error) = error.filter(|error| before.as_ref() != Some(error)) {
            self.host.log_error(&format!("the registry's champion cannot be served: {error}"));
        }
        // The last good one goes on; before there is any, the last champion that can be served, else the released one.
        let loaded = match (promoted, current) {
            (Ok(Some(loaded)), _) | (_, Some(loaded)) => Some(loaded),
            (Ok(None), None) => self.released(),
            (Err(_), None) => self.before().await.or_else(|| self.released()),
        };
        let loaded = loaded.ok_or(Problem::NoModel)?;
        self.models.current.replace(Some(Rc::clone(&loaded)));
        Ok(loaded)
    }

    /// The registry's champion; `None` where the registry has none.
    async fn promoted(
        &self,
        current: Option<&Rc<LoadedModel>>,
    ) -> Result<Option<Rc<LoadedModel>>, String> {
        let known = current.map_or("", |current| &current.id);
        match self.store.champion(known).await.map_err(|error| error.to_string())? {
            Some(stored) if stored.id == known => Ok(current.cloned()),
            Some(stored) => self.load(stored).await.map(Some),
            None => Ok(None),
        }
    }

    /// The last champion before the present one that can be served.
    async fn before(&self) -> Option<Rc<LoadedModel>> {
        for id in self.store.champions_before().await.ok()?.into_iter().take(MAX_FALLBACKS) {
            if let Ok(Some(stored)) = self.store.stored(&id).await
                && let Ok(loaded) = self.load(stored).await
            {
                return Some(loaded);
            }
        }
        None
    }

    /// Loads a model's image, or decodes its blob where there is none that can be loaded.
    async fn load(&self, stored: Stored) -> Result<Rc<LoadedModel>, String> {
        let Stored { id, image, mut blob } = stored;
        if let Some(image) = image {
            match LoadedModel::load_as(&id, &image) {
                Ok(loaded) => return Ok(loaded),
                Err(error) => self.log_image_error(error),
            }
            blob = self.store.blob(&id).await.map_err(|error| error.to_string())?;
        }
        let blob = blob.ok_or_else(|| format!("model {id} is not in the registry"))?;
        LoadedModel::decode_as(&id, &blob)
    }

    /// Says once what is wrong with an image, however often it is tried.
    fn log_image_error(&self, error: String) {
        let mut last = self.models.last_image_error.borrow_mut();
        if last.as_ref() != Some(&error) {
            self.host.log_error(&format!("{error}; its blob is decoded instead"));
            *last = Some(error);
        }
    }

    fn released(&self) -> Option<Rc<LoadedModel>> {
        let loaded = LoadedModel::decode(&self.host.file(RELEASED_MODEL)?);
        let log = |error: &String| {
            self.host.log_error(&format!("the released model cannot be served: {error}"));
        };
        loaded.inspect_err(log).ok()
    }
}
