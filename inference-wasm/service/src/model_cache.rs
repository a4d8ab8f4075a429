//! Which model answers: the registry's champion, else the released one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use inference::Predictor;

use crate::database::Database;
use crate::host::Host;
use crate::loaded_model::LoadedModel;
use crate::problem::Problem;
use crate::store::{Resolved, Store, Stored};

/// How long the last look at the registry is believed. A promotion is picked up within this time and one request.
const MAX_AGE_US: u64 = 2_000_000;

/// How many models beside the champion are kept for `?model=`.
const CACHED_MODELS: usize = 4;

/// How many earlier champions are tried where the registry's cannot be served and none was before.
const MAX_FALLBACKS: usize = 8;

/// The models of one instance, ready to price.
#[derive(Debug, Default)]
pub(crate) struct ModelCache {
    current: RefCell<Option<Rc<LoadedModel>>>,
    looked_at_us: Cell<Option<u64>>,
    /// Why the registry's champion is not the one that answers.
    last_error: RefCell<Option<String>>,
    /// What was last said of an image that could not be loaded.
    last_image_error: RefCell<Option<String>>,
    others: RefCell<Vec<Rc<LoadedModel>>>,
}

impl ModelCache {
    /// The champion.
    ///
    /// # Errors
    ///
    /// [`Problem::NoModel`] where neither the registry nor the deployment holds a model that can be decoded.
    pub(crate) async fn current<D: Database>(
        &self,
        store: &Store<D>,
        host: &impl Host,
    ) -> Result<Rc<LoadedModel>, Problem> {
        let now_us = host.monotonic_us();
        let believed =
            self.looked_at_us.get().is_some_and(|at| now_us.saturating_sub(at) < MAX_AGE_US);
        let current = self.current.borrow().clone();
        match current {
            Some(current) if believed => Ok(current),
            current => {
                // Others go on with what there is while this request looks.
                self.looked_at_us.set(Some(now_us));
                self.look(current, store, host).await
            }
        }
    }

    /// Why the registry's champion is not the one that answers, if so.
    pub(crate) fn last_error(&self) -> Option<String> {
        self.last_error.borrow().clone()
    }

    /// A model by its id, a beginning of it, or `champion`.
    ///
    /// # Errors
    ///
    /// [`Problem::NoSuchModel`] for an id that is unknown, ambiguous or whose blob cannot be decoded.
    pub(crate) async fn named<D: Database>(
        &self,
        id: &str,
        store: &Store<D>,
        host: &impl Host,
    ) -> Result<Rc<LoadedModel>, Problem> {
        let champion = self.current(store, host).await;
        match champion {
            _ if id == "champion" => return champion,
            // The model that answers is known by its id even where the registry cannot be asked, or knows it not.
            Ok(champion) if champion.id == id => return Ok(champion),
            _ => {}
        }
        let no_such = |why| Problem::NoSuchModel { id: id.to_owned(), why };
        let full = full_id(id, store).await?;
        let known = self.others.borrow().clone();
        if let Some(loaded) = known.into_iter().find(|loaded| loaded.id == full) {
            return Ok(loaded);
        }
        let stored = store.stored(&full).await?.ok_or_else(|| no_such("is no model"))?;
        let loaded = self.serve(stored, store, host).await.map_err(|error| {
            host.log_error(&format!("a model cannot be served: {error}"));
            no_such("is damaged, or of a format that this build does not read")
        })?;
        let mut others = self.others.borrow_mut();
        // Another request may have decoded it meanwhile.
        others.retain(|other| other.id != loaded.id);
        others.insert(0, Rc::clone(&loaded));
        others.truncate(CACHED_MODELS);
        Ok(loaded)
    }

    /// What explains a model's prices. Its blob is decoded when this is first asked of a model that was loaded from an
    /// image.
    ///
    /// # Errors
    ///
    /// [`Problem::NoExplanation`] where the registry has no blob of the model, or a damaged one.
    pub(crate) async fn explainer<'a, D: Database>(
        &self,
        loaded: &'a LoadedModel,
        store: &Store<D>,
    ) -> Result<&'a Predictor, Problem> {
        if let Some(explainer) = loaded.explainer() {
            return Ok(explainer);
        }
        let no_explanation = |why| Problem::NoExplanation { model_id: loaded.id.clone(), why };
        let blob = store.blob(&loaded.id).await?;
        let blob = blob.ok_or_else(|| no_explanation("it is not in the registry".to_owned()))?;
        loaded.decode_explainer(&blob).map_err(no_explanation)
    }

    /// Looks at the registry and takes over its champion if it is a new one.
    async fn look<D: Database>(
        &self,
        current: Option<Rc<LoadedModel>>,
        store: &Store<D>,
        host: &impl Host,
    ) -> Result<Rc<LoadedModel>, Problem> {
        store.reopen_reader();
        let promoted = match self.promoted(current.as_ref(), store, host).await {
            Ok(promoted) => {
                self.last_error.replace(None);
                promoted
            }
            Err(error) => {
                if self.last_error.replace(Some(error.clone())).as_ref() != Some(&error) {
                    host.log_error(&format!("the registry's champion cannot be served: {error}"));
                }
                None
            }
        };
        // The last good one goes on; before there is any, the last champion that can be served, else the released one.
        let loaded = match promoted.or(current) {
            Some(loaded) => loaded,
            None if self.last_error().is_some() => {
                let before = self.before(store, host).await;
                before.or_else(|| released(host)).ok_or(Problem::NoModel)?
            }
            None => released(host).ok_or(Problem::NoModel)?,
        };
        self.current.replace(Some(Rc::clone(&loaded)));
        Ok(loaded)
    }

    /// The registry's champion; `None` where the registry has none.
    async fn promoted<D: Database>(
        &self,
        current: Option<&Rc<LoadedModel>>,
        store: &Store<D>,
        host: &impl Host,
    ) -> Result<Option<Rc<LoadedModel>>, String> {
        let known = current.map_or("", |current| &current.id);
        let stored = store.champion(known).await.map_err(|error| error.to_string())?;
        match (stored, current) {
            (None, _) => Ok(None),
            (Some(stored), Some(current)) if stored.id == current.id => {
                Ok(Some(Rc::clone(current)))
            }
            (Some(stored), _) => self.serve(stored, store, host).await.map(Some),
        }
    }

    /// The last champion before the present one that can be served.
    async fn before<D: Database>(
        &self,
        store: &Store<D>,
        host: &impl Host,
    ) -> Option<Rc<LoadedModel>> {
        for id in store.champions_before().await.ok()?.into_iter().take(MAX_FALLBACKS) {
            if let Ok(Some(stored)) = store.stored(&id).await
                && let Ok(loaded) = self.serve(stored, store, host).await
            {
                return Some(loaded);
            }
        }
        None
    }

    /// Loads a model's image, or decodes its blob where there is none that can be loaded.
    async fn serve<D: Database>(
        &self,
        Stored { id, image, blob }: Stored,
        store: &Store<D>,
        host: &impl Host,
    ) -> Result<Rc<LoadedModel>, String> {
        let blob = match (image.map(|image| LoadedModel::load_as(&id, &image)), blob) {
            (Some(Ok(loaded)), _) => return Ok(loaded),
            (Some(Err(error)), _) => {
                self.log_image_error(error, host);
                store.blob(&id).await.map_err(|error| error.to_string())?
            }
            (None, blob) => blob,
        };
        let blob = blob.ok_or_else(|| format!("model {id} is not in the registry"))?;
        LoadedModel::decode_as(&id, &blob)
    }

    /// Says once what is wrong with an image, however often it is tried.
    fn log_image_error(&self, error: String, host: &impl Host) {
        if self.last_image_error.borrow().as_ref() != Some(&error) {
            host.log_error(&format!("{error}; its blob is decoded instead"));
            self.last_image_error.replace(Some(error));
        }
    }
}

/// The id of the one model in the registry that begins with `id`.
///
/// # Errors
///
/// [`Problem::NoSuchModel`] where none does, or more than one.
pub(crate) async fn full_id<D: Database>(id: &str, store: &Store<D>) -> Result<String, Problem> {
    let no_such = |why| Problem::NoSuchModel { id: id.to_owned(), why };
    match store.resolve(id).await? {
        Resolved::One(full) => Ok(full),
        Resolved::Several => Err(no_such("is the beginning of several ids")),
        Resolved::None => Err(no_such("is no model")),
    }
}

fn released(host: &impl Host) -> Option<Rc<LoadedModel>> {
    let blob = host.released_model()?;
    LoadedModel::decode(&blob)
        .inspect_err(|error| {
            host.log_error(&format!("the released model cannot be served: {error}"));
        })
        .ok()
}
