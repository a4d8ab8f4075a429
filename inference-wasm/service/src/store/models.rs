//! The registry: models, and which of them is the champion.

use inference::{PriceLists, PricesIn, blob};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Store;
use crate::database::{Cells, Database, DatabaseError, Value};

/// A model of the registry without its blob.
#[derive(Debug, Serialize)]
pub(crate) struct ModelRow {
    pub(crate) id: String,
    pub(crate) family: String,
    pub(crate) name: Option<String>,
    pub(crate) created_at: String,
    pub(crate) champion: bool,
    pub(crate) promoted_at: Option<String>,
    pub(crate) metrics: Box<RawValue>,
    pub(crate) params: Box<RawValue>,
    pub(crate) dataset_sha256: Option<String>,
    pub(crate) split_sha256: Option<String>,
    pub(crate) seed: Option<i64>,
    pub(crate) blob_sha256: String,
    pub(crate) bytes: i64,
    pub(crate) nodes: i64,
    /// In what its prices are, where the blob can be read and says so.
    pub(crate) prices_in: Option<PricesIn>,
    pub(crate) price_lists: PriceLists,
}

/// A model of the registry as bytes.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) image: Option<Vec<u8>>,
    /// Only where there is no image.
    pub(crate) blob: Option<Vec<u8>>,
}

/// What a beginning of an id stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    One(String),
    None,
    Several,
}

impl<D: Database> Store<D> {
    /// The id of the champion, `None` before the first promotion.
    pub(crate) async fn champion_id(&self) -> Result<Option<String>, DatabaseError> {
        let rows = self.reader.query(CHAMPION, Vec::new()).await?;
        rows.into_iter().next().map(|row| Cells::from(row).text()).transpose()
    }

    /// The champions before the present one, the last first, once every rollback has taken back the promotion before
    /// it, as `trainer rollback` would go.
    pub(crate) async fn champions_before(&self) -> Result<Vec<String>, DatabaseError> {
        let mut rows = self.reader.query(LAST_PROMOTIONS, Vec::new()).await?;
        rows.reverse();
        let mut champions = Vec::new();
        for row in rows {
            let mut row = Cells::from(row);
            let id = row.text()?;
            if row.integer()? == 0 {
                champions.push(id);
            } else {
                champions.pop();
            }
        }
        champions.pop();
        champions.reverse();
        Ok(champions)
    }

    /// The champion, `None` before the first promotion. Where it is the one that is `known` already, it comes without its
    /// bytes.
    pub(crate) async fn champion(&self, known: &str) -> Result<Option<Stored>, DatabaseError> {
        let sql = format!(
            "SELECT promoted.model_id, {BYTES} FROM ({CHAMPION}) AS promoted
             LEFT JOIN models ON models.id = promoted.model_id AND models.id <> ?"
        );
        let rows = self.reader.query(&sql, vec![Value::Text(known.into())]).await?;
        rows.into_iter().next().map(|row| stored(row.into())).transpose()
    }

    /// A model.
    pub(crate) async fn stored(&self, id: &str) -> Result<Option<Stored>, DatabaseError> {
        let sql = format!("SELECT id, {BYTES} FROM models WHERE id = ?");
        let rows = self.reader.query(&sql, vec![Value::Text(id.into())]).await?;
        rows.into_iter().next().map(|row| stored(row.into())).transpose()
    }

    /// The blob of a model.
    pub(crate) async fn blob(&self, id: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
        let sql = "SELECT blob FROM models WHERE id = ?";
        let rows = self.reader.query(sql, vec![Value::Text(id.into())]).await?;
        rows.into_iter().next().map(|row| Cells::from(row).blob()).transpose()
    }

    /// Which model an id or a beginning of one stands for. Ids are hexadecimal, so anything else is none.
    pub(crate) async fn resolve(&self, id: &str) -> Result<Resolved, DatabaseError> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Resolved::None);
        }
        let id = id.to_ascii_lowercase();
        let sql = "SELECT id FROM models WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2";
        let mut rows = self.reader.query(sql, vec![Value::Text(id)]).await?.into_iter();
        Ok(match (rows.next(), rows.next()) {
            (None, _) => Resolved::None,
            (Some(row), None) => Resolved::One(Cells::from(row).text()?),
            (Some(_), Some(_)) => Resolved::Several,
        })
    }

    /// Every model, the newest first.
    pub(crate) async fn models(&self) -> Result<Vec<ModelRow>, DatabaseError> {
        let sql = format!("{MODELS} ORDER BY models.created_at DESC, models.id");
        let rows = self.reader.query(&sql, Vec::new()).await?;
        rows.into_iter().map(|row| model_row(row.into())).collect()
    }

    /// One model.
    pub(crate) async fn model(&self, id: &str) -> Result<Option<ModelRow>, DatabaseError> {
        let sql = format!("{MODELS} WHERE models.id = ?");
        let rows = self.reader.query(&sql, vec![Value::Text(id.into())]).await?;
        rows.into_iter().next().map(|row| model_row(row.into())).transpose()
    }
}

const CHAMPION: &str = "SELECT model_id FROM promotions ORDER BY seq DESC LIMIT 1";

const LAST_PROMOTIONS: &str =
    "SELECT model_id, rolls_back FROM promotions ORDER BY seq DESC LIMIT 1000";

/// What a model is served from; the blob only where there is no image. Whatever stands in an image's place comes as one,
/// to be refused as one.
const BYTES: &str = "CAST(image AS BLOB), CASE WHEN image IS NULL THEN blob END";

/// As much of the blob as `blob::HEADER_WITHIN`.
const MODELS: &str = "
SELECT models.id, family, name, created_at,
    models.id = (SELECT model_id FROM promotions ORDER BY seq DESC LIMIT 1),
    (SELECT max(promoted_at) FROM promotions WHERE model_id = models.id),
    metrics, params, dataset_sha256, split_sha256, seed, blob_sha256, blob_bytes, nodes,
    CAST(substr(blob, 1, 8192) AS BLOB)
FROM models";

fn stored(mut row: Cells) -> Result<Stored, DatabaseError> {
    Ok(Stored { id: row.text()?, image: row.optional_blob()?, blob: row.optional_blob()? })
}

fn model_row(mut row: Cells) -> Result<ModelRow, DatabaseError> {
    let mut model = ModelRow {
        id: row.text()?,
        family: row.text()?,
        name: row.optional_text()?,
        created_at: row.text()?,
        // NULL before the first promotion.
        champion: row.optional_integer()? == Some(1),
        promoted_at: row.optional_text()?,
        metrics: row.json()?,
        params: row.json()?,
        dataset_sha256: row.optional_text()?,
        split_sha256: row.optional_text()?,
        seed: row.optional_integer()?,
        blob_sha256: row.text()?,
        bytes: row.integer()?,
        nodes: row.integer()?,
        prices_in: None,
        price_lists: PriceLists::NONE,
    };
    if let Some(header) = blob::header(&row.blob()?) {
        model.prices_in = header.prices_in;
        model.price_lists = *header.encoder.price_lists();
    }
    Ok(model)
}
