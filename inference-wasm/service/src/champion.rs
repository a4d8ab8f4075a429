//! Which model answers: the registry's champion, else the released one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use inference::{ModelId, Predictor};

use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::store::{Resolved, Store};

/// How long the last look at the registry is believed. A promotion is picked up within this time and one request.
const BELIEVED_US: u64 = 2_000_000;

/// How many decoded models beside the champion are kept for `?model=`.
const KEPT_BESIDE: usize = 4;

/// How many earlier champions are tried where the registry's cannot be served and none was before.
const TRIED_BEFORE: usize = 8;

/// A decoded model under its name.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) id: String,
    pub(crate) predictor: Predictor,
}

impl Served {
    /// Decodes a blob; its name follows from its bytes.
    fn decode(blob: &[u8]) -> Result<Rc<Served>, String> {
        let predictor = Predictor::from_blob(blob).map_err(|error| error.to_string())?;
        Ok(Rc::new(Served { id: ModelId::of(blob).to_string(), predictor }))
    }
}

/// The decoded models of one instance.
#[derive(Debug, Default)]
pub(crate) struct Champion {
    current: RefCell<Option<Rc<Served>>>,
    looked_at_us: Cell<Option<u64>>,
    /// Why the registry's champion is not the one that answers.
    trouble: RefCell<Option<String>>,
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
        let blob = store.blob(&full).await?.ok_or_else(|| no_such("is no model"))?;
        let served = Served::decode(&blob).map_err(|error| {
            host.complain(&format!("model {full} cannot be served: {error}"));
            no_such("cannot be decoded by this build")
        })?;
        if served.id != full {
            host.complain(&format!(
                "model {full}: its blob is that of {}; run `trainer verify {full}`",
                served.id
            ));
            return Err(no_such("is damaged"));
        }
        let mut beside = self.beside.borrow_mut();
        // Another request may have decoded it meanwhile.
        beside.retain(|other| other.id != served.id);
        beside.insert(0, Rc::clone(&served));
        beside.truncate(KEPT_BESIDE);
        Ok(served)
    }

    /// Looks at the registry and takes over its champion if it is a new one.
    async fn look<D: Database>(
        &self,
        current: Option<Rc<Served>>,
        store: &Store<D>,
        host: &impl Host,
    ) -> Result<Rc<Served>, Problem> {
        store.look_afresh();
        let promoted = match self.promoted(current.as_ref(), store).await {
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
                let before = champion_before(store).await;
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
    ) -> Result<Option<Rc<Served>>, String> {
        let Some(id) = store.champion_id().await.map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        if let Some(current) = current.filter(|current| current.id == id) {
            return Ok(Some(Rc::clone(current)));
        }
        let blob = store.blob(&id).await.map_err(|error| error.to_string())?;
        let blob = blob.ok_or_else(|| format!("model {id} is promoted but not in the registry"))?;
        let served = Served::decode(&blob).map_err(|error| format!("model {id}: {error}"))?;
        if served.id == id {
            Ok(Some(served))
        } else {
            Err(format!("model {id}: its blob is that of {}; run `trainer verify {id}`", served.id))
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

/// The last champion before the present one that can be served.
async fn champion_before<D: Database>(store: &Store<D>) -> Option<Rc<Served>> {
    for id in store.champions_before().await.ok()?.into_iter().take(TRIED_BEFORE) {
        let blob = store.blob(&id).await.ok().flatten();
        let served = blob.and_then(|blob| Served::decode(&blob).ok());
        if let Some(served) = served.filter(|served| served.id == id) {
            return Some(served);
        }
    }
    None
}

fn released(host: &impl Host) -> Option<Rc<Served>> {
    let blob = host.released_model()?;
    Served::decode(&blob)
        .inspect_err(|error| {
            host.complain(&format!("the released model cannot be served: {error}"));
        })
        .ok()
}
