//! Promotes models and rolls promotions back.

use connection::{Row, params};
use serde_json::Value;

use super::{Registry, RegistryError, missing};
use crate::query::json;

/// One row of `promotions`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Promotion {
    pub(crate) seq: i64,
    /// The id of the model.
    pub model_id: String,
    /// When it was promoted.
    pub promoted_at: String,
    /// Why, in words.
    pub reason: String,
    /// Whether it takes the promotion before it back.
    pub rolls_back: bool,
    /// What the gate measured; `null` where no gate decided.
    #[serde(deserialize_with = "json")]
    pub evidence: Value,
}

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
    /// The id of the champion: the model that was promoted last.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn champion(&self) -> Result<Option<String>, RegistryError> {
        let sql = "SELECT model_id FROM promotions ORDER BY seq DESC LIMIT 1";
        Ok(self.connection.first(sql, (), |row| row.get(0)).await?)
    }

    /// Every promotion, oldest first.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn promotions(&self) -> Result<Vec<Promotion>, RegistryError> {
        let sql = "SELECT seq, model_id, promoted_at, reason, rolls_back, evidence FROM promotions ORDER BY seq";
        Ok(self.connection.all(sql, (), Row::record).await?)
    }

    /// Makes a model the champion.
    ///
    /// # Errors
    ///
    /// [`RegistryError::ChampionAlready`], or [`RegistryError::NoSuchModel`] where it was removed meanwhile.
    pub async fn promote(&self, id: &str, reason: &str) -> Result<(), RegistryError> {
        let (transaction, registry) = self.write().await?;
        if registry.champion().await?.as_deref() == Some(id) {
            return Err(RegistryError::ChampionAlready { id: id.to_owned() });
        }
        registry.by_id(id).await?.ok_or_else(|| missing(id))?;
        registry.insert_promotion(id, reason, false, None).await?;
        Ok(transaction.commit().await?)
    }

    /// What a rollback would do; `None` where there is no earlier champion.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NothingLeft`]
    pub async fn way_back(&self) -> Result<Option<Rollback>, RegistryError> {
        let mut champions = line(&self.promotions().await?);
        let Some(from) = champions.pop() else { return Ok(None) };
        let known = self.ids().await?;
        let mut passed_over = Vec::new();
        while let Some(id) = champions.pop() {
            if known.contains(&id) {
                return Ok(Some(Rollback { id, from, passed_over }));
            }
            passed_over.push(id);
        }
        if passed_over.is_empty() {
            return Ok(None);
        }
        Err(RegistryError::NothingLeft { removed: passed_over })
    }

    /// Makes the champion's predecessor the champion again. Twice in a row goes back twice. A predecessor whose model was
    /// removed is passed over: the history has a rollback to it too, so that every reader goes back by one promotion for
    /// each.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NothingBefore`], [`RegistryError::NothingLeft`]
    pub async fn rollback(&self) -> Result<Rollback, RegistryError> {
        let (transaction, registry) = self.write().await?;
        let back = registry.way_back().await?.ok_or(RegistryError::NothingBefore)?;
        for removed in &back.passed_over {
            let reason = "passed over by a rollback: its model was removed";
            registry.insert_promotion(removed, reason, true, None).await?;
        }
        let reason = format!("rolled back from {}", back.from);
        registry.insert_promotion(&back.id, &reason, true, None).await?;
        transaction.commit().await?;
        Ok(back)
    }

    pub(super) async fn insert_promotion(
        &self,
        id: &str,
        reason: &str,
        rolls_back: bool,
        evidence: Option<&Value>,
    ) -> Result<(), connection::Error> {
        let sql = "INSERT INTO promotions (model_id, promoted_at, reason, rolls_back, evidence) VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?, ?, ?)";
        let evidence = evidence.map(Value::to_string);
        self.connection.execute(sql, params![id, reason, rolls_back, evidence]).await?;
        Ok(())
    }
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
