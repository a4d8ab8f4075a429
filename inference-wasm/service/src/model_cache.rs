//! The models of one instance, ready to price.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::loaded_model::LoadedModel;

/// How long the last look at the registry is believed. A promotion is picked up within this time and one request.
const MAX_AGE_US: u64 = 2_000_000;

/// How many models besides the champion are kept for `?model=`.
const CACHED_MODELS: usize = 4;

/// The models of one instance.
#[derive(Debug, Default)]
pub(crate) struct ModelCache {
    /// The model that answers.
    pub(crate) current: RefCell<Option<Rc<LoadedModel>>>,
    looked_at_us: Cell<Option<u64>>,
    /// Why the registry's champion is not the one that answers.
    pub(crate) last_error: RefCell<Option<String>>,
    /// What was last said of an image that could not be loaded.
    pub(crate) last_image_error: RefCell<Option<String>>,
    others: RefCell<Vec<Rc<LoadedModel>>>,
}

impl ModelCache {
    /// Whether it is time to look at the registry. One request is told so, and the others go on with what there is.
    pub(crate) fn is_due(&self, now_us: u64) -> bool {
        let is_recent = |at: u64| now_us.saturating_sub(at) < MAX_AGE_US;
        let is_due =
            self.current.borrow().is_none() || !self.looked_at_us.get().is_some_and(is_recent);
        if is_due {
            self.looked_at_us.set(Some(now_us));
        }
        is_due
    }

    /// Why the registry's champion is not the one that answers, if so.
    pub(crate) fn last_error(&self) -> Option<String> {
        self.last_error.borrow().clone()
    }

    /// One of the models that were kept for `?model=`.
    pub(crate) fn other(&self, id: &str) -> Option<Rc<LoadedModel>> {
        self.others.borrow().iter().find(|other| other.id == id).cloned()
    }

    /// Keeps a model for `?model=`.
    pub(crate) fn keep_other(&self, loaded: &Rc<LoadedModel>) {
        let mut others = self.others.borrow_mut();
        // Another request may have decoded it meanwhile.
        others.retain(|other| other.id != loaded.id);
        others.insert(0, Rc::clone(loaded));
        others.truncate(CACHED_MODELS);
    }
}
