//! `cargo xtask corpus`: unpacks the fuzz corpora for cargo-fuzz, which wants a folder of files, and packs them again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::repo;
use crate::steps::Steps;

const SEE_TAR: &str = "see tar's message above; GNU tar is needed";

/// What to do with the corpora.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Action {
    /// Write the inputs of fuzz/corpus/TARGET.tar into fuzz/corpus/TARGET/
    Unpack,
    /// Write the inputs in fuzz/corpus/TARGET/ into fuzz/corpus/TARGET.tar
    Pack,
}

/// Unpacks every archive, or packs every folder.
pub(crate) fn run(steps: &mut Steps, action: Action) -> Result<()> {
    let corpus = repo::at("fuzz/corpus");
    for path in sorted(&corpus)? {
        let is_archive = path.extension().is_some_and(|extension| extension == "tar");
        match action {
            Action::Unpack if is_archive => unpack(steps, &path)?,
            Action::Pack if path.is_dir() => pack(steps, &path)?,
            _ => {}
        }
    }
    Ok(())
}

fn unpack(steps: &mut Steps, archive: &Path) -> Result<()> {
    let folder = archive.with_extension("");
    fs::create_dir_all(&folder)?;
    let mut tar = Command::new("tar");
    tar.arg("-xf").arg(archive).arg("-C").arg(&folder);
    steps.run(&format!("unpack {}", archive.display()), &mut tar, SEE_TAR)
}

/// The same inputs give the same bytes: sorted by name, with no owner and no time.
fn pack(steps: &mut Steps, folder: &Path) -> Result<()> {
    let inputs = sorted(folder)?;
    ensure!(!inputs.is_empty(), "{} is empty; remove it to keep its archive", folder.display());
    let mut tar = Command::new("tar");
    tar.args(["--format=ustar", "--owner=0", "--group=0", "--numeric-owner"]);
    tar.args(["--mode=0644", "--mtime=@0", "-cf"]).arg(folder.with_extension("tar"));
    tar.arg("-C").arg(folder).arg("--").args(inputs.iter().filter_map(|input| input.file_name()));
    steps.run(&format!("pack {} inputs of {}", inputs.len(), folder.display()), &mut tar, SEE_TAR)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_the_same_after_unpacking_and_packing() {
        let corpus = tempfile::tempdir().unwrap();
        let archives = sorted(&repo::at("fuzz/corpus")).unwrap();
        let archives = archives.iter().filter(|path| path.is_file());
        for original in archives {
            let archive = corpus.path().join(original.file_name().unwrap());
            fs::copy(original, &archive).unwrap();
            unpack(&mut Steps::begin(), &archive).unwrap();
            fs::remove_file(&archive).unwrap();
            pack(&mut Steps::begin(), &archive.with_extension("")).unwrap();
            assert!(fs::read(original).unwrap() == fs::read(&archive).unwrap(), "{original:?}");
        }
        assert_eq!(sorted(corpus.path()).unwrap().len(), 2 * 8);
    }
}
