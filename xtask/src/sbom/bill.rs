//! Makes one document: a root, its components and their dependencies.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value as Json, json};

use super::bundled::BUNDLED;
use super::tree::{Crate, Facts, Tree};

/// What a document is about.
pub(super) struct Root {
    name: &'static str,
    kind: &'static str,
    purl: String,
}

const OUR_VERSION: &str = env!("CARGO_PKG_VERSION");

impl Root {
    /// A program that is made of a crate of ours.
    pub(super) fn of_crate(name: &'static str) -> Root {
        Root { name, kind: "application", purl: format!("pkg:generic/loupe/{name}@{OUR_VERSION}") }
    }

    /// A package of npm.
    pub(super) fn npm(name: &'static str) -> Root {
        Root { name, kind: "library", purl: format!("pkg:npm/{name}@{OUR_VERSION}") }
    }
}

/// A bill of materials.
pub(super) struct Bill {
    root: Json,
    /// By their references, so that they stand in one order.
    components: BTreeMap<String, Json>,
    needs: BTreeMap<String, Vec<String>>,
}

impl Bill {
    /// The parts of a tree of crates.
    ///
    /// # Errors
    ///
    /// A crate of the tree that Cargo's metadata does not describe, or that has no licence.
    pub(super) fn of(tree: &Tree, root: &Root) -> Result<Bill> {
        let reference =
            |package: &Crate| if *package == tree.root { root.purl.clone() } else { purl(package) };
        let mut bill = Bill {
            root: json!({
                "type": root.kind,
                "bom-ref": root.purl,
                "name": root.name,
                "version": OUR_VERSION,
                "purl": root.purl,
            }),
            components: BTreeMap::new(),
            needs: BTreeMap::new(),
        };
        for (package, needed) in &tree.needs {
            let facts = tree.facts.get(package);
            let facts = facts.with_context(|| format!("cargo metadata lacks {}", package.0))?;
            let license = facts.license.as_deref();
            let license = license.with_context(|| format!("{} has no licence", package.0))?;
            if *package == tree.root {
                bill.root["licenses"] = json!([{ "expression": license }]);
            } else {
                bill.components.insert(purl(package), component(package, facts, license));
            }
            let needed = needed.iter().map(reference).collect();
            bill.needs.insert(reference(package), needed);
        }
        bill.add_bundled();
        Ok(bill)
    }

    /// Adds the libraries that the crates have inside.
    fn add_bundled(&mut self) {
        for library in &BUNDLED {
            let (name, version) = library.inside;
            let Some(needs) = self.needs.get_mut(&purl(&(name.into(), version.into()))) else {
                continue;
            };
            let purl = format!("pkg:generic/{}@{}", library.name, library.version);
            needs.push(purl.clone());
            self.needs.insert(purl.clone(), Vec::new());
            let component = json!({
                "type": "library",
                "bom-ref": purl,
                "name": library.name,
                "version": library.version,
                "purl": purl,
                "licenses": [{ "expression": library.license }],
                "description": format!("compiled from what the crate {name} has inside"),
            });
            self.components.insert(purl, component);
        }
    }

    /// Adds the packages that npm says the root needs.
    ///
    /// # Errors
    ///
    /// A document of npm's that is not as expected.
    pub(super) fn add_npm(&mut self, document: &Json) -> Result<()> {
        let list = |key: &str| {
            document[key].as_array().cloned().with_context(|| format!("npm sbom has no {key}"))
        };
        let text = |value: &Json| {
            value.as_str().map(str::to_owned).context("npm sbom has an entry without a reference")
        };
        let theirs = text(&document["metadata"]["component"]["bom-ref"])?;
        let ours = text(&self.root["bom-ref"])?;
        for component in list("components")? {
            self.components.insert(text(&component["bom-ref"])?, component);
        }
        for entry in list("dependencies")? {
            let from = text(&entry["ref"])?;
            let from = if from == theirs { ours.clone() } else { from };
            let on = entry["dependsOn"].as_array().into_iter().flatten();
            let on = on.map(text).collect::<Result<Vec<_>>>()?;
            self.needs.entry(from).or_default().extend(on);
        }
        Ok(())
    }

    /// The document.
    pub(super) fn document(&self) -> Json {
        let components: Vec<&Json> = self.components.values().collect();
        let dependencies: Vec<Json> =
            self.needs.iter().map(|(from, on)| json!({ "ref": from, "dependsOn": on })).collect();
        json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": { "component": self.root },
            "components": components,
            "dependencies": dependencies,
        })
    }
}

/// The package URL of a crate: <https://github.com/package-url/purl-spec>.
fn purl((name, version): &Crate) -> String {
    // Of what a version may hold, only the plus of build metadata is not plain there.
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

fn component(package: &Crate, facts: &Facts, license: &str) -> Json {
    let purl = purl(package);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": package.0,
        "version": package.1,
        "purl": purl,
        "licenses": [{ "expression": license }],
    });
    if let Some(description) = &facts.description {
        component["description"] = json!(description);
    }
    if let Some(sha256) = &facts.sha256 {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sha256 }]);
    }
    if let Some(repository) = &facts.repository {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_has_a_package_url() {
        let check = |version: &str, expected: &str| {
            assert_eq!(purl(&("zstd-sys".into(), version.into())), expected);
        };
        check("2.1.3", "pkg:cargo/zstd-sys@2.1.3");
        check("2.1.3+zstd.1.5.7", "pkg:cargo/zstd-sys@2.1.3%2Bzstd.1.5.7");
    }

    #[test]
    fn what_npm_says_is_added_below_our_root() {
        let mut bill = Bill {
            root: json!({ "bom-ref": "pkg:npm/us@1" }),
            components: BTreeMap::new(),
            needs: BTreeMap::new(),
        };
        let document = json!({
            "metadata": { "component": { "bom-ref": "us@1" } },
            "components": [{ "bom-ref": "them@2" }],
            "dependencies": [{ "ref": "us@1", "dependsOn": ["them@2"] }, { "ref": "them@2" }],
        });
        bill.add_npm(&document).unwrap();
        let needs = json!([
            { "ref": "pkg:npm/us@1", "dependsOn": ["them@2"] },
            { "ref": "them@2", "dependsOn": [] },
        ]);
        assert_eq!(bill.document()["dependencies"], needs);
        assert!(bill.add_npm(&json!({})).is_err());
    }
}
