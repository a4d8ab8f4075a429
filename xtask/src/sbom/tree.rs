//! Finds the crates that are compiled into a program, and their dependencies.
//!
//! `cargo tree` says which crates these are: `cargo metadata` merges the features of the whole workspace, and so names
//! three to six crates per program that are not in it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value as Json;

use crate::steps::ask;
use crate::{cargo, repo};

/// A crate's name and version.
pub(super) type Crate = (String, String);

/// A root, and all it needs on one target.
pub(super) struct Tree {
    pub(super) root: Crate,
    /// What each crate needs itself. The root is one of them.
    pub(super) needs: BTreeMap<Crate, BTreeSet<Crate>>,
    /// What Cargo knows of each.
    pub(super) facts: BTreeMap<Crate, Facts>,
}

/// What Cargo knows of a crate.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// An SPDX expression.
    pub(super) license: Option<String>,
    pub(super) description: Option<String>,
    pub(super) repository: Option<String>,
    /// SHA-256 of the crate's file, from Cargo.lock; `None` for our own.
    pub(super) sha256: Option<String>,
}

impl Tree {
    /// Asks Cargo, which resolves the features of what is built together as a build does.
    pub(super) fn of(root: &str, built: &[&str], target: &str) -> Result<Tree> {
        let mut command = cargo::cargo("tree");
        command.args(["--locked", "--target", target, "--edges", "normal,no-proc-macro"]);
        command.args(["--prefix", "depth", "--format", " {p}"]);
        for package in built {
            command.args(["--package", package]);
        }
        let whole = parse(&ask(&mut command)?)?;
        let root = whole
            .keys()
            .find(|(name, _)| name == root)
            .with_context(|| format!("cargo tree does not list {root}"))?
            .clone();
        let mut needs = BTreeMap::new();
        let mut next = vec![root.clone()];
        while let Some(package) = next.pop() {
            if let Entry::Vacant(place) = needs.entry(package) {
                let needed = whole.get(place.key()).cloned().unwrap_or_default();
                next.extend(needed.iter().cloned());
                place.insert(needed);
            }
        }
        Ok(Tree { root, needs, facts: facts()? })
    }
}

/// Reads lines such as `2 serde v1.0.229 (*)`: a depth, a crate, and remarks. Below a crate that is marked as listed
/// already there is nothing, so edges are gathered over all lines.
fn parse(listing: &str) -> Result<BTreeMap<Crate, BTreeSet<Crate>>> {
    let mut needs: BTreeMap<Crate, BTreeSet<Crate>> = BTreeMap::new();
    let mut path: Vec<Crate> = Vec::new();
    for line in listing.lines().filter(|line| !line.is_empty()) {
        let unread = || format!("cargo tree says {line:?}, which is not understood");
        let mut words = line.split(' ');
        let depth: usize =
            words.next().and_then(|depth| depth.parse().ok()).with_context(unread)?;
        let name = words.next().with_context(unread)?.to_owned();
        let version = words.next().and_then(|word| word.strip_prefix('v')).with_context(unread)?;
        let found = (name, version.to_owned());
        path.truncate(depth);
        if let Some(parent) = path.last() {
            needs.entry(parent.clone()).or_default().insert(found.clone());
        }
        needs.entry(found.clone()).or_default();
        path.push(found);
    }
    Ok(needs)
}

fn metadata(arguments: &[&str]) -> Result<Json> {
    let mut command = cargo::cargo("metadata");
    command.args(["--locked", "--format-version", "1"]).args(arguments);
    Ok(serde_json::from_str(&ask(&mut command)?)?)
}

fn packages(metadata: &Json) -> impl Iterator<Item = (Crate, &Json)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.map(move |package| ((text(&package["name"]), text(&package["version"])), package))
}

fn facts() -> Result<BTreeMap<Crate, Facts>> {
    let checksums = checksums(&fs::read_to_string(repo::at("Cargo.lock"))?);
    let metadata = metadata(&[])?;
    let facts = packages(&metadata).map(|(name, package)| {
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        // Old manifests write a slash where SPDX has OR.
        let license =
            text("license").map(|license| license.replace(" / ", "/").replace('/', " OR "));
        let license = license.or_else(|| license_in_file(package));
        let facts = Facts {
            license,
            description: text("description").map(|text| text.trim().to_owned()),
            repository: text("repository"),
            sha256: checksums.get(&name).cloned(),
        };
        (name, facts)
    });
    Ok(facts.collect())
}

/// The licence of a crate whose manifest names a file instead of an expression, where the file is one that we know by its
/// first words. `cargo deny` compares the whole text.
fn license_in_file(package: &Json) -> Option<String> {
    let file = Path::new(package["manifest_path"].as_str()?)
        .with_file_name(package["license_file"].as_str()?);
    let text = fs::read_to_string(file).ok()?;
    let mut words = text.split_whitespace();
    ["Apache", "License", "Version", "2.0,"]
        .iter()
        .all(|word| words.next() == Some(word))
        .then(|| String::from("Apache-2.0"))
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

/// What `cargo metadata` says is needed on a target though it is not among `listed`, but for what is optional: features
/// that other crates of the workspace turn on stand there for all of them.
#[cfg(test)]
pub(super) fn required_but_not(
    listed: &BTreeSet<Crate>,
    root: &str,
    target: &str,
) -> Result<Vec<String>> {
    let metadata = metadata(&["--filter-platform", target])?;
    let by_id: BTreeMap<&str, (Crate, &Json)> = packages(&metadata)
        .filter_map(|(name, package)| Some((package["id"].as_str()?, (name, package))))
        .collect();
    assert!(by_id.values().any(|((name, _), _)| name == root), "{root} is a crate");
    let mut missing = Vec::new();
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let (name, package) = &by_id[node["id"].as_str().unwrap()];
        if !listed.contains(name) {
            continue;
        }
        for needed in node["deps"].as_array().into_iter().flatten() {
            let (other, described) = &by_id[needed["pkg"].as_str().unwrap()];
            let kinds = needed["dep_kinds"].as_array().unwrap();
            let is_normal = kinds.iter().any(|kind| kind["kind"].is_null());
            let targets = described["targets"].as_array().unwrap();
            let runs_while_compiling =
                targets.iter().any(|target| target["kind"][0] == "proc-macro");
            let declared = package["dependencies"].as_array().unwrap();
            let is_optional = declared
                .iter()
                .filter(|declared| declared["name"] == other.0 && declared["kind"].is_null())
                .all(|declared| declared["optional"] == true);
            if is_normal && !runs_while_compiling && !is_optional && !listed.contains(other) {
                missing.push(format!("{} {}, of {}", other.0, other.1, name.0));
            }
        }
    }
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Crate {
        (name.to_owned(), "1.0.0".to_owned())
    }

    #[test]
    fn a_listing_becomes_a_graph() {
        let listing = "0 a v1.0.0 (/work/a)\n1 b v1.0.0\n2 c v1.0.0\n1 c v1.0.0 (*)\n\n0 d v1.0.0\n1 b v1.0.0 (*)\n";
        let needs = parse(listing).unwrap();
        let expected = [("a", vec!["b", "c"]), ("b", vec!["c"]), ("c", vec![]), ("d", vec!["b"])];
        let expected = expected
            .map(|(name, needed)| (of(name), needed.into_iter().map(of).collect::<BTreeSet<_>>()));
        assert_eq!(needs, BTreeMap::from(expected));
        assert!(parse("a v1.0.0").unwrap_err().to_string().contains("not understood"));
    }

    #[test]
    fn a_lock_gives_the_checksums() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry\"\nchecksum = \"ab\"\ndependencies = [\n \"a\",\n]\n";
        assert_eq!(checksums(lock), BTreeMap::from([(of("b"), "ab".to_owned())]));
    }
}
