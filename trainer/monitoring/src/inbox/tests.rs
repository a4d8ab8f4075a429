use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn only_whole_files_of_a_known_kind_arrive_the_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::open(folder.path()).unwrap();
    let late = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    for name in [
        "b.csv",
        "a.CSV",
        "c.csv",
        ".hidden.csv",
        "d.csv.part",
        "e.csv~",
        "f.tmp",
        "g.parquet",
        "notes.txt",
    ] {
        fs::write(folder.path().join(name), "x").unwrap();
        let seconds = std::time::Duration::from_secs(if name == "c.csv" { 10 } else { 0 });
        let file = File::options().write(true).open(folder.path().join(name)).unwrap();
        file.set_modified(late - seconds).unwrap();
    }
    fs::create_dir(folder.path().join("folder.csv")).unwrap();
    std::os::unix::fs::symlink("b.csv", folder.path().join("link.csv")).unwrap();
    let (arrivals, others) = inbox.arrivals().unwrap();
    let found: Vec<String> = arrivals.iter().map(Arrival::name).collect();
    assert_eq!(found, ["c.csv", "a.CSV", "b.csv", "g.parquet"]);
    assert_eq!(others, ["link.csv", "notes.txt"]);
}

#[test]
fn a_file_is_put_next_to_its_reports_and_replaces_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::open(folder.path()).unwrap();
    for (text, expected) in [("one", "rows.csv"), ("two", "rows-2.csv"), ("three", "rows-3.csv")] {
        fs::write(folder.path().join("rows.csv"), text).unwrap();
        let arrival = inbox.arrivals().unwrap().0.remove(0);
        let place = inbox.put(&arrival, Shelf::Done, "page", "{}").unwrap();
        assert_eq!(place, folder.path().join("done").join(expected));
        assert_eq!(fs::read_to_string(&place).unwrap(), text);
        assert_eq!(fs::read_to_string(beside(&place, ".report.txt")).unwrap(), "page");
        assert_eq!(fs::read_to_string(beside(&place, ".report.json")).unwrap(), "{}");
    }
    assert_eq!(names(&folder.path().join("done")).len(), 9);
    assert_eq!(names(folder.path()), ["done", "rejected"]);
}

#[test]
fn a_file_that_was_replaced_meanwhile_stays() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::open(folder.path()).unwrap();
    let path = folder.path().join("rows.csv");
    fs::write(&path, "one").unwrap();
    let arrival = inbox.arrivals().unwrap().0.remove(0);
    fs::write(&path, "another").unwrap();
    let error = inbox.put(&arrival, Shelf::Done, "page", "{}").unwrap_err();
    assert!(matches!(error, InboxError::Changed { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "another");
}

#[test]
fn what_a_killed_watcher_left_half_written_is_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::open(folder.path()).unwrap();
    let done = folder.path().join("done");
    fs::write(done.join(format!("{UNFINISHED}x1")), "half").unwrap();
    fs::write(done.join("rows.csv.report.txt"), "whole").unwrap();
    inbox.sweep();
    assert_eq!(names(&done), ["rows.csv.report.txt"]);
}

#[test]
fn a_folder_that_cannot_be_watched_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &Path, expected: &str| {
        let error = Inbox::open(path).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(&folder.path().join("nothing"), "is no folder");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    check(&file, "is no folder");
    fs::write(folder.path().join("done"), "").unwrap();
    check(folder.path(), "cannot be made or written to");
}
