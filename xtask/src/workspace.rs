//! The crates of this workspace, as Cargo describes them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use serde_json::Value as Json;

use crate::cargo::{WASM, cargo, release};
use crate::steps::ask;

/// The crate whose tests need the component.
pub(crate) const ACCEPTANCE: &str = "acceptance";

/// The native crates that are not served: they are tested and linted, but not built with the rest.
pub(crate) const TOOLS: [&str; 2] = ["xtask", "loupe-bench"];

/// A crate of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// The names of the workspace's crates that it depends on, for tests too.
    pub(crate) needs: Vec<String>,
    /// The names of its libraries, programs and tests, each with its kind: `lib`, `bin`, `test`.
    pub(crate) targets: Vec<(String, String)>,
}

/// All crates of the workspace.
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
}

impl Workspace {
    /// Asks Cargo.
    pub(crate) fn read() -> Result<Self> {
        let mut metadata = cargo("metadata");
        metadata.args(["--locked", "--format-version", "1", "--no-deps"]);
        Ok(Self::parse(&serde_json::from_str(&ask(&mut metadata)?)?))
    }

    fn parse(metadata: &Json) -> Self {
        let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let packages = list(&metadata["packages"]).into_iter().map(|package| Package {
            name: text(&package["name"]),
            folder: Path::new(&text(&package["manifest_path"])).with_file_name(""),
            needs: list(&package["dependencies"])
                .iter()
                .filter(|dependency| dependency["path"].is_string())
                .map(|dependency| text(&dependency["name"]))
                .collect(),
            targets: list(&package["targets"])
                .iter()
                .map(|target| (text(&target["kind"][0]), text(&target["name"])))
                .collect(),
        });
        Self { packages: packages.collect() }
    }

    /// The crate that a file belongs to. Crates lie inside each other, so the longest folder decides.
    pub(crate) fn owner(&self, file: &Path) -> Option<&Package> {
        let owners = self.packages.iter().filter(|package| file.starts_with(&package.folder));
        owners.max_by_key(|package| package.folder.as_os_str().len())
    }

    /// The crates with these names and all crates that depend on them.
    pub(crate) fn with_dependents(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let mut found = names.clone();
        loop {
            let dependents =
                self.packages.iter().filter(|it| it.needs.iter().any(|n| found.contains(n)));
            let added: Vec<_> =
                dependents.map(|it| it.name.clone()).filter(|name| !found.contains(name)).collect();
            if added.is_empty() {
                return found;
            }
            found.extend(added);
        }
    }

    /// The crates that are built natively. Building and testing name the same ones, so that Cargo resolves the same
    /// features for both and compiles nothing twice.
    pub(crate) fn native(&self) -> Vec<&str> {
        let names = self.packages.iter().map(|package| package.name.as_str());
        let is_wasm = |name: &str| WASM.iter().any(|(_, wasm)| *wasm == name);
        names.filter(|name| !is_wasm(name) && !TOOLS.contains(name)).collect()
    }
}

/// `cargo` with a subcommand for the native crates that are served.
pub(crate) fn native(subcommand: &str) -> Result<Command> {
    Ok(release(subcommand, Workspace::read()?.native()))
}

/// `cargo` with a subcommand for the native crates and the tools.
pub(crate) fn native_and_tools(subcommand: &str) -> Result<Command> {
    Ok(release(subcommand, Workspace::read()?.native().into_iter().chain(TOOLS)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workspace() -> Workspace {
        let package = |name: &str, folder: &str, needs: &[&str]| {
            let needs: Vec<_> =
                needs.iter().map(|it| json!({ "name": it, "path": "/w" })).collect();
            json!({ "name": name, "manifest_path": format!("/w/{folder}/Cargo.toml"), "dependencies": needs })
        };
        Workspace::parse(&json!({ "packages": [
            package("core", "core", &[]),
            package("service", "service", &["core", "server"]),
            package("component", "service/spin", &["service"]),
            package("server", "server", &[]),
            json!({
                "name": "tool",
                "manifest_path": "/w/tool/Cargo.toml",
                "dependencies": [{ "name": "core", "path": null }],
            }),
        ] }))
    }

    #[test]
    fn a_file_belongs_to_the_innermost_crate() {
        let workspace = workspace();
        let check = |file: &str, expected: Option<&str>| {
            let owner = workspace.owner(Path::new(file));
            assert_eq!(owner.map(|it| it.name.as_str()), expected, "{file}");
        };
        check("/w/service/src/lib.rs", Some("service"));
        check("/w/service/spin/src/lib.rs", Some("component"));
        check("/w/service-old/src/lib.rs", None);
        check("/w/README.md", None);
    }

    #[test]
    fn dependents_are_found_over_several_crates() {
        let check = |changed: &str, expected: &[&str]| {
            let affected = workspace().with_dependents(&BTreeSet::from([changed.to_owned()]));
            assert_eq!(affected.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        };
        check("core", &["component", "core", "service"]);
        check("server", &["component", "server", "service"]);
        check("component", &["component"]);
        // A crate of the same name from the registry is another crate.
        check("tool", &["tool"]);
    }

    #[test]
    fn every_crate_of_ours_is_native_a_tool_or_wasm() {
        let workspace = Workspace::read().unwrap();
        let names: BTreeSet<&str> = workspace.packages.iter().map(|it| it.name.as_str()).collect();
        let native = workspace.native();
        assert!(native.contains(&"inference") && native.contains(&"trainer"), "{native:?}");
        let listed = WASM.map(|(_, name)| name);
        assert!(TOOLS.iter().chain(&listed).all(|name| names.contains(name)), "{names:?}");
        assert_eq!(names.len(), native.len() + TOOLS.len() + WASM.len());
    }
}
