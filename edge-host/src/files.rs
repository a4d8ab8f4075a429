//! The files a component may read, gathered into one directory that becomes its `/`, as Spin does.

use std::path::{Component as Part, Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use tempfile::TempDir;

use crate::manifest::{Component, FileMount};

/// A directory with copies of a component's files; removed when dropped.
#[derive(Debug)]
pub(crate) struct Files(TempDir);

impl Files {
    /// Copies what `component` lists under `files`; `None` if it lists nothing.
    ///
    /// # Errors
    ///
    /// A source that does not exist or lies outside `root`, a destination that leaves `/`, and failing copies.
    pub(crate) fn gather(component: &Component, root: &Path) -> Result<Option<Self>> {
        if component.files.is_empty() {
            return Ok(None);
        }
        let root =
            root.canonicalize().with_context(|| format!("cannot find {}", root.display()))?;
        let excluded = component
            .exclude_files
            .iter()
            .map(|pattern| {
                glob::Pattern::new(pattern).with_context(|| format!("exclude_files {pattern:?}"))
            })
            .collect::<Result<Vec<_>>>()?;
        let directory = tempfile::Builder::new().prefix("edge-host-files-").tempdir()?;
        let gathering = Gathering { root: &root, into: directory.path(), excluded: &excluded };
        for mount in &component.files {
            gathering.add(mount).with_context(|| format!("component.{}.files", component.id))?;
        }
        Ok(Some(Self(directory)))
    }

    /// Where the copies are.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

struct Gathering<'a> {
    /// Canonical.
    root: &'a Path,
    into: &'a Path,
    excluded: &'a [glob::Pattern],
}

impl Gathering<'_> {
    fn add(&self, mount: &FileMount) -> Result<()> {
        match mount {
            FileMount::Placement { source, destination } => {
                let from = self.root.join(source);
                let to = self.into.join(stay_inside(destination)?);
                if from.is_dir() {
                    self.copy_matching(&inside(&from), &from, &to)
                } else if from.is_file() {
                    ensure!(
                        !destination.ends_with(['/', '.']),
                        "destination {destination:?} of the file {source:?} must be a file name"
                    );
                    self.copy_file(&from, &to)
                } else {
                    bail!("source {source:?} does not exist")
                }
            }
            FileMount::Pattern(pattern) => {
                ensure!(
                    !matches!(Path::new(pattern).components().next_back(), Some(Part::ParentDir))
                        && !pattern.ends_with('.'),
                    "{pattern:?} names a directory by . or ..; use {{ source, destination }}"
                );
                let from = self.root.join(pattern);
                if from.is_dir() {
                    self.copy_matching(&inside(&from), self.root, self.into)
                } else if from.is_file() {
                    self.copy_file(&from, &self.into.join(stay_inside(pattern)?))
                } else {
                    ensure!(
                        pattern.contains(['*', '?', '[']),
                        "{pattern:?} does not exist and is not a pattern"
                    );
                    self.copy_matching(&from, self.root, self.into)
                }
            }
        }
    }

    /// Copies the files that match `pattern`; each keeps its path below `base`.
    fn copy_matching(&self, pattern: &Path, base: &Path, to: &Path) -> Result<()> {
        std::fs::create_dir_all(to)?;
        let pattern =
            pattern.to_str().ok_or_else(|| anyhow!("{} is not UTF-8", pattern.display()))?;
        for path in glob::glob(pattern)? {
            let path = path?;
            if path.is_file() {
                let below = path
                    .strip_prefix(base)
                    .with_context(|| format!("{} lies outside", path.display()))?;
                self.copy_file(&path, &to.join(below))?;
            }
        }
        Ok(())
    }

    fn copy_file(&self, from: &Path, to: &Path) -> Result<()> {
        let below = from
            .strip_prefix(self.root)
            .ok()
            .filter(|below| below.components().all(|part| matches!(part, Part::Normal(_))))
            .ok_or_else(|| {
                anyhow!("{} lies outside the application's directory", from.display())
            })?;
        if self.excluded.iter().any(|pattern| pattern.matches_path(below)) {
            return Ok(());
        }
        let copy = || {
            std::fs::create_dir_all(to.parent().unwrap_or(to))?;
            std::fs::copy(from, to)
        };
        copy().map(drop).with_context(|| format!("cannot copy {}", from.display()))
    }
}

/// The pattern of every file below a directory.
fn inside(directory: &Path) -> PathBuf {
    let escaped = glob::Pattern::escape(&directory.to_string_lossy());
    Path::new(&escaped).join("**/*")
}

/// A guest path, relative to the guest's `/`.
fn stay_inside(path: &str) -> Result<&Path> {
    let path = Path::new(path.trim_start_matches('/'));
    let stays = path.components().all(|part| matches!(part, Part::Normal(_) | Part::CurDir));
    ensure!(stays, "destination {} leaves the guest's /", path.display());
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn component(files: Vec<FileMount>, exclude_files: &[&str]) -> Component {
        Component {
            id: "api".into(),
            source: "x".into(),
            variables: BTreeMap::new(),
            environment: BTreeMap::new(),
            files,
            exclude_files: exclude_files.iter().map(ToString::to_string).collect(),
            sqlite_databases: Vec::new(),
            allowed_outbound_hosts: Vec::new(),
        }
    }

    fn application() -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in ["one.txt", "web/index.html", "web/js/app.js", "web/js/app.js.map"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        root
    }

    fn placed(source: &str, destination: &str) -> FileMount {
        FileMount::Placement { source: source.into(), destination: destination.into() }
    }

    fn check(mount: FileMount, excluded: &[&str], expected: &[&str]) {
        let root = application();
        let files = Files::gather(&component(vec![mount], excluded), root.path()).unwrap().unwrap();
        let mut found: Vec<String> = glob::glob(inside(files.path()).to_str().unwrap())
            .unwrap()
            .map(Result::unwrap)
            .filter(|path| path.is_file())
            .map(|path| path.strip_prefix(files.path()).unwrap().to_str().unwrap().to_owned())
            .collect();
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn directories_files_and_patterns_go_where_spin_puts_them() {
        check(placed("web", "/w"), &[], &["w/index.html", "w/js/app.js", "w/js/app.js.map"]);
        check(placed("web", "/"), &["**/*.map"], &["index.html", "js/app.js"]);
        check(placed("one.txt", "/a/two.txt"), &[], &["a/two.txt"]);
        let pattern = |text: &str| FileMount::Pattern(text.into());
        check(pattern("web/js"), &[], &["web/js/app.js", "web/js/app.js.map"]);
        check(pattern("one.txt"), &[], &["one.txt"]);
        check(pattern("**/*.js"), &[], &["web/js/app.js"]);
    }

    #[test]
    fn a_wrong_entry_says_what_is_wrong() {
        let root = application();
        for (mount, message) in [
            (placed("nothing", "/w"), "component.api.files: source \"nothing\" does not exist"),
            (placed("web", "/../w"), "leaves the guest's /"),
            (placed("../", "/w"), "outside"),
            (placed("one.txt", "/a/"), "must be a file name"),
            (FileMount::Pattern("nothing".into()), "does not exist and is not a pattern"),
            (FileMount::Pattern("web/..".into()), "use { source, destination }"),
        ] {
            let error = Files::gather(&component(vec![mount], &[]), root.path()).unwrap_err();
            assert!(format!("{error:#}").contains(message), "{error:#}");
        }
    }
}
