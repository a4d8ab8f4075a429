//! Which model answers: the registry's champion, else the released one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use inference::Predictor;

use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::served::Served;
use crate::store::{Resolved, Store, Stored};

/// How long the last look at the registry is believed. A promotion is picked up within this time and one request.
const BELIEVED_US: u64 = 2_000_000;

/// How many models beside the champion are kept for `?model=`.
const KEPT_BESIDE: usize = 4;

/// How many earlier champions are tried where the registry's cannot be served and none was before.
const TRIED_BEFORE: usize = 8;

/// The models of one instance, ready to price.
#[derive(Debug, Default)]
pub(crate) struct Champion {
    current: RefCell<Option<Rc<Served>>>,
    looked_at_us: Cell<Option<u64>>,
    /// Why the registry's champion is not the one that answers.
    trouble: RefCell<Option<String>>,
    /// What was last said of an image that could not be loaded.
    image_trouble: RefCell<Option<String>>,
    beside: RefCell<Vec<Rc<Served>>>,
}

impl Champion {
    /// The champion.
    ///
    /// # Errors
    ///
    /// [`Problem::NoModel`] where neither the registry nor the deployment holds a model that can be decoded.
    pub(crate) async fn current<D: Database>(
        &self,
        store: &Store<D>,
        host: &impl Host,
    ) -> Result<Rc<Served>, Problem> {
        let now_us = host.monotonic_us();
        let believed =
            self.looked_at_us.get().is_some_and(|at| now_us.saturating_sub(at) < BELIEVED_US);
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
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.borrow().clone()
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
    ) -> Result<Rc<Served>, Problem> {
        let champion = self.current(store, host).await;
        match champion {
            _ if id == "champion" => return champion,
            // The model that answers is known by its id even where the registry cannot be asked, or knows it not.
            Ok(champion) if champion.id == id => return Ok(champion),
            _ => {}
        }
        let no_such = |why| Problem::NoSuchModel { id: id.to_owned(), why };
        let full = full_id(id, store).await?;
        let known = self.beside.borrow().clone();
        if let Some(served) = known.into_iter().find(|served| served.id == full) {
            return Ok(served);
        }
        let stored = store.stored(&full).await?.ok_or_else(|| no_such("is no model"))?;
        let served = self.serve(stored, store, host).await.map_err(|error| {
            host.complain(&format!("a model cannot be served: {error}"));
            no_such("is damaged, or of a format that this build does not read")
        })?;
        let mut beside = self.beside.borrow_mut();
        // Another request may have decoded it meanwhile.
        beside.retain(|other| other.id != served.id);
        beside.insert(0, Rc::clone(&served));
        beside.truncate(KEPT_BESIDE);
        Ok(served)
    }

    /// What explains a model's prices. Its blob is decoded when this is first asked of a model that was loaded from an
    /// image.
    ///
    /// # Errors
    ///
    /// [`Problem::NoExplanation`] where the registry has no blob of the model, or a damaged one.
    pub(crate) async fn explainer<'a, D: Database>(
        &self,
        served: &'a Served,
        store: &Store<D>,
    ) -> Result<&'a Predictor, Problem> {
        if let Some(explainer) = served.explainer() {
            return Ok(explainer);
        }
        let no_explanation = |why| Problem::NoExplanation { model_id: served.id.clone(), why };
        let blob = store.blob(&served.id).await?;
        let blob = blob.ok_or_else(|| no_explanation("it is not in the registry".to_owned()))?;
        served.learn_to_explain(&blob).map_err(no_explanation)
    }

    /// Looks at the registry and takes over its champion if it is a new one.
    async fn look<D: Database>(
        &self,
        current: Option<Rc<Served>>,
        store: &Store<D>,
        host: &impl Host,
    ) -> Result<Rc<Served>, Problem> {
        store.look_afresh();
        let promoted = match self.promoted(current.as_ref(), store, host).await {
            Ok(promoted) => {
                self.trouble.replace(None);
                promoted
            }
            Err(trouble) => {
                if self.trouble.replace(Some(trouble.clone())).as_ref() != Some(&trouble) {
                    host.complain(&format!("the registry's champion cannot be served: {trouble}"));
                }
                None
            }
        };
        // The last good one goes on; before there is any, the last champion that can be served, else the released one.
        let served = match promoted.or(current) {
            Some(served) => served,
            None if self.trouble().is_some() => {
                let before = self.before(store, host).await;
                before.or_else(|| released(host)).ok_or(Problem::NoModel)?
            }
            None => released(host).ok_or(Problem::NoModel)?,
        };
        self.current.replace(Some(Rc::clone(&served)));
        Ok(served)
    }

    /// The registry's champion; `None` where the registry has none.
    async fn promoted<D: Database>(
        &self,
        current: Option<&Rc<Served>>,
        store: &Store<D>,
        host: &impl Host,
    ) -> Result<Option<Rc<Served>>, String> {
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
    async fn before<D: Database>(&self, store: &Store<D>, host: &impl Host) -> Option<Rc<Served>> {
        for id in store.champions_before().await.ok()?.into_iter().take(TRIED_BEFORE) {
            if let Ok(Some(stored)) = store.stored(&id).await
                && let Ok(served) = self.serve(stored, store, host).await
            {
                return Some(served);
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
    ) -> Result<Rc<Served>, String> {
        let blob = match (image.map(|image| Served::load_as(&id, &image)), blob) {
            (Some(Ok(served)), _) => return Ok(served),
            (Some(Err(trouble)), _) => {
                self.complain_of_image(trouble, host);
                store.blob(&id).await.map_err(|error| error.to_string())?
            }
            (None, blob) => blob,
        };
        let blob = blob.ok_or_else(|| format!("model {id} is not in the registry"))?;
        Served::decode_as(&id, &blob)
    }

    /// Says once what is wrong with an image, however often it is tried.
    fn complain_of_image(&self, trouble: String, host: &impl Host) {
        if self.image_trouble.borrow().as_ref() != Some(&trouble) {
            host.complain(&format!("{trouble}; its blob is decoded instead"));
            self.image_trouble.replace(Some(trouble));
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

fn released(host: &impl Host) -> Option<Rc<Served>> {
    let blob = host.released_model()?;
    Served::decode(&blob)
        .inspect_err(|error| {
            host.complain(&format!("the released model cannot be served: {error}"));
        })
        .ok()
}
