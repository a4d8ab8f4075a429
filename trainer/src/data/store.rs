//! The `diamonds` table: the only SQL that writes or reads stones.

use std::collections::HashMap;

use inference::Entry;
use libsql::{Connection, Transaction, Value, params};

use super::DataError;
use super::dataset::Dataset;
use super::delivery::Delivery;
use super::stone::{Identity, Stone};
use crate::database::DatabaseError;

/// How many rows one INSERT carries: few enough for any server's parameter limit, many enough that a round trip
/// to a remote one hardly counts.
const ROWS_PER_INSERT: usize = 500;

/// What became of a delivery's good rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) added: u64,
    pub(crate) already_present: u64,
}

/// Why rows could not be read back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the database refused: {0}")]
    Refused(#[from] libsql::Error),
}

/// Adds a delivery: its good rows, its bad ones with their reasons, and that it came.
///
/// # Errors
///
/// The database's own; the caller's transaction decides what is kept.
pub(crate) async fn ingest(
    transaction: &Transaction,
    delivery: &Delivery,
) -> Result<Tally, libsql::Error> {
    let batch = record(transaction, delivery).await?;
    let mut copies: HashMap<Identity, i64> = HashMap::new();
    let mut tally = Tally::default();
    for stones in delivery.stones.chunks(ROWS_PER_INSERT) {
        let mut values = Vec::with_capacity(stones.len() * 13);
        for (_, stone) in stones {
            let copy = copies.entry(stone.identity).and_modify(|copy| *copy += 1).or_insert(1);
            values.extend(columns(stone, batch, *copy));
        }
        let sql = format!(
            "INSERT INTO diamonds (carat, cut, color, clarity, depth, \"table\", price, x, y, z, batch_id, row_sha256, copy) VALUES {} ON CONFLICT (row_sha256, copy) DO NOTHING",
            vec!["(?,?,?,?,?,?,?,?,?,?,?,?,?)"; stones.len()].join(",")
        );
        let added = transaction.execute(&sql, values).await?;
        tally.added += added;
        tally.already_present += stones.len() as u64 - added;
    }
    transaction
        .execute(
            "UPDATE ingestions SET added = ?, already_present = ? WHERE id = ?",
            params![tally.added, tally.already_present, batch],
        )
        .await?;
    Ok(tally)
}

/// Notes that a delivery came and which of its rows were refused; returns its id.
async fn record(transaction: &Transaction, delivery: &Delivery) -> Result<i64, libsql::Error> {
    transaction
        .execute(
            "INSERT INTO ingestions (file, file_sha256, ingested_at, read, added, already_present, rejected) VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?, 0, 0, ?)",
            params![
                delivery.file.display().to_string(),
                delivery.sha256.clone(),
                delivery.read_count() as u64,
                delivery.rejected.len() as u64
            ],
        )
        .await?;
    let batch = transaction.last_insert_rowid();
    let errors: Vec<Vec<Value>> = delivery
        .rejected
        .iter()
        .flat_map(|row| {
            row.errors.iter().map(move |error| {
                vec![
                    Value::from(batch),
                    Value::from(row.line.cast_signed()),
                    Value::from(error.field.clone()),
                    Value::from(error.value.clone()),
                    Value::from(error.message.clone()),
                ]
            })
        })
        .collect();
    for errors in errors.chunks(ROWS_PER_INSERT) {
        let sql = format!(
            "INSERT INTO rejections (ingestion_id, line, field, value, reason) VALUES {}",
            vec!["(?,?,?,?,?)"; errors.len()].join(",")
        );
        transaction.execute(&sql, errors.concat()).await?;
    }
    Ok(batch)
}

/// When and as what a file of this hash came before, and how many of its rows were added then, in words.
///
/// # Errors
///
/// The database's own.
pub(crate) async fn came_before(
    connection: &Connection,
    file_sha256: &str,
) -> Result<Option<String>, libsql::Error> {
    let sql = "SELECT ingested_at, file, added FROM ingestions WHERE file_sha256 = ? \
         ORDER BY added DESC, id LIMIT 1";
    let mut rows = connection.query(sql, [file_sha256]).await?;
    let Some(row) = rows.next().await? else { return Ok(None) };
    let (at, file, added): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(Some(format!("the same file came at {at} as {file}, and {added} rows were added then")))
}

fn columns(stone: &Stone, batch: i64, copy: i64) -> [Value; 13] {
    let [depth, table, x, y, z] = stone.measures();
    let diamond = &stone.diamond;
    [
        diamond.carat.carats().into(),
        diamond.cut.as_str().into(),
        diamond.color.as_str().into(),
        diamond.clarity.as_str().into(),
        depth.into(),
        table.into(),
        stone.price.usd().into(),
        x.into(),
        y.into(),
        z.into(),
        batch.into(),
        stone.identity.to_hex().into(),
        copy.into(),
    ]
}

/// Every stone of the table.
///
/// # Errors
///
/// [`StoreError::Data`] for a row that no ingest wrote.
pub(crate) async fn load(connection: &Connection, source: String) -> Result<Dataset, StoreError> {
    select(connection, source, ("id <= ? ORDER BY id", i64::MAX)).await
}

/// Every stone that the table held when this was its last id.
///
/// # Errors
///
/// As of [`load`].
pub(crate) async fn load_up_to(
    connection: &Connection,
    source: String,
    last_id: u64,
) -> Result<Dataset, StoreError> {
    select(connection, source, ("id <= ? ORDER BY id", last_id.cast_signed())).await
}

/// So many of the stones that came first.
///
/// # Errors
///
/// As of [`load`].
pub(crate) async fn load_first(
    connection: &Connection,
    source: String,
    rows: u64,
) -> Result<Dataset, StoreError> {
    select(connection, source, ("true ORDER BY id LIMIT ?", rows.cast_signed())).await
}

async fn select(
    connection: &Connection,
    source: String,
    (which, limit): (&str, i64),
) -> Result<Dataset, StoreError> {
    let sql = format!(
        "SELECT id, carat, cut, color, clarity, depth, \"table\", price, x, y, z FROM diamonds WHERE {which}"
    );
    let mut rows = connection.query(&sql, [limit]).await?;
    let mut stones = Vec::new();
    while let Some(row) = rows.next().await? {
        let id: i64 = row.get(0)?;
        stones.push((id.cast_unsigned(), stone(&row, id)?));
    }
    Ok(Dataset::of_table(source, stones))
}

fn stone(row: &libsql::Row, id: i64) -> Result<Stone, StoreError> {
    let (cut, color, clarity): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let number = |at: i32| -> Entry<'_> {
        match row.get_value(at) {
            Ok(Value::Real(number)) => Entry::Number(number),
            #[expect(clippy::cast_precision_loss, reason = "the schema stores these as REAL")]
            Ok(Value::Integer(number)) => Entry::Number(number as f64),
            Ok(other) => Entry::Other(format!("{other:?}")),
            Err(_) => Entry::Absent,
        }
    };
    let entry = |column: &str| match column {
        "carat" => number(1),
        "cut" => Entry::Text(&cut),
        "color" => Entry::Text(&color),
        "clarity" => Entry::Text(&clarity),
        "depth" => number(5),
        "table" => number(6),
        "price" => number(7),
        "x" => number(8),
        "y" => number(9),
        "z" => number(10),
        _ => Entry::Absent,
    };
    Stone::parse(entry).map_err(|errors| {
        let first = errors.into_iter().next();
        let (field, reason) =
            first.map_or_else(Default::default, |error| (error.field.clone(), error.to_string()));
        DataError::BadStored { id, field, reason }.into()
    })
}

/// How many stones there are, and the hash of which they are: [`Dataset::len`] and [`Dataset::sha256`] without
/// reading more than the identities.
///
/// # Errors
///
/// The database's own.
pub(crate) async fn summary(connection: &Connection) -> Result<(usize, [u8; 32]), libsql::Error> {
    let mut rows =
        connection.query("SELECT row_sha256 FROM diamonds ORDER BY row_sha256", ()).await?;
    let mut identities = Vec::new();
    while let Some(row) = rows.next().await? {
        identities.push(identity(&row.get::<String>(0)?));
    }
    Ok((identities.len(), super::dataset::digest(identities.into_iter())))
}

/// An identity from its hexadecimal digits; anything else reads as zeros, which no row has.
fn identity(digits: &str) -> Identity {
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte =
            digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or(0);
    }
    Identity(bytes)
}
