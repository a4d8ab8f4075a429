//! Measures how large the files are that are deployed, downloaded or published. All of them must have been built.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::blob_size::compressed;
use crate::programs::read;
use crate::report::{Report, Table};

/// Files that are served or loaded by themselves.
const FILES: [(&str, &str); 5] = [
    ("component, after wasm-opt", "target/wasm32-wasip2/edge/inference_wasm.wasm"),
    ("browser wasm", "npm/loupe-diamonds/wasm/loupe_bg.wasm"),
    ("browser wasm that reads tables", "npm/loupe-diamonds/wasm/table_bg.wasm"),
    ("champion", "models/champion.loupe"),
    ("samples", "models/samples.loupe"),
];
const PACKAGE: &str = "npm";
const PAGE: &str = "web-demo/dist";

/// What a page loads to predict: a package and how it is imported, the wasm, and the modules that the import brings.
const IMPORTS: [[&str; 4]; 4] = [
    [
        "npm/loupe-diamonds",
        "",
        "wasm/loupe_bg.wasm",
        "index.js errors.js file.js loupe.js node.js sample-index.js starter.js table.js wasm.js wasm/loupe.js wasm/table.js",
    ],
    [
        "bench/browser/node_modules/ydf-inference",
        " with jszip",
        "dist/inference.wasm",
        "dist/inference.js ../jszip/dist/jszip.min.js",
    ],
    [
        "bench/browser/node_modules/onnxruntime-web",
        ", `onnxruntime-web/wasm`",
        "dist/ort-wasm-simd-threaded.wasm",
        "dist/ort.wasm.bundle.min.mjs",
    ],
    [
        "bench/browser/node_modules/onnxruntime-web",
        ", by its own name",
        "dist/ort-wasm-simd-threaded.jsep.wasm",
        "dist/ort.bundle.min.mjs",
    ],
];

pub(crate) fn measure() -> Result<Report> {
    let about = "Bytes of what is deployed, downloaded or published";
    Ok(Report::new(about, [deployed()?, imported()?]))
}

fn deployed() -> Result<Table> {
    let mut rows = Vec::new();
    for (name, file) in FILES {
        let file = Path::new(file);
        rows.push((name, Some(bytes(file)?), compressed("gzip", file)?, None));
    }
    let tarball = files(Path::new(PACKAGE))?.into_iter().find(|file| has_ending(file, "tgz"));
    let tarball = tarball.context("the npm package has not been built")?;
    rows.push(("npm package with the champion and the samples", None, bytes(&tarball)?, None));
    let page = files(Path::new(PAGE))?;
    let plain = || page.iter().filter(|file| !has_ending(file, "gz") && !has_ending(file, "br"));
    // A file that would not become smaller has no compressed copy.
    let sent = |ending: &str| -> Result<u64> {
        let copy = |file: &PathBuf| PathBuf::from(format!("{}.{ending}", file.display()));
        plain().map(|file| bytes(&copy(file)).or_else(|_| bytes(file))).sum()
    };
    let page_bytes = plain().map(|file| bytes(file)).sum::<Result<u64>>()?;
    let page = "page at `/`, with wasm, model and samples";
    rows.push((page, Some(page_bytes), sent("gz")?, Some(sent("br")?)));
    Ok(Table::new(
        "sizes",
        rows,
        &[
            ("name", "files", &|row| row.0.into()),
            ("bytes", "bytes", &|row| row.1.into()),
            ("gzip_bytes", "gzip -9", &|row| row.2.into()),
            ("brotli_bytes", "brotli", &|row| row.3.into()),
        ],
    ))
}

fn imported() -> Result<Table> {
    let rows = IMPORTS.iter().map(|[package, how, wasm, scripts]| {
        let gzip = |file: &str| compressed("gzip", &Path::new(package).join(file));
        let manifest: Value =
            serde_json::from_slice(&read(Path::new(package).join("package.json"))?)?;
        let text = |key: &str| manifest[key].as_str().unwrap_or_default().to_owned();
        let name = format!("{} {}{how}", text("name"), text("version"));
        let model = package.starts_with("npm/").then(|| gzip("champion.loupe")).transpose()?;
        let scripts = scripts.split(' ').map(gzip).sum::<Result<u64>>()?;
        Ok((name, gzip(wasm)?, scripts, model))
    });
    Ok(Table::new(
        "imports",
        rows.collect::<Result<Vec<_>>>()?,
        &[
            ("name", "to predict in a page, bytes after gzip -9", &|row| row.0.as_str().into()),
            ("gzip_wasm_bytes", "wasm", &|row| row.1.into()),
            ("gzip_scripts_bytes", "scripts", &|row| row.2.into()),
            ("gzip_model_bytes", "model", &|row| row.3.into()),
        ],
    ))
}

fn bytes(file: &Path) -> Result<u64> {
    Ok(file.metadata().with_context(|| format!("{} cannot be read", file.display()))?.len())
}

fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|extension| extension == ending)
}

/// All files of a folder and its folders.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read; build everything first", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
