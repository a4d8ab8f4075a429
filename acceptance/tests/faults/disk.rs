//! The disk is full, or the database becomes read-only.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use acceptance::{Loupe, concurrently};
use tempfile::TempDir;

use crate::load::{Load, ask_once, by_id, check, dead_letters, prices, wait_until_journaled};

#[test]
fn a_full_disk_sends_records_to_standard_error() {
    let Some(volume) = Mounts::in_memory(48) else { return };
    let loupe = Loupe::start_in(volume.path(), &[]);
    let prices = prices(&loupe);
    let load = Load::start(&loupe, 8, Duration::from_millis(5));
    std::thread::sleep(Duration::from_millis(300));

    let filler = volume.path().join("filler");
    let filled = std::fs::write(&filler, vec![1; 64 << 20]);
    assert_eq!(filled.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    std::thread::sleep(Duration::from_millis(1500));
    let long = long_ones(&loupe);

    std::fs::remove_file(&filler).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    wait_until_journaled(&loupe);
    let during = load.stop();
    let afterwards = ask_once(&loupe);

    let count = dead_letters(&during);
    assert!(count > 100 && count < during.len(), "{count} of {} records", during.len());
    assert_eq!(dead_letters(&afterwards), 0);
    check(&loupe, &during, &prices, true);
    check(&loupe, &afterwards, &prices, true);
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let lines = by_id(&loupe.dead_letters_of(&long));
    assert!(long.iter().all(|id| lines.contains_key(*id)));
}

/// Sends long bodies from enough callers for several instances, which all write to one standard error. Returns the ids.
fn long_ones(loupe: &Loupe) -> Vec<String> {
    let stone = format!(r#"{{"carat":0.7,"cut":"Ideal","color":"{}"}}"#, "G".repeat(50_000));
    concurrently(60, |_| {
        let answer = loupe.connect().post("/v1/predict", &stone);
        assert_eq!((answer.status, answer.header("x-loupe-journal")), (422, Some("stderr")));
        answer.id().to_owned()
    })
}

#[test]
fn a_read_only_database_is_still_read() {
    let Some(volume) = Mounts::in_memory(64) else { return };
    let loupe = Loupe::start_in(volume.path(), &[]);
    let prices = prices(&loupe);
    // Open connections can still write; those of new instances cannot.
    let read_only = Mounts::read_only(volume.path()).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let during = ask_once(&loupe);
    let ready = loupe.connect().get("/readyz").json();
    drop(read_only);
    wait_until_journaled(&loupe);
    let afterwards = ask_once(&loupe);

    assert_eq!((dead_letters(&during), dead_letters(&afterwards)), (during.len(), 0));
    let found = [&ready["status"], &ready["journal"]];
    assert_eq!(found, ["degraded", "standard error"], "{ready}");
    check(&loupe, &during, &prices, false);
    check(&loupe, &afterwards, &prices, true);
}

/// File systems that are unmounted when this is dropped.
struct Mounts {
    mounted: Vec<PathBuf>,
    folder: TempDir,
}

impl Mounts {
    fn none() -> Mounts {
        Mounts { mounted: Vec::new(), folder: tempfile::tempdir().unwrap() }
    }

    /// Mounts a file system in memory. Returns `None`, and prints a line, if mounting is not permitted.
    fn in_memory(mebibytes: usize) -> Option<Mounts> {
        let mut mounts = Mounts::none();
        let path = mounts.path().to_owned();
        mounts.add(&["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "none"], &path)?;
        Some(mounts)
    }

    /// Mounts a folder read-only over itself.
    fn read_only(folder: &Path) -> Option<Mounts> {
        let mut mounts = Mounts::none();
        let aside = mounts.path().to_owned();
        mounts.add(&["--bind", folder.to_str().unwrap()], &aside)?;
        // It becomes read-only elsewhere first, because a file may be opened meanwhile; then it is bound over the folder.
        mount(&["-o", "remount,ro,bind"], &aside)?;
        mounts.add(&["--bind", aside.to_str().unwrap()], folder)?;
        Some(mounts)
    }

    fn add(&mut self, arguments: &[&str], place: &Path) -> Option<()> {
        mount(arguments, place)?;
        self.mounted.push(place.to_owned());
        Some(())
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Mounts {
    fn drop(&mut self) {
        for mounted in self.mounted.iter().rev() {
            // A lazy unmount, because the server may still be closing its files.
            let _ = Command::new("umount").arg("-l").arg(mounted).status();
        }
    }
}

fn mount(arguments: &[&str], place: &Path) -> Option<()> {
    let outcome = Command::new("mount").args(arguments).arg(place).output();
    if outcome.as_ref().is_ok_and(|output| output.status.success()) {
        return Some(());
    }
    eprintln!("not tried: nothing can be mounted here (as root it can): {outcome:?}");
    None
}
