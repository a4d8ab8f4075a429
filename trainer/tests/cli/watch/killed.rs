//! Tests that a watcher that is killed leaves the old state or the new one.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{ONCE, desk, fresh, is_there};
use crate::desk::Desk;

/// How often a watcher is killed.
const KILLS: u64 = 20;

const FILES: [(&str, usize); 3] = [("a.csv", 3), ("b.csv", 7), ("c.csv", 11)];

fn deliver(desk: &Desk) {
    for (name, offset) in FILES {
        desk.file(&format!("inbox/{name}"), fresh(400, offset));
    }
    desk.file("inbox/wine.csv", "alcohol,ash\n1,2\n");
}

/// What must be so at any moment at which nobody works.
fn check(desk: &Desk, moment: &str) {
    assert_eq!(desk.texts("PRAGMA integrity_check"), ["ok"], "{moment}");
    for (name, offset) in FILES {
        let (is_waiting, is_done) = (is_there(desk, name), is_there(desk, &format!("done/{name}")));
        assert!(is_waiting != is_done, "{moment}: {name}");
        let place = format!("inbox/{}{name}", if is_done { "done/" } else { "" });
        assert_eq!(desk.text(&place), fresh(400, offset), "{moment}: {name}");
        // All of its rows are in the data or none; once it is done with, all of them.
        let sql = format!(
            "SELECT CAST(count(*) AS TEXT) FROM diamonds JOIN ingestions ON ingestions.id = batch_id WHERE file = 'inbox/{name}'"
        );
        let rows = desk.texts(&sql);
        let all = (fresh(400, offset).lines().count() - 1).to_string();
        assert!(rows[0] == all || (rows[0] == "0" && is_waiting), "{moment}: {name}: {rows:?}");
        for ending in ["txt", "json"].iter().filter(|_| is_done) {
            let text = desk.text(&format!("inbox/done/{name}.report.{ending}"));
            let is_whole = text.ends_with('\n') && text.contains("rows were added");
            assert!(is_whole, "{moment}: {text}");
        }
    }
    // A champion is a model that is there, and a finished run has its models.
    let orphans = "SELECT model_id FROM promotions WHERE model_id NOT IN (SELECT id FROM models) \
         UNION ALL SELECT id FROM runs WHERE finished_at IS NOT NULL AND id NOT IN (SELECT run_id FROM run_models)";
    assert_eq!(desk.texts(orphans), Vec::<String>::new(), "{moment}");
}

/// What is to come out in the end, whatever happened.
fn result(desk: &Desk) -> (Vec<String>, Vec<String>, BTreeSet<String>) {
    let rows =
        desk.texts("SELECT hex(row_hash) || '/' || copy FROM diamonds ORDER BY row_hash, copy");
    let champion = desk.texts("SELECT model_id FROM promotions ORDER BY seq DESC LIMIT 1");
    let names = |folder: &str| {
        std::fs::read_dir(desk.path(&format!("inbox/{folder}")))
            .unwrap()
            .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().display()))
            .filter(|name| !name.contains("/run-"))
            .collect::<Vec<_>>()
    };
    (rows, champion, ["done", "rejected"].iter().flat_map(|folder| names(folder)).collect())
}

#[test]
fn a_killed_watcher_leaves_the_old_state_or_the_new() {
    let undisturbed = desk();
    deliver(&undisturbed);
    let began = Instant::now();
    undisturbed.run(ONCE).ok();
    let mut span = began.elapsed();
    check(&undisturbed, "undisturbed");
    let expected = result(&undisturbed);

    // Kills are spread over the time that a whole round takes; a desk is used until a round came through, then another.
    let mut state = 42_u64;
    let mut draw = |below: Duration| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        below * u32::try_from(state >> 40).unwrap() / (1 << 24)
    };
    let (mut killed, mut unharmed) = (0, 0);
    while killed < KILLS {
        let disturbed = desk();
        deliver(&disturbed);
        loop {
            let mut watcher = disturbed.command(ONCE);
            let mut watcher = watcher.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(draw(span));
            let was_done = watcher.try_wait().unwrap().is_some();
            watcher.kill().unwrap();
            watcher.wait().unwrap();
            check(&disturbed, &format!("after {killed} kills"));
            // As long as a round takes now, which is another time on a busy machine.
            span = if was_done { span * 3 / 4 } else { span * 9 / 8 };
            killed += u64::from(!was_done);
            unharmed += u64::from(was_done);
            if was_done || killed >= KILLS {
                break;
            }
        }
        // Whoever comes next is not kept waiting by the lease of the dead.
        disturbed.run(ONCE).ok();
        check(&disturbed, "in the end");
        let moment = format!("after {killed} kills, {unharmed} rounds unharmed");
        assert_eq!(result(&disturbed), expected, "{moment}");
    }
}
