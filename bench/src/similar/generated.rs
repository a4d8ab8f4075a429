//! Ten million stones, made of the public table's: the same kinds in the same shares, carats to the hundredth as people
//! weigh, everything else jittered along.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use inference::ModelId;
use inference::features::FEATURE_NAMES;
use libsql::{Connection, params};

use crate::database;
use crate::programs::DataDir;
use crate::table::{Stone, Table, split_mix};

const SEED: u64 = 42;
/// Raised when rows are made in another way.
const MAKING: u32 = 1;
/// Rows a transaction, and between two words of progress.
const PORTION: u64 = 500_000;
/// What the names of the folders begin with.
const PREFIX: &str = "stones-";

/// The kept database of so many rows, or a new one: a minute for each four million rows.
pub(super) fn data_dir(
    table: &Table,
    (data, champion): (&Path, &Path),
    kept: &Path,
    rows: u64,
) -> Result<DataDir> {
    let folder = kept.join(format!("{PREFIX}{}", id(data, rows)?));
    if folder.exists() {
        eprintln!("{rows} rows are there already: {}", folder.display());
        let kept = DataDir::at(folder);
        // What the last run asked is of no use to this one.
        database::run(async {
            let connection = database::open(&kept.database()).await?;
            connection.execute("DELETE FROM requests", ()).await?;
            Ok(())
        })?;
        return Ok(kept);
    }
    // Gigabytes each; those of another schema or making nobody needs.
    for entry in fs::read_dir(kept)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    let unfinished = DataDir::fresh(kept.join(format!("{PREFIX}unfinished")), data, champion)?;
    database::run(fill(&unfinished, table, rows))?;
    fs::rename(unfinished.folder(), &folder)?;
    Ok(DataDir::at(folder))
}

/// Names everything that decides what is in the file.
fn id(data: &Path, rows: u64) -> Result<String> {
    let mut content = format!("{MAKING} {SEED} {rows} ").into_bytes();
    for migration in migrations::MIGRATIONS {
        content.extend(migration.sql.as_bytes());
    }
    content.extend(fs::read(data).with_context(|| format!("{} cannot be read", data.display()))?);
    Ok(ModelId::of(&content).as_str().to_owned())
}

async fn fill(data_dir: &DataDir, table: &Table, rows: u64) -> Result<()> {
    let connection = database::open(&data_dir.database()).await?;
    // A file that fails halfway is thrown away, so nothing needs to be safe meanwhile.
    for pragma in ["journal_mode = OFF", "synchronous = OFF", "cache_size = -262144"] {
        connection.query(&format!("PRAGMA {pragma}"), ()).await?.next().await?;
    }
    // An index of rows that are there is sorted at once, where one that is there for every row is searched for each.
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
    let stones = table.stones.iter().cycle();
    connection.execute("BEGIN", ()).await?;
    for (stone, row) in stones.zip(1..=rows) {
        let made = Made::like(stone, &mut state);
        let diamond = &stone.diamond;
        let [depth, table, x, y, z] = made.measures;
        insert.reset();
        insert
            .execute(params![
                made.carat,
                diamond.cut.as_str(),
                diamond.color.as_str(),
                diamond.clarity.as_str(),
                depth,
                table,
                made.price_usd,
                x,
                y,
                z,
                // As long as a hash.
                format!("{row:064x}"),
            ])
            .await?;
        if row % PORTION == 0 {
            eprintln!("{row} of {rows} rows");
            connection.execute("COMMIT", ()).await?;
            connection.execute("BEGIN", ()).await?;
        }
    }
    connection.execute("COMMIT", ()).await?;
    for (name, sql) in &indexes {
        eprintln!("making the index {name}");
        connection.execute(sql, ()).await?;
    }
    connection.query("PRAGMA journal_mode = WAL", ()).await?.next().await?;
    Ok(())
}

/// The stones' indexes by name, and how the schema makes them.
async fn indexes(connection: &Connection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'diamonds' AND sql IS NOT NULL";
    let mut rows = connection.query(sql, ()).await?;
    let mut indexes = Vec::new();
    while let Some(row) = rows.next().await? {
        indexes.push((row.get(0)?, row.get(1)?));
    }
    Ok(indexes)
}

/// What is told of a stone by numbers.
pub(crate) struct Made {
    pub(crate) carat: f64,
    pub(crate) measures: [f64; 5],
    pub(crate) price_usd: f64,
}

impl Made {
    /// Up to a tenth heavier or lighter than a real stone, and larger or smaller and dearer or cheaper with it.
    pub(crate) fn like(stone: &Stone, state: &mut u64) -> Made {
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
        Made {
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
