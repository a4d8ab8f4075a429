//! Tests `watch`: every file is accepted or rejected whole, with a report.

mod killed;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::desk::{Desk, HEADER, changed, csv, fields, rows};

/// Watches with one quick family; files need not lie there for long.
pub(crate) const WATCH: &str = "watch inbox --families linear --folds 2 --settle 0s";

pub(crate) const ONCE: &str = "watch inbox --families linear --folds 2 --settle 0s --once";

/// A desk with a folder to watch, and data so far: rows of the public table that `fresh` never gives.
pub(crate) fn desk() -> Desk {
    let desk = Desk::with_diamonds(40);
    std::fs::create_dir(desk.path("inbox")).unwrap();
    desk
}

/// A file of rows that the data has not got: every n-th row of the public table from an offset that is no multiple of 40.
pub(crate) fn fresh(every: usize, offset: usize) -> String {
    csv(rows(1).iter().skip(offset).step_by(every))
}

fn watch(desk: &Desk) -> Value {
    desk.json(ONCE)
}

fn is_there(desk: &Desk, name: &str) -> bool {
    desk.path(&format!("inbox/{name}")).exists()
}

fn report(desk: &Desk, name: &str) -> String {
    desk.text(&format!("inbox/{name}.report.txt"))
}

#[test]
fn a_good_file_is_added_trained_on_and_moved_to_done() {
    let desk = desk();
    let monday: String = fresh(400, 3).lines().map(|line| format!("{line},shop\n")).collect();
    desk.file("inbox/monday.csv", &monday);
    let round = watch(&desk);
    let [file] = &round["files"].as_array().unwrap()[..] else { panic!("{round:#}") };
    let expected = json!(["accepted", 135, "inbox/done/monday.csv"]);
    assert_eq!(fields(file, "verdict added moved_to"), expected, "{file:#}");
    assert_eq!(round["dataset"]["rows"], 1349 + 135);
    let run = &round["training"]["run"];
    assert_eq!(run["champion"]["promoted"], true, "{round:#}");
    assert_eq!(run["dataset"]["sha256"], round["dataset"]["sha256"]);
    assert!(is_there(&desk, "done/monday.csv") && !is_there(&desk, "monday.csv"));
    let run = format!("done/run-{}", run["run_id"].as_str().unwrap());
    assert!(report(&desk, &run).contains("champion"), "{run}");
    let text = report(&desk, "done/monday.csv");
    assert!(text.contains("accepted: 135 rows were added."), "{text}");
    assert!(text.contains("ignored the column \"shop\""), "{text}");
    let document: Value =
        serde_json::from_slice(&desk.read("inbox/done/monday.csv.report.json")).unwrap();
    assert_eq!(document["findings"], file["findings"]);

    // Nothing new, nothing to do.
    let idle = watch(&desk);
    assert_eq!([&idle["files"], &idle["training"]["due"]], [&json!([]), &json!(false)]);
    // The same file under another name adds nothing and calls for no training.
    desk.file("inbox/again.csv", &monday);
    let again = watch(&desk);
    assert_eq!(again["files"][0]["verdict"], "nothing new");
    assert_eq!(again["training"]["due"], false);
    assert!(report(&desk, "done/again.csv").contains("came at"), "{again:#}");
}

#[test]
fn a_bad_file_is_moved_to_rejected_and_changes_nothing() {
    let desk = desk();
    watch(&desk);
    let before = desk.json("ingest diamonds.csv")["dataset"].clone();
    let good = fresh(400, 3);
    let priced = |factor: u32| {
        let price = |cell: &str| (cell.parse::<u32>().unwrap() * factor).to_string();
        csv(good.lines().skip(1).map(|row| changed(row, "price", price)))
    };
    let check = |name: &str, content: &[u8], expected: &str| {
        desk.file(&format!("inbox/{name}"), content);
        let round = watch(&desk);
        assert_eq!(round["files"][0]["verdict"], "rejected", "{round:#}");
        assert_eq!(round["training"]["due"], false, "{name}");
        assert_eq!(round["dataset"], before, "{name}");
        assert!(is_there(&desk, &format!("rejected/{name}")), "{name}");
        let report = report(&desk, &format!("rejected/{name}"));
        assert!(report.contains(expected) && report.contains("What to do"), "{name}: {report}");
    };
    check("grades.csv", good.replace(",VS2,", ",VS3,").as_bytes(), "rows are bad");
    check("cheap.csv", priced(3).as_bytes(), "at the median, prices are");
    check("cut.csv", &good.as_bytes()[..good.len() - 20], "cut short");
    check("wine.csv", b"alcohol,ash\n1,2\n", "carat is missing");
    check("empty.csv", b"", "is empty");
    check("binary.csv", b"PK\x03\x04\xff\xfe", "UTF-8");
    let text = report(&desk, "rejected/cheap.csv");
    insta::assert_snapshot!(without_numbers(&text));
}

#[test]
fn what_is_not_whole_or_not_for_it_stays_where_it_is() {
    let desk = desk();
    watch(&desk);
    for name in ["rows.csv.part", ".rows.csv", "rows.csv~", "notes.txt"] {
        desk.file(&format!("inbox/{name}"), fresh(400, 3));
    }
    let round = watch(&desk);
    assert_eq!(fields(&round, "files ignored"), json!([[], ["notes.txt"]]));
    // A file that somebody still writes to is not read, however slow the machine is.
    let path = desk.file("inbox/rows.csv", format!("{HEADER}\n"));
    let mut running = desk.command("watch inbox --once --settle 2s --json").spawn().unwrap();
    let text = fresh(400, 3);
    let mut rows = text.lines().skip(1).cycle();
    while running.try_wait().unwrap().is_none() {
        append(&path, &format!("{}\n", rows.next().unwrap()));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(path.exists());
    assert_eq!(desk.json("ingest diamonds.csv")["dataset"], round["dataset"]);
    std::fs::write(&path, text).unwrap();
    assert_eq!(watch(&desk)["files"][0]["added"], 135);
}

#[test]
fn untrainable_rows_are_reported_once_and_more_rows_fix_it() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("inbox")).unwrap();
    desk.file("inbox/few.csv", fresh(2000, 3));
    let outcome = desk.run(ONCE);
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert!(outcome.stderr.contains("are needed") && is_there(&desk, "done/few.csv"));
    let again = watch(&desk);
    assert!(again["training"]["reason"].as_str().unwrap().contains("failed at"), "{again:#}");
    desk.file("inbox/more.csv", fresh(100, 7));
    assert_eq!(watch(&desk)["training"]["run"]["champion"]["promoted"], true);
}

#[test]
fn a_second_watcher_says_who_is_at_work() {
    let desk = desk();
    watch(&desk);
    desk.file("inbox/rows.csv", fresh(400, 3));
    desk.sql("INSERT INTO leases VALUES ('watch', '7@elsewhere/x/1', '2999-01-01T00:00:00.000Z')");
    desk.run(ONCE).refused(1, "7@elsewhere/x/1 watches this database");
    assert!(is_there(&desk, "rows.csv"));
    desk.sql("UPDATE leases SET expires_at = '2020-01-01T00:00:00.000Z'");
    assert_eq!(watch(&desk)["files"][0]["verdict"], "accepted");
    assert!(desk.texts("SELECT holder FROM leases").is_empty());
}

#[test]
fn two_watchers_do_every_file_once_and_end_when_told_to() {
    let desk = desk();
    let start = || {
        let mut watcher = desk.command(format!("{WATCH} --every 1s --json"));
        watcher.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    };
    let watchers = [start(), start()];
    for offset in 1..7 {
        std::fs::write(desk.path("inbox/.rows"), fresh(800, offset)).unwrap();
        let name = format!("inbox/rows{offset}.csv");
        std::fs::rename(desk.path("inbox/.rows"), desk.path(&name)).unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    let began = Instant::now();
    while (1..7).any(|offset| is_there(&desk, &format!("rows{offset}.csv"))) {
        assert!(began.elapsed().as_secs() < 60, "files are left");
        std::thread::sleep(Duration::from_millis(100));
    }
    let rounds: Vec<Value> = watchers.into_iter().flat_map(ended).collect();
    let files = rounds.iter().flat_map(|round| round["files"].as_array().unwrap());
    let mut done: Vec<&str> = files
        .inspect(|file| assert_eq!(file["verdict"], "accepted", "{file:#}"))
        .map(|file| file["file"].as_str().unwrap())
        .collect();
    done.sort_unstable();
    assert_eq!(done, [1, 2, 3, 4, 5, 6].map(|offset| format!("rows{offset}.csv")));
    assert!(rounds.iter().all(|round| round["error"].is_null()), "{rounds:#?}");
    assert!(desk.texts("SELECT holder FROM leases").is_empty());
}

#[test]
fn a_folder_that_is_not_there_is_wrong_usage() {
    let desk = Desk::new();
    desk.run("watch nothing --once").refused(2, "nothing: is no folder");
}

/// Asks a watcher to end, which it must do well, and returns its rounds.
fn ended(mut watcher: Child) -> Vec<Value> {
    let pid = watcher.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let mut text = String::new();
    std::io::Read::read_to_string(&mut watcher.stdout.take().unwrap(), &mut text).unwrap();
    assert!(watcher.wait().unwrap().success());
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn append(path: &Path, text: &str) {
    let mut file = std::fs::File::options().append(true).open(path).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

/// The page without what differs from processor to processor or from run to run.
fn without_numbers(page: &str) -> String {
    let shown = |line: &str| {
        line.split(' ')
            .map(|word| {
                let is_measured = word.contains('.') && word.chars().any(|c| c.is_ascii_digit());
                let digits = word.trim_end_matches(';');
                let is_hash = digits.len() >= 12 && digits.chars().all(|c| c.is_ascii_hexdigit());
                if is_measured || is_hash { "…" } else { word }
            })
            .collect::<Vec<_>>()
            .join(" ")
    };
    page.lines().map(shown).collect::<Vec<_>>().join("\n")
}
