//! Describes crates as components, by what Cargo knows of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value as Json, json};

use crate::steps::ask;
use crate::{cargo, repo};

/// A crate's name and version.
pub(super) type Crate = (String, String);

/// The component of every crate that the workspace may need. One without a licence has the expression null.
pub(super) fn components() -> Result<BTreeMap<Crate, Json>> {
    let checksums = checksums(&fs::read_to_string(repo::at("Cargo.lock"))?);
    let metadata = metadata(&[])?;
    let components = packages(&metadata).map(|(name, package)| {
        let mut component = component("library", &purl(&name), &name.0, &name.1);
        component["licenses"] = json!([{ "expression": license(package) }]);
        if let Some(description) = package["description"].as_str() {
            component["description"] = json!(description.trim());
        }
        if let Some(sha256) = checksums.get(&name) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": sha256 }]);
        }
        if let Some(repository) = package["repository"].as_str() {
            component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
        }
        (name, component)
    });
    Ok(components.collect())
}

/// What every component has.
pub(super) fn component(kind: &str, purl: &str, name: &str, version: &str) -> Json {
    json!({ "type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl })
}

/// The package URL of a crate: <https://github.com/package-url/purl-spec>.
pub(super) fn purl((name, version): &Crate) -> String {
    // Of what a version may hold, only the plus of build metadata is not plain there.
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

pub(super) fn metadata(arguments: &[&str]) -> Result<Json> {
    let mut command = cargo::cargo("metadata");
    command.args(["--locked", "--format-version", "1"]).args(arguments);
    Ok(serde_json::from_str(&ask(&mut command)?)?)
}

pub(super) fn packages(metadata: &Json) -> impl Iterator<Item = (Crate, &Json)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.map(move |package| ((text(&package["name"]), text(&package["version"])), package))
}

/// The licence as an SPDX expression.
fn license(package: &Json) -> Option<String> {
    if let Some(expression) = package["license"].as_str() {
        // Old manifests write a slash where SPDX has OR.
        return Some(expression.replace(" / ", "/").replace('/', " OR "));
    }
    // A manifest may name a file instead; this one we know by its first words. `cargo deny` compares the whole text.
    let manifest = Path::new(package["manifest_path"].as_str()?);
    let text = fs::read_to_string(manifest.with_file_name(package["license_file"].as_str()?));
    let starts = text.ok()?.split_whitespace().take(4).eq(["Apache", "License", "Version", "2.0,"]);
    starts.then(|| "Apache-2.0".to_owned())
}

/// The checksums of a Cargo.lock, whose entries are `key = "value"`, a line each.
fn checksums(lock: &str) -> BTreeMap<Crate, String> {
    lock.split("[[package]]")
        .filter_map(|entry| {
            let value = |key: &str| {
                let line = entry.lines().find_map(|line| line.strip_prefix(key))?;
                Some(line.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned())
            };
            Some(((value("name")?, value("version")?), value("checksum")?))
        })
        .collect()
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
    fn a_lock_gives_the_checksums() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry\"\nchecksum = \"ab\"\ndependencies = [\n \"a\",\n]\n";
        let b = ("b".to_owned(), "1.0.0".to_owned());
        assert_eq!(checksums(lock), BTreeMap::from([(b, "ab".to_owned())]));
    }
}
