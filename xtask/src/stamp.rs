//! Skips a step whose inputs have not changed since it last succeeded.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::repo;

/// Takes a step unless it last succeeded with the same inputs and its outputs are still there. A folder among the inputs
/// stands for every file in it, but not for `node_modules`.
pub(crate) fn unless_current(
    name: &str,
    inputs: &[PathBuf],
    outputs: &[PathBuf],
    step: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = Stamp::of(name, inputs)?;
    if stamp.is_current(outputs) {
        return Ok(());
    }
    stamp.remove()?;
    step()?;
    stamp.write()
}

/// A file that records a hash of everything a finished step was made from.
struct Stamp {
    file: PathBuf,
    hash: String,
}

impl Stamp {
    fn of(name: &str, inputs: &[PathBuf]) -> Result<Self> {
        Self::kept_in(&repo::tools().join("stamps"), name, inputs)
    }

    fn kept_in(folder: &Path, name: &str, inputs: &[PathBuf]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for input in inputs {
            hash_input(input, &mut hasher)
                .with_context(|| format!("{} cannot be read", input.display()))?;
        }
        Ok(Self { file: folder.join(name), hash: format!("{:016x}", hasher.finish()) })
    }

    /// Whether the step last succeeded with these very inputs and its outputs are still there.
    fn is_current(&self, outputs: &[PathBuf]) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|hash| hash == self.hash)
            && outputs.iter().all(|output| output.exists())
    }

    /// Removes an older record, so that a step that fails halfway does not look finished.
    fn remove(&self) -> Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{} cannot be removed", self.file.display()))
            }
            _ => Ok(()),
        }
    }

    fn write(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.file, &self.hash)
            .with_context(|| format!("{} cannot be written", self.file.display()))
    }
}

fn hash_input(path: &Path, hasher: &mut DefaultHasher) -> std::io::Result<()> {
    path.hash(hasher);
    if !path.is_dir() {
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name() != "node_modules" {
            hash_input(&entry.path(), hasher)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_halfway_leaves_no_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("input");
        fs::write(&input, "first").unwrap();
        let stamps = folder.path().join("stamps");
        let stamp = || Stamp::kept_in(&stamps, "step", std::slice::from_ref(&input)).unwrap();
        stamp().write().unwrap();
        fs::write(&input, "second").unwrap();
        stamp().remove().unwrap();
        // The step failed, and its input is what it was before.
        fs::write(&input, "first").unwrap();
        assert!(!stamp().is_current(&[]));
        stamp().remove().unwrap();
    }

    #[test]
    fn a_stamp_is_current_until_an_input_or_an_output_changes() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        let output = folder.path().join("output");
        fs::create_dir_all(source.join("node_modules")).unwrap();
        fs::write(source.join("a"), "1").unwrap();
        let stamp = || {
            Stamp::kept_in(&folder.path().join("stamps"), "step", std::slice::from_ref(&source))
                .unwrap()
        };
        let is_current = || stamp().is_current(std::slice::from_ref(&output));

        assert!(!is_current(), "nothing was done yet");
        stamp().write().unwrap();
        assert!(!is_current(), "the output is missing");
        fs::write(&output, "").unwrap();
        assert!(is_current());
        fs::write(source.join("node_modules/b"), "installed").unwrap();
        assert!(is_current(), "installed packages are not sources");
        fs::write(source.join("a"), "2").unwrap();
        assert!(!is_current(), "a file changed");
        stamp().write().unwrap();
        fs::rename(source.join("a"), source.join("c")).unwrap();
        assert!(!is_current(), "a file was renamed");
    }

    #[test]
    fn an_input_that_is_not_there_is_named() {
        let error = Stamp::of("step", &["/no/such/file".into()]).err().unwrap();
        assert_eq!(error.to_string(), "/no/such/file cannot be read");
    }
}
