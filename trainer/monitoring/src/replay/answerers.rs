//! Prices stones again with the models that answered, where the journal holds no answer.

use std::collections::BTreeMap;

use inference::{Diamond, Predictor};

use crate::traffic::Answer;
use registry::database::Database;
use registry::{Registry, RegistryError};

/// The models of the registry that were needed so far; `None` for one that is no longer there or cannot be used.
pub struct Answerers<'a> {
    database: &'a Database,
    models: BTreeMap<String, Option<Predictor>>,
}

impl<'a> Answerers<'a> {
    /// Models of a database, each read once.
    pub fn of(database: &'a Database) -> Answerers<'a> {
        Answerers { database, models: BTreeMap::new() }
    }

    /// What a model answered: the same to the bit, for it is the same model. `None` where it is gone.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn answer(
        &mut self,
        id: Option<&str>,
        diamond: &Diamond,
    ) -> Result<Option<Answer>, RegistryError> {
        let Some(id) = id else { return Ok(None) };
        if !self.models.contains_key(id) {
            let registry = Registry::new(self.database.connect().await?);
            let predictor = match registry.blob(id).await {
                Ok(blob) => Predictor::from_blob(&blob).ok(),
                Err(RegistryError::NoSuchModel { .. }) => None,
                Err(error) => return Err(error),
            };
            self.models.insert(id.to_owned(), predictor);
        }
        let predictor = self.models.get(id).and_then(Option::as_ref);
        Ok(predictor.and_then(|predictor| super::answer(predictor, diamond)))
    }
}
