//! `cargo xtask check`: formatting, lints, unit tests and golden files of what differs from the main branch.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value as Json;

use crate::cargo::{self, SEE_COMPILER, StandardLibrary, WASM};
use crate::steps::{Steps, ask};
use crate::test::SEE_TEST;
use crate::workspace::{ACCEPTANCE, Package, TOOLS, Workspace};
use crate::{changes, links, lint, node, npm, repo};

/// Integration tests that are run too: they compare with files that are never changed, in less than a second.
const GOLDEN: [&str; 2] = ["golden", "corpus"];

/// Files outside any crate, by the start of their paths, and the crates that they are part of.
const SHARED: [(&str, &[&str]); 3] = [
    ("fuzz/corpus", &["inference", "service", "xgboost-model"]),
    ("fuzz/replay.rs", &["inference", "service", "xgboost-model"]),
    ("models", &["inference"]),
];

/// Files that every crate depends on.
const EVERYTHING: [&str; 4] = ["Cargo.toml", "Cargo.lock", "clippy.toml", ".cargo"];

/// Checks what changed; stops at the first step that fails.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    let changes = changes::since_main(&repo::root())?;
    let workspace = Workspace::read()?;
    let scope = Scope::of(&changes, &workspace, &repo::root());
    if !scope.affected.is_empty() {
        lint::format(steps)?;
        lint(steps, &scope.affected)?;
        test(steps, &scope, &workspace)?;
    }
    for folder in &scope.typescript {
        check_types(steps, folder)?;
    }
    steps.take("links in documents", |_| links::check(&repo::root()))?;
    eprint!("{}", steps.summary());
    let left_out: Vec<_> = scope.affected.difference(&scope.changed).map(String::as_str).collect();
    if !left_out.is_empty() {
        eprintln!("linted, but not tested: {}; `cargo xtask test` tests them", left_out.join(", "));
    }
    Ok(())
}

/// What the changed files belong to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Scope {
    /// Crates with changed files.
    changed: BTreeSet<String>,
    /// These, and the crates that depend on them.
    affected: BTreeSet<String>,
    /// Folders of npm packages with changed TypeScript.
    typescript: BTreeSet<PathBuf>,
}

impl Scope {
    fn of(changes: &[PathBuf], workspace: &Workspace, root: &Path) -> Self {
        let mut scope = Self::default();
        for file in changes {
            let path = file.strip_prefix(root).unwrap_or(file);
            if EVERYTHING.iter().any(|shared| path.starts_with(shared)) {
                scope.affected.extend(workspace.packages.iter().map(|it| it.name.clone()));
            }
            let extension = file.extension().unwrap_or_default();
            if extension == "ts" || extension == "tsx" {
                let mut folders = file.ancestors().skip(1);
                scope.typescript.extend(
                    folders.find(|it| it.join("tsconfig.json").is_file()).map(Path::to_owned),
                );
            } else if extension != "md" {
                let shared = SHARED.iter().filter(|(start, _)| path.starts_with(start));
                let names = shared.flat_map(|(_, names)| *names).map(|name| (*name).to_owned());
                scope.changed.extend(names);
                scope.changed.extend(workspace.owner(file).map(|owner| owner.name.clone()));
            }
        }
        scope.affected.extend(workspace.with_dependents(&scope.changed));
        scope
    }
}

/// Cargo itself lints only what changed and what depends on it.
fn lint(steps: &mut Steps, affected: &BTreeSet<String>) -> Result<()> {
    lint::native(steps)?;
    for (target, package) in WASM {
        if !affected.contains(package) {
            continue;
        }
        if StandardLibrary::of(target)? == StandardLibrary::Missing {
            eprintln!("== clippy, {package}: skipped; `cargo xtask setup` installs {target}");
            continue;
        }
        lint::wasm(steps, target, package)?;
    }
    Ok(())
}

/// Runs the unit tests and golden files of the crates with changed files.
fn test(steps: &mut Steps, scope: &Scope, workspace: &Workspace) -> Result<()> {
    let mut native: Vec<&str> = workspace.native().into_iter().chain(TOOLS).collect();
    native.retain(|name| *name != ACCEPTANCE);
    let is_native = |package: &&Package| native.contains(&package.name.as_str());
    let packages: Vec<&Package> = workspace.packages.iter().filter(is_native).collect();
    let changed = packages.iter().filter(|package| scope.changed.contains(&package.name));
    let changed: Vec<&Package> = changed.copied().collect();
    // Cargo compiles dependencies again, with fewer features, for a crate that it tests alone. A crate without crates of
    // ours below it has few, and together with the others the unit tests of all its dependents would be compiled.
    let together = match changed[..] {
        [] => return Ok(()),
        [package] if package.needs.is_empty() => changed.clone(),
        _ => packages,
    };
    let mut build = cargo::release("test", together.iter().map(|package| package.name.as_str()));
    build.args(["--no-run", "--message-format", "json-render-diagnostics"]);
    build.args(selection(&together)).stderr(Stdio::inherit());
    let built = steps.take("tests, compiled", |_| ask(&mut build).context(SEE_COMPILER))?;
    for package in changed {
        for (name, program) in programs(&built, &package.folder) {
            let mut test = Command::new(program);
            test.arg("--quiet").current_dir(&package.folder);
            steps.run(&format!("tests of {}: {name}", package.name), &mut test, SEE_TEST)?;
        }
    }
    Ok(())
}

/// The options by which Cargo compiles unit tests and golden tests only. It refuses one that selects nothing.
fn selection(packages: &[&Package]) -> Vec<&'static str> {
    let has = |kind: &str, name: &str| {
        let mut targets = packages.iter().flat_map(|package| &package.targets);
        targets
            .any(|(its_kind, its_name)| its_kind == kind && (name.is_empty() || its_name == name))
    };
    let mut options = Vec::new();
    options.extend(has("lib", "").then_some("--lib"));
    options.extend(has("bin", "").then_some("--bins"));
    for name in GOLDEN.into_iter().filter(|name| has("test", name)) {
        options.extend(["--test", name]);
    }
    options
}

/// The compiled tests of the crate in a folder, out of Cargo's messages: their names and files.
fn programs(messages: &str, folder: &Path) -> Vec<(String, PathBuf)> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let ours = messages.filter(|message| {
        message["manifest_path"].as_str().is_some_and(|it| Path::new(it).parent() == Some(folder))
    });
    ours.filter(|message| message["profile"]["test"] == true)
        .filter_map(|message| {
            let program = message["executable"].as_str()?;
            Some((message["target"]["name"].as_str()?.to_owned(), program.into()))
        })
        .collect()
}

/// Runs the TypeScript compiler over an npm package. The page is compiled against the built npm package.
fn check_types(steps: &mut Steps, folder: &Path) -> Result<()> {
    let root = repo::root();
    let name = folder.strip_prefix(&root).unwrap_or(folder).to_string_lossy().into_owned();
    node::install(steps, &name)?;
    if !repo::at(npm::PACKAGE).join("index.d.ts").is_file() {
        npm::run(steps)?;
    }
    let mut compile = Command::new(node::program(&name, "tsc"));
    compile.arg("--noEmit").arg("--project").arg(folder);
    steps.run(&format!("types of {name}"), &mut compile, "see the compiler's message above")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(files: &[&str]) -> Scope {
        let files: Vec<PathBuf> = files.iter().map(|file| repo::at(file)).collect();
        Scope::of(&files, &Workspace::read().unwrap(), &repo::root())
    }

    #[test]
    fn a_changed_crate_is_tested_and_its_dependents_are_linted() {
        let scope = scope(&["inference-wasm/service/src/lib.rs"]);
        assert_eq!(scope.changed, BTreeSet::from(["service".to_owned()]));
        assert!(scope.affected.contains("inference-wasm"), "{scope:?}");
        assert!(!scope.affected.contains("inference"), "{scope:?}");
    }

    #[test]
    fn inputs_of_fuzzing_are_part_of_the_crates_that_replay_them() {
        let scope = scope(&["fuzz/corpus/http_csv.tar"]);
        assert!(
            ["inference", "service", "xgboost-model"].iter().all(|it| scope.changed.contains(*it))
        );
    }

    #[test]
    fn what_every_crate_depends_on_lints_every_crate() {
        let scope = scope(&["Cargo.lock"]);
        assert_eq!(scope.changed, BTreeSet::new());
        assert_eq!(scope.affected.len(), Workspace::read().unwrap().packages.len());
    }

    #[test]
    fn typescript_is_checked_in_its_own_package() {
        let scope = scope(&["web-demo/src/price/page.tsx", "inference-wasm/browser/ts/index.ts"]);
        let folders = ["inference-wasm/browser", "web-demo"].map(repo::at);
        assert_eq!(scope.typescript, BTreeSet::from(folders));
        assert_eq!(scope.affected, BTreeSet::new());
    }

    #[test]
    fn a_document_changes_no_crate() {
        assert_eq!(
            scope(&["README.md", "inference-wasm/inference/src/blob/FORMAT.md"]),
            Scope::default()
        );
    }

    #[test]
    fn the_compiled_tests_of_a_crate_are_found() {
        let messages = r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","target":{"name":"a"},"profile":{"test":true},"executable":"/t/a-1"}
{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","target":{"name":"a"},"profile":{"test":false},"executable":"/t/a"}
{"reason":"compiler-artifact","manifest_path":"/w/a/b/Cargo.toml","target":{"name":"b"},"profile":{"test":true},"executable":"/t/b-1"}
{"reason":"build-finished","success":true}
"#;
        assert_eq!(programs(messages, Path::new("/w/a")), [("a".into(), "/t/a-1".into())]);
    }
}
