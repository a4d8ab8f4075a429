//! Whether the database's files belong to the user who uses them, and can be written.
//!
//! A file that root made while another user serves is the usual reason why a journal cannot be written.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use rustix::fs::{Access, access};

use super::super::output::folder_of;

/// Folders with this bit, such as `/tmp`, are shared; whose they are says nothing.
const STICKY: u32 = 0o1000;

/// A file or folder that SQLite writes to.
struct Written {
    path: PathBuf,
    uid: u32,
    is_writable: bool,
}

/// Checks the folder, the database and the files that SQLite keeps next to it, as far as they exist. For root, who may
/// write to all of them, the user is the one to whom the folder belongs.
pub(super) fn check(database: &Path) -> Result<String> {
    let folder = folder_of(database);
    let is_shared = fs::metadata(folder).is_ok_and(|metadata| metadata.mode() & STICKY != 0);
    let beside = |suffix: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let folder = (!is_shared).then(|| folder.to_owned());
    let files = ["", "-wal", "-shm"].map(beside);
    let written: Vec<Written> = folder.into_iter().chain(files).filter_map(look).collect();
    let user = match (rustix::process::geteuid().as_raw(), written.first()) {
        (0, Some(first)) => first.uid,
        (user, _) => user,
    };
    judge(&written, user, &name_of)
}

fn look(path: PathBuf) -> Option<Written> {
    let uid = fs::metadata(&path).ok()?.uid();
    let is_writable = access(&path, Access::WRITE_OK).is_ok();
    Some(Written { path, uid, is_writable })
}

fn judge(written: &[Written], user: u32, name: &dyn Fn(u32) -> String) -> Result<String> {
    let user_name = name(user);
    let strange: Vec<&Written> = written.iter().filter(|file| file.uid != user).collect();
    if let Some(first) = strange.first() {
        bail!(
            "{} belongs to {}, not to {user_name}; `sudo chown {user_name} {}`",
            first.path.display(),
            name(first.uid),
            paths(&strange)
        );
    }
    let locked: Vec<&Written> = written.iter().filter(|file| !file.is_writable).collect();
    if let Some(first) = locked.first() {
        bail!(
            "{} cannot be written by {user_name}; `chmod u+w {}`, unless the disk is read-only",
            first.path.display(),
            paths(&locked)
        );
    }
    Ok(String::from("the files belong to one user, who can write them"))
}

/// Paths as a shell reads them.
fn paths(files: &[&Written]) -> String {
    let quoted = |file: &&Written| {
        let path = file.path.display().to_string();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
    };
    files.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// The name of a user, or the number where the system has no name for it.
fn name_of(uid: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number == uid.to_string()).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| uid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_another_user_and_files_that_are_locked_are_named_with_the_line_that_helps() {
        let name = |uid: u32| if uid == 0 { String::from("root") } else { format!("u{uid}") };
        let check = |files: &[(&str, u32, bool)], expected: Result<&str, &str>| {
            let written = files.iter().map(|(path, uid, is_writable)| Written {
                path: PathBuf::from(path),
                uid: *uid,
                is_writable: *is_writable,
            });
            let found = judge(&written.collect::<Vec<_>>(), 7, &name);
            let found = found.map_err(|error| error.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expected);
        };
        check(
            &[("d", 7, true), ("d/a.db", 7, true)],
            Ok("the files belong to one user, who can write them"),
        );
        check(
            &[("d", 7, true), ("d/a.db", 0, false), ("d/a.db-wal", 0, false)],
            Err("d/a.db belongs to root, not to u7; `sudo chown u7 d/a.db d/a.db-wal`"),
        );
        check(
            &[("my d", 8, true), ("my d/a.db", 7, false)],
            Err("my d belongs to u8, not to u7; `sudo chown u7 'my d'`"),
        );
        check(
            &[("d", 7, true), ("d/a.db", 7, false)],
            Err("d/a.db cannot be written by u7; `chmod u+w d/a.db`, unless the disk is read-only"),
        );
    }

    #[test]
    fn a_user_is_named() {
        assert_eq!(name_of(0), "root");
        assert_eq!(name_of(u32::MAX - 7), (u32::MAX - 7).to_string());
    }
}
