//! Finds the files that differ from the main branch.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::steps::ask;

/// The changed files below `root`, as whole paths: committed on this branch, not committed yet, or not known to Git yet.
/// Deleted files are among them.
pub(crate) fn since_main(root: &Path) -> Result<Vec<PathBuf>> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        ask(command.arg("-C").arg(root).args(arguments)).context("git cannot say what changed")
    };
    // What was pushed is compared with the server's branch. A shallow clone may have no common ancestor.
    let base = ["origin/main", "main"]
        .into_iter()
        .find_map(|main| git(&["merge-base", "HEAD", main]).ok())
        .unwrap_or_else(|| "HEAD".to_owned());
    let tracked = git(&["diff", "--name-only", "--no-renames", "-z", base.trim()])?;
    let untracked = git(&["ls-files", "--others", "--exclude-standard", "-z"])?;
    let paths = tracked.split('\0').chain(untracked.split('\0')).filter(|path| !path.is_empty());
    Ok(paths.map(|path| root.join(path)).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn changes_are_committed_uncommitted_untracked_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            git.arg("-C").arg(root).args(["-c", "user.name=a", "-c", "user.email=a@b.c"]);
            ask(git.args(arguments)).unwrap()
        };
        git(&["init", "--quiet", "--initial-branch", "main"]);
        for name in ["same", "committed", "edited", "deleted"] {
            fs::write(root.join(name), "1").unwrap();
        }
        fs::write(root.join(".gitignore"), "ignored\n").unwrap();
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", "first"]);
        assert_eq!(since_main(root).unwrap(), [] as [PathBuf; 0]);

        git(&["checkout", "--quiet", "-b", "branch"]);
        fs::write(root.join("committed"), "2").unwrap();
        git(&["commit", "--quiet", "--all", "--message", "second"]);
        fs::write(root.join("edited"), "2").unwrap();
        fs::remove_file(root.join("deleted")).unwrap();
        for name in ["ignored", "nøt known"] {
            fs::write(root.join(name), "1").unwrap();
        }
        let expected = ["committed", "deleted", "edited", "nøt known"].map(|name| root.join(name));
        assert_eq!(since_main(root).unwrap(), expected);
    }
}
