//! What the routes work with.

use std::rc::Rc;

use inference::Predictor;

use crate::champion::Champion;
use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::routes::Page;
use crate::served::Served;
use crate::store::Store;

/// The data set, the machine and the models of one instance.
#[derive(Debug)]
pub(crate) struct Workshop<D, H> {
    pub(crate) store: Store<D>,
    pub(crate) host: H,
    pub(crate) champion: Champion,
    pub(crate) page: Page,
}

impl<D: Database, H: Host> Workshop<D, H> {
    /// The model that answers.
    pub(crate) async fn champion(&self) -> Result<Rc<Served>, Problem> {
        self.champion.current(&self.store, &self.host).await
    }

    /// A model by its id, a beginning of it, or `champion`.
    pub(crate) async fn model(&self, id: &str) -> Result<Rc<Served>, Problem> {
        self.champion.named(id, &self.store, &self.host).await
    }

    /// What explains a model's prices.
    pub(crate) async fn explainer<'a>(&self, served: &'a Served) -> Result<&'a Predictor, Problem> {
        self.champion.explainer(served, &self.store).await
    }
}
