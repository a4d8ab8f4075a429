//! Promotes models and rolls promotions back.

use std::collections::HashSet;

use libsql::Connection;
use serde_json::Value;

use super::rows::{champion, insert_promotion, insert_rollback, is_registered, promotions};
use super::{Promotion, Registry, RegistryError};
use crate::database;

/// What a run found about promoting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The model to promote.
    pub id: String,
    /// The champion it was compared with.
    pub against: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// What the gate measured.
    pub evidence: Value,
}

/// Who became champion again, and who was left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// The model that is champion again.
    pub id: String,
    /// The champion until then.
    pub from: String,
    /// Champions between the two whose models are no longer there.
    pub passed_over: Vec<String>,
}

impl Registry {
    /// Makes a model the champion.
    ///
    /// # Errors
    ///
    /// [`RegistryError::ChampionAlready`], or [`RegistryError::NoSuchModel`] where it was removed meanwhile.
    pub async fn promote(&self, id: &str, reason: &str) -> Result<(), RegistryError> {
        let transaction = database::write(&self.connection).await?;
        if champion(&transaction).await?.as_deref() == Some(id) {
            return Err(RegistryError::ChampionAlready { id: id.to_owned() });
        }
        if !is_registered(&transaction, id).await? {
            return Err(RegistryError::NoSuchModel { asked: id.to_owned(), known: Vec::new() });
        }
        insert_promotion(&transaction, id, reason, None).await?;
        Ok(transaction.commit().await?)
    }

    /// What a rollback would do; `None` where there is no earlier champion.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NothingLeft`]
    pub async fn way_back(&self) -> Result<Option<Rollback>, RegistryError> {
        way_back(&self.connection).await
    }

    /// Makes the champion's predecessor the champion again. Twice in a row goes back twice. A predecessor whose model was
    /// removed is passed over: the history has a rollback to it too, so that every reader goes back by one promotion for
    /// each.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NothingBefore`], [`RegistryError::NothingLeft`]
    pub async fn rollback(&self) -> Result<Rollback, RegistryError> {
        let transaction = database::write(&self.connection).await?;
        let back = way_back(&transaction).await?.ok_or(RegistryError::NothingBefore)?;
        for removed in &back.passed_over {
            let reason = "passed over by a rollback: its model was removed";
            insert_rollback(&transaction, removed, reason).await?;
        }
        insert_rollback(&transaction, &back.id, &format!("rolled back from {}", back.from)).await?;
        transaction.commit().await?;
        Ok(back)
    }
}

async fn way_back(connection: &Connection) -> Result<Option<Rollback>, RegistryError> {
    let mut champions = line(&promotions(connection).await?);
    let mut removed = HashSet::new();
    for id in &champions {
        if !is_registered(connection, id).await? {
            removed.insert(id.clone());
        }
    }
    let Some(from) = champions.pop() else { return Ok(None) };
    let mut passed_over = Vec::new();
    while let Some(id) = champions.pop() {
        if !removed.contains(&id) {
            return Ok(Some(Rollback { id, from, passed_over }));
        }
        passed_over.push(id);
    }
    if passed_over.is_empty() {
        return Ok(None);
    }
    Err(RegistryError::NothingLeft { removed: passed_over })
}

/// The champions up to the present one, once every rollback has taken back the promotion before it.
pub(super) fn line(promotions: &[Promotion]) -> Vec<String> {
    let mut champions = Vec::new();
    for promotion in promotions {
        if promotion.rolls_back {
            champions.pop();
        } else {
            champions.push(promotion.model_id.clone());
        }
    }
    champions
}
