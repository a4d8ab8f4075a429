//! The `diamonds` table: the only SQL that writes or reads stones.

use std::collections::HashMap;
use std::path::Path;

use connection::{Connection, Row, Transaction, Value, params};
use inference::price_list::MAX_NAME_BYTES;
use inference::{Clarity, Color, Cut, Diamond, FieldValue, PriceList, PricesIn};

use crate::database::DatabaseError;
use data::DataError;
use data::dataset::{Dataset, RowsDigest};
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
    /// How many of the added rows list a stone that an earlier row lists under another price list.
    pub known_under_another_list: u64,
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
    pub(super) price_list: Option<PriceList>,
}

/// How long a [`StoredRow`] is in a temporary file.
pub(super) const ROW_BYTES: usize = LIST_AT + MAX_NAME_BYTES;

/// Where the price list is in it; before it are the identity, the grades and the numbers.
const LIST_AT: usize = 32 + 3 + 7 * size_of::<f64>();

/// Adds a delivery: its good rows, its bad ones with their reasons, and that it came, with what its prices are in.
///
/// # Errors
///
/// [`DataError::PricesIn`], and the database's own; the caller's transaction decides what is kept.
pub async fn ingest(
    transaction: &Transaction,
    delivery: &Delivery,
    prices_in: Option<PricesIn>,
) -> Result<Tally, StoreError> {
    let last_id = last_id(transaction).await?;
    let batch = record(transaction, &delivery.file, &delivery.sha256, prices_in).await?;
    let mut copies: HashMap<Identity, i64> = HashMap::new();
    let mut tally = Tally::default();
    for stones in delivery.stones.chunks(ROWS_PER_INSERT) {
        let mut values = Vec::with_capacity(stones.len() * VALUES);
        for (_, stone) in stones {
            let copy = copies.entry(stone.identity).and_modify(|copy| *copy += 1).or_insert(1);
            values.extend(StoredRow::of(stone).values(batch, *copy));
        }
        let added = transaction.execute(&insert_sql(stones.len()), values).await?;
        tally.added += added;
        tally.already_present += stones.len() as u64 - added;
    }
    if delivery.stones.iter().any(|(_, stone)| stone.diamond.price_list.is_some()) {
        tally.known_under_another_list = known_under_another_list(transaction, last_id).await?;
    }
    conclude(transaction, batch, delivery.read_count(), &delivery.rejected, tally).await?;
    Ok(tally)
}

/// How many values [`insert_sql`] takes for each row.
pub(super) const VALUES: usize = 14;

/// The statement that adds so many rows.
pub(super) fn insert_sql(rows: usize) -> String {
    format!(
        "INSERT INTO diamonds (carat, cut, color, clarity, depth, \"table\", price, x, y, z, price_list, batch_id, row_hash, copy) VALUES {} ON CONFLICT (row_hash, copy) DO NOTHING",
        vec!["(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"; rows].join(",")
    )
}

/// How many of the rows behind an id list a stone that an earlier row lists under another price list.
pub(super) async fn known_under_another_list(
    connection: &Connection,
    last_id: u64,
) -> Result<u64, connection::Error> {
    // The listings of a stone are the rows whose hash begins with the same 16 bytes.
    let sql = "SELECT count(*) FROM diamonds new WHERE id > ? AND price_list IS NOT NULL AND EXISTS ( \
         SELECT 1 FROM diamonds earlier \
         WHERE row_hash >= substr(new.row_hash, 1, 16) \
           AND row_hash <= CAST(substr(new.row_hash, 1, 16) || x'ffffffffffffffffffffffffffffffff' AS BLOB) \
           AND earlier.id < new.id AND lower(earlier.price_list) <> lower(new.price_list))";
    let count = connection.first(sql, [last_id.cast_signed()], |row| row.get(0)).await?;
    Ok(count.unwrap_or_default())
}

/// What the prices of the ingestions are in, where somebody said.
///
/// # Errors
///
/// The database's own.
pub async fn prices_in(connection: &Connection) -> Result<Option<PricesIn>, connection::Error> {
    let sql = "SELECT prices_in FROM ingestions WHERE prices_in IS NOT NULL LIMIT 1";
    let known: Option<String> = connection.first(sql, (), |row| row.get(0)).await?;
    Ok(known.and_then(|known| known.parse().ok()))
}

/// Notes that a delivery came and what its prices are in; returns its id.
///
/// # Errors
///
/// [`DataError::PricesIn`] where the prices so far are in something else.
pub(super) async fn record(
    transaction: &Transaction,
    file: &Path,
    sha256: &str,
    said: Option<PricesIn>,
) -> Result<i64, StoreError> {
    check_prices_in(transaction, file, said).await?;
    transaction
        .execute(
            "INSERT INTO ingestions (file, file_sha256, ingested_at, read, added, already_present, rejected, prices_in) VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'), 0, 0, 0, 0, ?)",
            params![
                file.display().to_string(),
                sha256,
                said.map_or(Value::Null, |said| said.to_string().into())
            ],
        )
        .await?;
    Ok(transaction.last_insert_rowid())
}

/// Checks that the prices of a file are in what those of the database are.
///
/// # Errors
///
/// [`DataError::PricesIn`], and the database's own.
pub async fn check_prices_in(
    connection: &Connection,
    file: &Path,
    said: Option<PricesIn>,
) -> Result<(), StoreError> {
    match (said, prices_in(connection).await?) {
        (Some(said), Some(known)) if said != known => {
            Err(DataError::PricesIn { file: file.to_owned(), said, known }.into())
        }
        _ => Ok(()),
    }
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
        let price_list = stone.diamond.price_list;
        StoredRow { identity: stone.identity, cut, color, clarity, numbers, price_list }
    }

    /// What the parameters of [`insert_sql`] are.
    pub(super) fn values(&self, batch: i64, copy: i64) -> [Value; VALUES] {
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
            self.price_list.map_or(Value::Null, |list| list.as_str().into()),
            batch.into(),
            self.identity.0.to_vec().into(),
            copy.into(),
        ]
    }

    /// The row for a temporary file.
    pub(super) fn to_bytes(self) -> [u8; ROW_BYTES] {
        let mut bytes = [0; ROW_BYTES];
        bytes[..32].copy_from_slice(&self.identity.0);
        let grades = [self.cut.ordinal(), self.color.ordinal(), self.clarity.ordinal()];
        bytes[32..35].copy_from_slice(&grades);
        for (slot, number) in bytes[35..LIST_AT].chunks_exact_mut(8).zip(self.numbers) {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        let name = self.price_list.as_ref().map_or("", PriceList::as_str);
        bytes[LIST_AT..][..name.len()].copy_from_slice(name.as_bytes());
        bytes
    }

    /// What [`Self::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: &[u8; ROW_BYTES]) -> StoredRow {
        let mut identity = [0; 32];
        identity.copy_from_slice(&bytes[..32]);
        let mut numbers = [0.0; 7];
        for (number, slot) in numbers.iter_mut().zip(bytes[35..LIST_AT].chunks_exact(8)) {
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
            // Behind a name, or where there is none, are zeros.
            price_list: std::str::from_utf8(&bytes[LIST_AT..])
                .ok()
                .and_then(|name| name.trim_end_matches('\0').parse().ok()),
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
    select(connection, source, ("true ORDER BY row_hash, copy LIMIT ?", limit), None).await
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
        "SELECT id, carat, cut, color, clarity, depth, \"table\", price, x, y, z, row_hash, price_list FROM diamonds WHERE {which}"
    );
    let mut rows = connection.query(&sql, [limit]).await?;
    let mut stones = Vec::new();
    while let Some(row) = rows.next().await? {
        if let Some(draw) = &draw
            && !draw.picks(identity(&row, 11)?)
        {
            continue;
        }
        let id: i64 = row.get(0)?;
        stones.push((id.cast_unsigned(), stone(&row, id)?));
    }
    let mut dataset = Dataset::of_table(source, stones);
    dataset.draw = draw;
    dataset.prices_in = prices_in(connection).await?;
    Ok(dataset)
}

fn stone(row: &Row, id: i64) -> Result<Stone, StoreError> {
    let (cut, color, clarity): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let list: Option<String> = row.get(12)?;
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
        "price_list" => list.as_deref().map_or(FieldValue::Absent, FieldValue::Text),
        _ => FieldValue::Absent,
    };
    let bad = |field: String, reason| StoreError::Data(DataError::BadStored { id, field, reason });
    let stone = Stone::parse(entry).map_err(|errors| {
        let first = errors.into_iter().next();
        let (field, reason) =
            first.map_or_else(Default::default, |error| (error.field.clone(), error.to_string()));
        bad(field, reason)
    })?;
    // The hash decides what trains and what is held out.
    if stone.identity != identity(row, 11)? {
        return Err(bad(String::from("row_hash"), String::from("is of another row")));
    }
    Ok(stone)
}

/// How many stones there are, and the hash of which they are: [`Dataset::len`] and [`Dataset::sha256`] without
/// reading more than the identities and the price lists.
///
/// # Errors
///
/// The database's own.
pub async fn summary(connection: &Connection) -> Result<(usize, [u8; 32]), connection::Error> {
    let mut rows = connection.query("SELECT row_hash FROM diamonds ORDER BY row_hash", ()).await?;
    let (mut count, mut digest) = (0, RowsDigest::default());
    while let Some(row) = rows.next().await? {
        digest.add(identity(&row, 0)?);
        count += 1;
    }
    let sql =
        "SELECT row_hash, price_list FROM diamonds WHERE price_list IS NOT NULL ORDER BY row_hash";
    let mut rows = connection.query(sql, ()).await?;
    while let Some(row) = rows.next().await? {
        if let Ok(list) = row.get_str(1)?.parse() {
            digest.add_list(identity(&row, 0)?, list);
        }
    }
    Ok((count, digest.finish()))
}

/// The identity in a column; what is not as long reads as 0.
fn identity(row: &Row, column: usize) -> Result<Identity, connection::Error> {
    let bytes: Vec<u8> = row.get(column)?;
    Ok(Identity(bytes.try_into().unwrap_or_default()))
}
