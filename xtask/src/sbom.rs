//! Writes a bill of materials for everything that is published: CycloneDX documents in `target/sbom`.
//!
//! A document gives the version, licence, source and SHA-256 (from Cargo.lock) of every crate that is compiled in. Crates
//! that only run while compiling are left out. Nothing in a document depends on when or where it was written: the same
//! sources give the same bytes. The format: <https://cyclonedx.org/docs/1.5/json/>.
//!
//! Not cargo-cyclonedx: every fresh clone would have to compile it, and it knows neither the C and C++ libraries inside
//! crates nor the npm packages.

mod bill;
mod bundled;
mod tree;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value as Json;

use self::bill::{Bill, Root};
use self::tree::Tree;
use crate::cargo::{BROWSER, WASIP2};
use crate::stamp::Stamp;
use crate::steps::{Steps, ask};
use crate::workspace::Workspace;
use crate::{node, repo};

/// What is published.
const PRODUCTS: [Product; 4] = [
    Product { name: "inference_wasm", root: "inference-wasm" },
    Product { name: "loupe-diamonds", root: "browser" },
    Product { name: "trainer", root: "trainer" },
    Product { name: "edge-host", root: "edge-host" },
];

struct Product {
    /// The name of the document.
    name: &'static str,
    /// The crate that is compiled.
    root: &'static str,
}

impl Product {
    fn target(&self) -> Result<String> {
        match self.root {
            "inference-wasm" => Ok(WASIP2.into()),
            "browser" => Ok(BROWSER.into()),
            _ => machine(),
        }
    }

    /// The npm package has another name than the crate inside it.
    fn is_npm(&self) -> bool {
        self.root == "browser"
    }

    fn bill(&self) -> Result<Bill> {
        let workspace = Workspace::read()?;
        // Crates that are built together share their features.
        let native = workspace.native();
        let built = if native.contains(&self.root) { native } else { vec![self.root] };
        let tree = Tree::of(self.root, &built, &self.target()?)?;
        let root = if self.is_npm() { Root::npm(self.name) } else { Root::of_crate(self.name) };
        let mut bill = Bill::of(&tree, &root)?;
        if self.is_npm() {
            bill.add_npm(&npm_packages()?)?;
        }
        Ok(bill)
    }
}

/// Writes the documents where their inputs have changed.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    let mut inputs: Vec<PathBuf> = ["Cargo.lock", "xtask/src/sbom.rs", "xtask/src/sbom"]
        .into_iter()
        .chain(["inference-wasm/browser/package.json", "inference-wasm/browser/package-lock.json"])
        .map(repo::at)
        .collect();
    let packages = Workspace::read()?.packages;
    inputs.extend(packages.iter().map(|package| package.folder.join("Cargo.toml")));
    let stamp = Stamp::of("sbom", &inputs)?;
    let folder = repo::target().join("sbom");
    let files = PRODUCTS.map(|product| folder.join(format!("{}.cdx.json", product.name)));
    if stamp.is_current(&files) {
        return Ok(());
    }
    stamp.remove()?;
    steps.take("bills of materials", |_| {
        fs::create_dir_all(&folder)?;
        for (product, file) in PRODUCTS.iter().zip(&files) {
            let document = serde_json::to_string_pretty(&product.bill()?.document())?;
            fs::write(file, document + "\n")
                .with_context(|| format!("{} cannot be written", file.display()))?;
        }
        Ok(())
    })?;
    stamp.write()
}

/// The target of this machine.
fn machine() -> Result<String> {
    let answer = ask(Command::new("rustc").current_dir(repo::root()).arg("-vV"))?;
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV does not say its host")?.to_owned())
}

/// npm's own document about the dependencies of the npm package.
fn npm_packages() -> Result<Json> {
    let mut sbom = node::npm("inference-wasm/browser");
    sbom.args(["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"]);
    Ok(serde_json::from_str(&ask(&mut sbom)?)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The crates that a bill lists, each with its version.
    fn listed(document: &Json) -> BTreeSet<(String, String)> {
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        let components = document["components"].as_array().unwrap();
        components
            .iter()
            .filter(|component| component["purl"].as_str().unwrap().starts_with("pkg:cargo/"))
            .map(|component| (text(&component["name"]), text(&component["version"])))
            .collect()
    }

    #[test]
    fn every_crate_that_is_compiled_in_is_listed() {
        for product in &PRODUCTS {
            let document = product.bill().unwrap().document();
            let mut listed = listed(&document);
            listed.insert((product.root.to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
            // A second opinion, by another command of Cargo's than the bill's own.
            let left_out =
                tree::required_but_not(&listed, product.root, &product.target().unwrap()).unwrap();
            assert_eq!(left_out, [] as [String; 0], "{}", product.name);
            // Only the host does not know what it serves.
            let inference = ("inference".into(), env!("CARGO_PKG_VERSION").into());
            assert_eq!(listed.contains(&inference), product.root != "edge-host");
        }
    }

    #[test]
    fn a_bill_is_whole() {
        for product in &PRODUCTS {
            let document = product.bill().unwrap().document();
            let root = document["metadata"]["component"]["bom-ref"].as_str().unwrap();
            let mut refs = BTreeSet::from([root]);
            for component in document["components"].as_array().unwrap() {
                assert!(refs.insert(component["bom-ref"].as_str().unwrap()), "{component} twice");
                assert_ne!(component["licenses"][0]["expression"], Json::Null, "{component}");
                let is_ours = component["version"] == env!("CARGO_PKG_VERSION")
                    && component.get("externalReferences").is_none();
                let is_bundled = component["purl"].as_str().unwrap().starts_with("pkg:generic/");
                let hash = component["hashes"][0]["content"].as_str();
                assert!(
                    is_ours || is_bundled || hash.is_some_and(|hash| hash.len() == 64),
                    "{component}"
                );
            }
            let dependencies = document["dependencies"].as_array().unwrap();
            let described: BTreeSet<&str> =
                dependencies.iter().map(|entry| entry["ref"].as_str().unwrap()).collect();
            assert_eq!(described, refs, "{}", product.name);
            for entry in dependencies {
                let on = entry["dependsOn"].as_array().unwrap();
                assert!(on.iter().all(|on| refs.contains(on.as_str().unwrap())), "{entry}");
            }
        }
    }

    #[test]
    fn a_bill_is_the_same_at_every_run() {
        let product = &PRODUCTS[1];
        assert_eq!(product.bill().unwrap().document(), product.bill().unwrap().document());
    }
}
