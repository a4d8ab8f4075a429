//! Finds the crates that are compiled into a program, and their dependencies.
//!
//! `cargo tree` says which crates these are: `cargo metadata` merges the features of the whole workspace, and so names
//! three to six crates per program that are not in it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::crates::Crate;
use crate::cargo;
use crate::steps::ask;

/// What each crate needs itself.
type Tree = BTreeMap<Crate, BTreeSet<Crate>>;

/// A root and all it needs on a target. Cargo resolves the features of what is built together as a build does.
pub(super) fn of(root: &Crate, built: &[&str], target: &str) -> Result<Tree> {
    let mut command = cargo::cargo("tree");
    command.args(["--locked", "--target", target, "--edges", "normal,no-proc-macro"]);
    command.args(["--prefix", "depth", "--format", " {p}"]);
    command.args(built.iter().flat_map(|package| ["--package", package]));
    let mut whole = parse(&ask(&mut command)?)?;
    let mut needs = Tree::new();
    let mut next = vec![root.clone()];
    while let Some(package) = next.pop() {
        if let Some(needed) = whole.remove(&package) {
            next.extend(needed.iter().cloned());
            needs.insert(package, needed);
        }
    }
    ensure!(!needs.is_empty(), "cargo tree does not list {}", root.0);
    Ok(needs)
}

/// Reads lines such as `2 serde v1.0.229 (*)`: a depth, a crate, and remarks. Below a crate that is marked as listed
/// already there is nothing, so edges are gathered over all lines.
fn parse(listing: &str) -> Result<Tree> {
    let mut needs = Tree::new();
    let mut path: Vec<Crate> = Vec::new();
    for line in listing.lines().filter(|line| !line.is_empty()) {
        let read = || {
            let mut words = line.split(' ');
            let (depth, name) = (words.next()?.parse().ok()?, words.next()?);
            Some((depth, (name.to_owned(), words.next()?.strip_prefix('v')?.to_owned())))
        };
        let (depth, found) =
            read().with_context(|| format!("cargo tree says {line:?}, which is not understood"))?;
        path.truncate(depth);
        if let Some(parent) = path.last() {
            needs.entry(parent.clone()).or_default().insert(found.clone());
        }
        needs.entry(found.clone()).or_default();
        path.push(found);
    }
    Ok(needs)
}

/// What `cargo metadata` says is needed on a target though it is not among `listed`, but for what is optional: features
/// that other crates of the workspace turn on stand there for all of them.
#[cfg(test)]
pub(super) fn required_but_not(
    listed: &BTreeSet<Crate>,
    root: &str,
    target: &str,
) -> Result<Vec<String>> {
    let metadata = super::crates::metadata(&["--filter-platform", target])?;
    let by_id: BTreeMap<&str, _> = super::crates::packages(&metadata)
        .map(|(name, package)| (package["id"].as_str().unwrap(), (name, package)))
        .collect();
    assert!(by_id.values().any(|((name, _), _)| name == root), "{root} is a crate");
    let mut missing = Vec::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let (name, package) = &by_id[node["id"].as_str().unwrap()];
        for needed in node["deps"].as_array().unwrap() {
            let (other, described) = &by_id[needed["pkg"].as_str().unwrap()];
            let any = |list: &serde_json::Value, is: &dyn Fn(&serde_json::Value) -> bool| {
                list.as_array().unwrap().iter().any(is)
            };
            let is_normal = any(&needed["dep_kinds"], &|kind| kind["kind"].is_null());
            let runs_while_compiling =
                any(&described["targets"], &|target| target["kind"][0] == "proc-macro");
            let is_required = any(&package["dependencies"], &|declared| {
                declared["name"] == other.0.as_str()
                    && declared["kind"].is_null()
                    && declared["optional"] == false
            });
            let is_compiled_in = is_normal && is_required && !runs_while_compiling;
            if listed.contains(name) && is_compiled_in && !listed.contains(other) {
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
}
