//! Generates stones from the public data set: the same kinds in the same shares, carats to the hundredth as people weigh, the
//! other measures varied with them.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Result;
use inference::Diamond;

use crate::dataset::{Dataset, split_mix};
use crate::programs::{DataDir, cached, run, trainer};

const SEED: u64 = 42;

/// The cached database of so many rows, or a new one: three minutes for ten million. Remove `target/bench` where the
/// data set or the way of generating has changed.
pub(crate) fn data_dir(dataset: &Dataset, rows: u64) -> Result<DataDir> {
    let data_dir = DataDir(cached(&format!("stones-{rows}")));
    if data_dir.0.exists() {
        eprintln!("{rows} rows are cached in {}", data_dir.0.display());
        run(trainer(data_dir.database())?.arg("migrate"))?;
        return Ok(data_dir);
    }
    let file = cached("stones.csv");
    write_rows(&file, dataset, rows)?;
    let unfinished = DataDir::fresh(cached("stones-unfinished"), &file)?;
    fs::remove_file(&file)?;
    fs::rename(&unfinished.0, &data_dir.0)?;
    Ok(data_dir)
}

/// Writes a CSV of generated rows: each stone up to a tenth heavier or lighter than a real one, and larger or smaller and
/// dearer or cheaper with it.
pub(crate) fn write_rows(file: &Path, dataset: &Dataset, rows: u64) -> Result<()> {
    eprintln!("generating {rows} rows");
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "carat,cut,color,clarity,depth,table,price,x,y,z")?;
    let mut state = SEED;
    // 53 bits, from 1 - most to 1 + most.
    let mut jitter = |most: f64| {
        let unit = (split_mix(&mut state) >> 11) as f64 / (1_u64 << 53) as f64;
        1.0 + most * (2.0 * unit - 1.0)
    };
    for (stone, row) in dataset.stones.iter().cycle().zip(0..rows) {
        let Diamond { cut, color, clarity, .. } = &stone.diamond;
        let [carat, _, _, _, depth, table, x, y, z, _] = *stone.features().values();
        let (weight, depth, table) = (jitter(0.1), depth * jitter(0.01), table * jitter(0.02));
        let size = weight.cbrt();
        let price = stone.price_usd * weight.powf(1.7) * jitter(0.05);
        writeln!(
            out,
            "{:.2},{},{},{},{depth:.2},{table:.0},{price:.0},{:.2},{:.2},{:.9}",
            (weight * carat).max(0.2),
            cut.as_str(),
            color.as_str(),
            clarity.as_str(),
            x * size,
            y * size,
            // Differences far below what any instrument measures, so that no two rows are equal.
            z * size + row as f64 * 1e-9
        )?;
    }
    Ok(out.flush()?)
}
