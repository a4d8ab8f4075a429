//! The `diamonds` table: the only SQL that writes or reads stones.

use std::collections::HashMap;
use std::path::Path;

use connection::{Connection, Row, Transaction, Value, params};
use inference::{Clarity, Color, Cut, Diamond, FieldValue};
use sha2::{Digest, Sha256};

use crate::database::DatabaseError;
use data::DataError;
use data::dataset::Dataset;
use data::delivery::{Delivery, Rejected};
use data::sample::Draw;
use data::stone::{Identity, Stone};

/// How many rows one INSERT carries: few enough for any server's parameter limit, many enough that a round trip
/// to a remote one hardly counts.
const ROWS_PER_INSERT: usize = 500;

/// What became of a delivery's good rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many rows were added.
    pub added: u64,
    /// How many rows were there already.
    pub already_present: u64,
}

/// Why rows could not be read back.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum StoreError {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the database refused: {0}")]
    Refused(#[from] connection::Error),
    #[error("rows cannot be sorted in the temporary folder: {0}; free some space or set TMPDIR")]
    Spill(std::io::Error),
}

/// A stone as the table keeps it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct StoredRow {
    pub(super) identity: Identity,
    cut: Cut,
    color: Color,
    clarity: Clarity,
    /// carat, depth, table, price, x, y, z.
    numbers: [f64; 7],
}

/// How long a [`StoredRow`] is in a temporary file.
pub(super) const ROW_BYTES: usize = 32 + 3 + 7 * size_of::<f64>();

/// Adds a delivery: its good rows, its bad ones with their reasons, and that it came.
///
/// # Errors
///
/// The database's own; the caller's transaction decides what is kept.
pub async fn ingest(
    transaction: &Transaction,
    delivery: &Delivery,
) -> Result<Tally, connection::Error> {
    let batch = record(transaction, &delivery.file, &delivery.sha256).await?;
    let mut copies: HashMap<Identity, i64> = HashMap::new();
    let mut tally = Tally::default();
    for stones in delivery.stones.chunks(ROWS_PER_INSERT) {
        let mut values = Vec::with_capacity(stones.len() * 13);
        for (_, stone) in stones {
            let copy = copies.entry(stone.identity).and_modify(|copy| *copy += 1).or_insert(1);
            values.extend(StoredRow::of(stone).values(batch, *copy));
        }
        let added = transaction.execute(&insert_sql(stones.len()), values).await?;
        tally.added += added;
        tally.already_present += stones.len() as u64 - added;
    }
    conclude(transaction, batch, delivery.read_count(), &delivery.rejected, tally).await?;
    Ok(tally)
}

/// The statement that adds so many rows.
pub(super) fn insert_sql(rows: usize) -> String {
    format!(
        "INSERT INTO diamonds (carat, cut, color, clarity, depth, \"table\", price, x, y, z, batch_id, row_sha256, copy) VALUES {} ON CONFLICT (row_sha256, copy) DO NOTHING",
        vec!["(?,?,?,?,?,?,?,?,?,?,?,?,?)"; rows].join(",")
    )
}

/// Notes that a delivery came; returns its id.
pub(super) async fn record(
    transaction: &Transaction,
    file: &Path,
    sha256: &str,
) -> Result<i64, connection::Error> {
    transaction
        .execute(
            "INSERT INTO ingestions (file, file_sha256, ingested_at, read, added, already_present, rejected) VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'), 0, 0, 0, 0)",
            params![file.display().to_string(), sha256],
        )
        .await?;
    Ok(transaction.last_insert_rowid())
}

/// Notes what became of a delivery and which of its rows were refused.
pub(super) async fn conclude(
    transaction: &Transaction,
    batch: i64,
    read: usize,
    rejected: &[Rejected],
    tally: Tally,
) -> Result<(), connection::Error> {
    let errors: Vec<Vec<Value>> = rejected
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
    transaction
        .execute(
            "UPDATE ingestions SET read = ?, added = ?, already_present = ?, rejected = ? WHERE id = ?",
            params![
                read as u64,
                tally.added,
                tally.already_present,
                rejected.len() as u64,
                batch
            ],
        )
        .await?;
    Ok(())
}

/// When and as what a file of this hash came before, and how many of its rows were added then, in words.
///
/// # Errors
///
/// The database's own.
pub async fn came_before(
    connection: &Connection,
    file_sha256: &str,
) -> Result<Option<String>, connection::Error> {
    let sql = "SELECT ingested_at, file, added FROM ingestions WHERE file_sha256 = ? \
         ORDER BY added DESC, id LIMIT 1";
    let in_words = |row: &Row| {
        let (at, file, added): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("the same file came at {at} as {file}, and {added} rows were added then"))
    };
    connection.first(sql, [file_sha256], in_words).await
}

/// How many stones there are.
///
/// # Errors
///
/// The database's own.
pub async fn count(connection: &Connection) -> Result<u64, connection::Error> {
    let sql = "SELECT count(*) FROM diamonds";
    Ok(connection.first(sql, (), |row| row.get(0)).await?.unwrap_or_default())
}

/// The id of the row that was added last; 0 where there is none.
pub(super) async fn last_id(connection: &Connection) -> Result<u64, connection::Error> {
    let sql = "SELECT coalesce(max(id), 0) FROM diamonds";
    Ok(connection.first(sql, (), |row| row.get(0)).await?.unwrap_or_default())
}

/// Drops the table's indexes, but for the one that keeps its rows unique; returns the statements that make them again.
pub(super) async fn take_indexes(
    connection: &Connection,
) -> Result<Vec<String>, connection::Error> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'diamonds' AND sql IS NOT NULL";
    let name_and_sql = |row: &Row| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
    let mut statements = Vec::new();
    for (name, sql) in connection.all(sql, (), name_and_sql).await? {
        connection.execute(&format!("DROP INDEX \"{name}\""), ()).await?;
        statements.push(sql);
    }
    Ok(statements)
}

impl StoredRow {
    pub(super) fn of(stone: &Stone) -> StoredRow {
        let [depth, table, x, y, z] = stone.measures();
        let Diamond { carat, cut, color, clarity, .. } = stone.diamond;
        let numbers = [carat.carats(), depth, table, stone.price.usd(), x, y, z];
        StoredRow { identity: stone.identity, cut, color, clarity, numbers }
    }

    /// What the parameters of [`insert_sql`] are.
    pub(super) fn values(&self, batch: i64, copy: i64) -> [Value; 13] {
        let [carat, depth, table, price, x, y, z] = self.numbers;
        [
            carat.into(),
            self.cut.as_str().into(),
            self.color.as_str().into(),
            self.clarity.as_str().into(),
            depth.into(),
            table.into(),
            price.into(),
            x.into(),
            y.into(),
            z.into(),
            batch.into(),
            self.identity.to_hex().into(),
            copy.into(),
        ]
    }

    /// The row for a temporary file.
    pub(super) fn to_bytes(self) -> [u8; ROW_BYTES] {
        let mut bytes = [0; ROW_BYTES];
        bytes[..32].copy_from_slice(&self.identity.0);
        let grades = [self.cut.ordinal(), self.color.ordinal(), self.clarity.ordinal()];
        bytes[32..35].copy_from_slice(&grades);
        for (slot, number) in bytes[35..].chunks_exact_mut(8).zip(self.numbers) {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// What [`Self::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: &[u8; ROW_BYTES]) -> StoredRow {
        let mut identity = [0; 32];
        identity.copy_from_slice(&bytes[..32]);
        let mut numbers = [0.0; 7];
        for (number, slot) in numbers.iter_mut().zip(bytes[35..].chunks_exact(8)) {
            let mut eight = [0; 8];
            eight.copy_from_slice(slot);
            *number = f64::from_le_bytes(eight);
        }
        StoredRow {
            identity: Identity(identity),
            cut: Cut::ALL[usize::from(bytes[32])],
            color: Color::ALL[usize::from(bytes[33])],
            clarity: Clarity::ALL[usize::from(bytes[34])],
            numbers,
        }
    }
}

/// Every stone of the table.
///
/// # Errors
///
/// [`StoreError::Data`] for a row that no ingest wrote.
pub async fn load(connection: &Connection, source: String) -> Result<Dataset, StoreError> {
    select(connection, source, ("id <= ? ORDER BY id", i64::MAX), None).await
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
    select(connection, source, ("id <= ? ORDER BY id", last_id.cast_signed()), None).await
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
    select(connection, source, ("true ORDER BY id LIMIT ?", rows.cast_signed()), None).await
}

/// So many of the stones, by the hashes of their contents: as good as a random draw, and the same ones every time.
///
/// # Errors
///
/// As of [`load`].
pub async fn load_some(
    connection: &Connection,
    source: String,
    rows: usize,
) -> Result<Dataset, StoreError> {
    let limit = i64::try_from(rows).unwrap_or(i64::MAX);
    select(connection, source, ("true ORDER BY row_sha256, copy LIMIT ?", limit), None).await
}

/// The stones of the table that are drawn. Others take no memory.
///
/// # Errors
///
/// [`StoreError::Data`] for a row that no ingest wrote.
pub async fn load_drawn(
    connection: &Connection,
    source: String,
    draw: Draw,
) -> Result<Dataset, StoreError> {
    select(connection, source, ("id <= ? ORDER BY id", i64::MAX), Some(draw)).await
}

async fn select(
    connection: &Connection,
    source: String,
    (which, limit): (&str, i64),
    draw: Option<Draw>,
) -> Result<Dataset, StoreError> {
    let sql = format!(
        "SELECT id, carat, cut, color, clarity, depth, \"table\", price, x, y, z, row_sha256 FROM diamonds WHERE {which}"
    );
    let mut rows = connection.query(&sql, [limit]).await?;
    let mut stones = Vec::new();
    while let Some(row) = rows.next().await? {
        if let Some(draw) = &draw
            && !draw.picks(identity(row.get_str(11)?))
        {
            continue;
        }
        let id: i64 = row.get(0)?;
        stones.push((id.cast_unsigned(), stone(&row, id)?));
    }
    let mut dataset = Dataset::of_table(source, stones);
    dataset.draw = draw;
    Ok(dataset)
}

fn stone(row: &Row, id: i64) -> Result<Stone, StoreError> {
    let (cut, color, clarity): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let number = |at: usize| -> FieldValue<'_> {
        match row.get(at) {
            Ok(number) => FieldValue::Number(number),
            Err(_) => FieldValue::Other(format!("{:?}", row.value(at))),
        }
    };
    let entry = |column: &str| match column {
        "carat" => number(1),
        "cut" => FieldValue::Text(&cut),
        "color" => FieldValue::Text(&color),
        "clarity" => FieldValue::Text(&clarity),
        "depth" => number(5),
        "table" => number(6),
        "price" => number(7),
        "x" => number(8),
        "y" => number(9),
        "z" => number(10),
        _ => FieldValue::Absent,
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
pub async fn summary(connection: &Connection) -> Result<(usize, [u8; 32]), connection::Error> {
    let mut rows =
        connection.query("SELECT row_sha256 FROM diamonds ORDER BY row_sha256", ()).await?;
    let (mut count, mut hasher) = (0, Sha256::new());
    while let Some(row) = rows.next().await? {
        hasher.update(identity(row.get_str(0)?).0);
        count += 1;
    }
    Ok((count, hasher.finalize().into()))
}

/// An identity from its hexadecimal digits; what is none reads as 0.
fn identity(digits: &str) -> Identity {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => 0,
    };
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0]) << 4 | digit(pair[1]);
    }
    Identity(bytes)
}
