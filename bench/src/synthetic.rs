//! Generates stones from the public data set: the same kinds in the same shares, carats to the hundredth as people weigh, the
//! other measures varied with them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use inference::ModelId;
use inference::features::FEATURE_NAMES;
use libsql::{Connection, params};

use crate::database;
use crate::dataset::{Dataset, Stone, split_mix};
use crate::programs::DataDir;

const SEED: u64 = 42;
/// Raised when rows are generated in another way.
const VERSION: u32 = 1;
/// Rows a transaction, and between two lines of progress.
const TRANSACTION_ROWS: u64 = 500_000;
const PREFIX: &str = "stones-";

/// The cached database of so many rows, or a new one: a minute for each four million rows.
pub(crate) fn data_dir(
    dataset: &Dataset,
    (data, champion): (&Path, &Path),
    cache: &Path,
    rows: u64,
) -> Result<DataDir> {
    let folder = cache.join(format!("{PREFIX}{}", id(data, rows)?));
    if folder.exists() {
        eprintln!("{rows} rows are cached in {}", folder.display());
        let cached = DataDir::at(folder);
        // The requests of the last run are of no use to this one.
        database::run(async {
            let connection = database::open(&cached.database()).await?;
            connection.execute("DELETE FROM requests", ()).await?;
            Ok(())
        })?;
        return Ok(cached);
    }
    // Gigabytes each, and useless with another schema or version.
    for entry in fs::read_dir(cache)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    let unfinished = DataDir::fresh(cache.join(format!("{PREFIX}unfinished")), data, champion)?;
    database::run(fill(&unfinished, dataset, rows))?;
    fs::rename(unfinished.folder(), &folder)?;
    Ok(DataDir::at(folder))
}

/// A hash of everything that decides the content of the file.
fn id(data: &Path, rows: u64) -> Result<String> {
    let mut content = format!("{VERSION} {SEED} {rows} ").into_bytes();
    for migration in migrations::MIGRATIONS {
        content.extend(migration.sql.as_bytes());
    }
    content.extend(fs::read(data).with_context(|| format!("{} cannot be read", data.display()))?);
    Ok(ModelId::of(&content).as_str().to_owned())
}

async fn fill(data_dir: &DataDir, dataset: &Dataset, rows: u64) -> Result<()> {
    let connection = database::open(&data_dir.database()).await?;
    // An unfinished file is thrown away, so durability does not matter yet.
    for pragma in ["journal_mode = OFF", "synchronous = OFF", "cache_size = -262144"] {
        connection.query(&format!("PRAGMA {pragma}"), ()).await?.next().await?;
    }
    // Sorting an index once at the end is faster than inserting into it row by row.
    let indexes = indexes(&connection).await?;
    for (name, _) in &indexes {
        connection.execute(&format!("DROP INDEX {name}"), ()).await?;
    }
    connection.execute("DELETE FROM diamonds", ()).await?;
    let insert = connection
        .prepare(
            "INSERT INTO diamonds (carat, cut, color, clarity, depth, \"table\", price, x, y, z, batch_id, row_sha256, copy)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT min(id) FROM ingestions), ?, 0)",
        )
        .await?;
    let mut state = SEED;
    let stones = dataset.stones.iter().cycle();
    connection.execute("BEGIN", ()).await?;
    for (stone, row) in stones.zip(1..=rows) {
        let synthetic = SyntheticStone::like(stone, &mut state);
        let diamond = &stone.diamond;
        let [depth, table, x, y, z] = synthetic.measures;
        insert.reset();
        insert
            .execute(params![
                synthetic.carat,
                diamond.cut.as_str(),
                diamond.color.as_str(),
                diamond.clarity.as_str(),
                depth,
                table,
                synthetic.price_usd,
                x,
                y,
                z,
                // As long as a hash.
                format!("{row:064x}"),
            ])
            .await?;
        if row % TRANSACTION_ROWS == 0 {
            eprintln!("{row} of {rows} rows");
            connection.execute("COMMIT", ()).await?;
            connection.execute("BEGIN", ()).await?;
        }
    }
    connection.execute("COMMIT", ()).await?;
    for (name, sql) in &indexes {
        eprintln!("creating the index {name}");
        connection.execute(sql, ()).await?;
    }
    connection.query("PRAGMA journal_mode = WAL", ()).await?.next().await?;
    Ok(())
}

/// The indexes on diamonds by name, each with its SQL.
async fn indexes(connection: &Connection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'diamonds' AND sql IS NOT NULL";
    let mut rows = connection.query(sql, ()).await?;
    let mut indexes = Vec::new();
    while let Some(row) = rows.next().await? {
        indexes.push((row.get(0)?, row.get(1)?));
    }
    Ok(indexes)
}

/// The numbers of a generated stone.
pub(crate) struct SyntheticStone {
    pub(crate) carat: f64,
    pub(crate) measures: [f64; 5],
    pub(crate) price_usd: f64,
}

impl SyntheticStone {
    /// Up to a tenth heavier or lighter than a real stone, and larger or smaller and dearer or cheaper with it.
    pub(crate) fn like(stone: &Stone, state: &mut u64) -> SyntheticStone {
        let mut jitter = |most: f64| {
            // 53 bits, from -most to most.
            let unit = (split_mix(state) >> 11) as f64 / (1_u64 << 53) as f64;
            1.0 + most * (2.0 * unit - 1.0)
        };
        let hundredths = |number: f64| (100.0 * number).round() / 100.0;
        let features = stone.features();
        let of = |name: &str| {
            let at = FEATURE_NAMES.iter().position(|other| *other == name);
            at.and_then(|at| features.values().get(at)).copied().unwrap_or_default()
        };
        let weight = jitter(0.1);
        let size = weight.cbrt();
        SyntheticStone {
            carat: hundredths(weight * stone.diamond.carat.carats()).max(0.2),
            measures: [
                hundredths(of("depth") * jitter(0.01)),
                (of("table") * jitter(0.02)).round(),
                hundredths(of("x") * size),
                hundredths(of("y") * size),
                hundredths(of("z") * size),
            ],
            price_usd: (stone.price_usd * weight.powf(1.7) * jitter(0.05)).round(),
        }
    }
}
