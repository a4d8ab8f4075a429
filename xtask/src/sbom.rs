//! Writes a bill of materials for everything that is published: CycloneDX documents in `target/sbom`.
//!
//! A document gives the version, licence, source and SHA-256 (from Cargo.lock) of every crate that is compiled in. Crates
//! that only run while compiling are left out. Nothing in a document depends on when or where it was written: the same
//! sources give the same bytes. The format: <https://cyclonedx.org/docs/1.5/json/>.
//!
//! Not cargo-cyclonedx: every fresh clone would have to compile it, and it does not know the C and C++ libraries inside
//! crates.

mod bundled;
mod crates;
mod tree;

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};

use self::bundled::BUNDLED;
use self::crates::{component, purl};
use crate::cargo::{BROWSER, WASIP2};
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{repo, stamp};

/// The target of this machine, as Cargo calls it.
const MACHINE: &str = "host-tuple";

const OUR_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is published.
const PRODUCTS: [Product; 4] = [
    Product { name: "inference_wasm", root: "inference-wasm", second: None, target: WASIP2 },
    Product {
        name: "loupe-diamonds",
        root: "browser",
        second: Some("browser-table"),
        target: BROWSER,
    },
    Product { name: "trainer", root: "trainer", second: None, target: MACHINE },
    Product { name: "edge-host", root: "edge-host", second: None, target: MACHINE },
];

struct Product {
    /// The name of the document.
    name: &'static str,
    /// The crate that is compiled.
    root: &'static str,
    /// A crate that is compiled by itself and published with it.
    second: Option<&'static str>,
    target: &'static str,
}

impl Product {
    /// The document: a root, its components and their dependencies.
    fn document(&self) -> Result<Json> {
        let workspace = Workspace::read()?;
        // Crates that are built together share their features.
        let native = workspace.native();
        let built = if native.contains(&self.root) { native } else { vec![self.root] };
        let root_crate = (self.root.to_owned(), OUR_VERSION.to_owned());
        let mut tree = tree::of(&root_crate, &built, self.target)?;
        if let Some(second) = self.second {
            let second_crate = (second.to_owned(), OUR_VERSION.to_owned());
            for (package, needed) in tree::of(&second_crate, &[second], self.target)? {
                tree.entry(package).or_default().extend(needed);
            }
            tree.entry(root_crate.clone()).or_default().insert(second_crate);
        }
        let described = crates::components()?;

        // The npm package has another name than the crate inside it. It needs no other npm package.
        let is_npm = self.target == BROWSER;
        let (kind, place) =
            if is_npm { ("library", "npm") } else { ("application", "generic/loupe") };
        let root_purl = format!("pkg:{place}/{}@{OUR_VERSION}", self.name);
        let mut root = component(kind, &root_purl, self.name, OUR_VERSION);
        // By their references, so that they stand in one order.
        let mut components = BTreeMap::new();
        let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (package, needed) in &tree {
            let component = described.get(package);
            let component =
                component.with_context(|| format!("cargo metadata lacks {}", package.0))?;
            let licenses = &component["licenses"];
            ensure!(licenses[0]["expression"].is_string(), "{} has no licence", package.0);
            let needed = needed.iter().map(purl).collect();
            if *package == root_crate {
                root["licenses"] = licenses.clone();
                needs.insert(root_purl.clone(), needed);
            } else {
                components.insert(purl(package), component.clone());
                needs.insert(purl(package), needed);
            }
        }
        for library in &BUNDLED {
            let (name, version) = library.inside;
            if let Some(needed) = needs.get_mut(&purl(&(name.into(), version.into()))) {
                needed.push(library.purl());
                needs.insert(library.purl(), Vec::new());
                components.insert(library.purl(), library.component());
            }
        }
        let needs = needs.iter().map(|(from, on)| json!({ "ref": from, "dependsOn": on }));
        Ok(json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": { "component": root },
            "components": components.values().collect::<Vec<_>>(),
            "dependencies": needs.collect::<Vec<_>>(),
        }))
    }
}

/// Writes the documents where their inputs have changed.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    let mut inputs = ["Cargo.lock", "xtask/src/sbom.rs", "xtask/src/sbom"].map(repo::at).to_vec();
    let packages = Workspace::read()?.packages;
    inputs.extend(packages.iter().map(|package| package.folder.join("Cargo.toml")));
    let folder = repo::target().join("sbom");
    let files = PRODUCTS.map(|product| folder.join(format!("{}.cdx.json", product.name)));
    stamp::unless_current("sbom", &inputs, &files, || {
        steps.take("bills of materials", |_| {
            fs::create_dir_all(&folder)?;
            for (product, file) in PRODUCTS.iter().zip(&files) {
                let document = serde_json::to_string_pretty(&product.document()?)?;
                fs::write(file, document + "\n")
                    .with_context(|| format!("{} cannot be written", file.display()))?;
            }
            Ok(())
        })
    })
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
            let document = product.document().unwrap();
            let mut listed = listed(&document);
            listed.insert((product.root.to_owned(), OUR_VERSION.to_owned()));
            // A second opinion, by another command of Cargo's than the bill's own.
            let left_out = tree::required_but_not(&listed, product.root, product.target).unwrap();
            assert_eq!(left_out, [] as [String; 0], "{}", product.name);
            // Only the host does not know what it serves.
            let inference = ("inference".into(), OUR_VERSION.into());
            assert_eq!(listed.contains(&inference), product.root != "edge-host");
        }
    }

    #[test]
    fn a_bill_is_whole() {
        for product in &PRODUCTS {
            let document = product.document().unwrap();
            let root = document["metadata"]["component"]["bom-ref"].as_str().unwrap();
            let mut refs = BTreeSet::from([root]);
            for component in document["components"].as_array().unwrap() {
                assert!(refs.insert(component["bom-ref"].as_str().unwrap()), "{component} twice");
                assert_ne!(component["licenses"][0]["expression"], Json::Null, "{component}");
                let is_ours = component["version"] == OUR_VERSION
                    && component.get("externalReferences").is_none();
                let is_bundled = component["purl"].as_str().unwrap().starts_with("pkg:generic/");
                let hash = component["hashes"][0]["content"].as_str();
                let has_hash = hash.is_some_and(|hash| hash.len() == 64);
                assert!(is_ours || is_bundled || has_hash, "{component}");
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
    fn the_npm_package_needs_no_other() {
        let manifest = fs::read_to_string(repo::at("inference-wasm/browser/package.json")).unwrap();
        let manifest: Json = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest.get("dependencies"), None, "list them in the bill, as `npm sbom` does");
    }

    #[test]
    fn a_bill_is_the_same_at_every_run() {
        let product = &PRODUCTS[1];
        assert_eq!(product.document().unwrap(), product.document().unwrap());
    }
}
