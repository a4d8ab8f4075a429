//! Tests the searches of `train`: every trial is kept, and an interrupted run can be resumed.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::desk::{Desk, blobs, diamonds, each};

const SEARCH: &str = "train --families elastic-net,xgboost --folds 2 --trials 9";

/// The trials of a run.
fn trials(desk: &Desk, run: &Value) -> Value {
    desk.json(format!("trials {}", run["run_id"]))
}

/// Begins a training and sends it a signal once so many trials are kept; the id of its run and its message.
fn interrupted(desk: &Desk, line: &str, trials: usize) -> (String, String) {
    let child = desk.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    let kept = || desk.texts("SELECT run_id FROM trials WHERE family = 'xgboost'");
    while kept().len() < trials {
        assert!(began.elapsed() < Duration::from_secs(120), "no trial was kept");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(output.stdout.is_empty());
    (kept().swap_remove(0), message)
}

#[test]
fn every_trial_is_kept_with_what_it_gave_and_why_it_ended() {
    let desk = Desk::with_diamonds(60);
    let run = desk.json(SEARCH);
    let shown = trials(&desk, &run);
    assert_eq!(shown["run_id"], run["run_id"]);
    assert_eq!(shown["searches"], run["trials"]);
    let searches = shown["searches"].as_array().unwrap();
    assert_eq!(each(&shown["searches"], "/family"), ["elastic-net", "xgboost"]);
    // The elastic net has two settings and tries eight.
    assert_eq!(each(&shown["searches"], "/trials"), [8, 9]);
    let trials = shown["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 17);
    for trial in trials {
        assert!(["finished", "pruned"].contains(&trial["ended"].as_str().unwrap()), "{trial}");
        assert_eq!(trial["score"].is_null(), trial["ended"] == "pruned", "{trial}");
        assert!(!trial["folds"].as_array().unwrap().is_empty(), "{trial}");
        assert!(trial["seconds"].as_f64().unwrap() > 0.0 && trial["reason"] != "", "{trial}");
    }
    let model = &run["models"][1];
    assert_eq!(model["family"], "xgboost");
    let score = |trial: &&Value| trial["score"].as_f64();
    let scored =
        trials.iter().filter(|trial| trial["family"] == "xgboost" && score(trial).is_some());
    let best = scored.min_by(|one, other| score(one).partial_cmp(&score(other)).unwrap()).unwrap();
    assert_eq!(best["score"], model["params"]["search"]["mae"]);
    for (name, value) in best["params"].as_object().unwrap() {
        assert_eq!(*value, model["params"][name], "{name}");
    }
    let gain = searches[1]["gain"].as_array().unwrap();
    assert_eq!((&gain[0]["trials"], &gain.last().unwrap()["trials"]), (&json!(1), &json!(9)));
    assert_eq!(gain.last().unwrap()["mae"], searches[1]["mae"]);

    // By a model, and for people.
    assert_eq!(desk.json(format!("trials {}", model["id"])), shown);
    let text = desk.run("trials champion").prints("best MAE of the search");
    assert!(text.contains("max_depth"), "{text}");
    assert_eq!(desk.json(format!("show {}", model["id"]))["runs"][0]["trials"], 9);
    desk.run("trials nothing").refused(4, run["run_id"].as_str().unwrap());
}

#[test]
fn the_blobs_are_the_same_with_any_number_of_threads() {
    let desk = Desk::with_diamonds(60);
    let with = |threads| desk.json(format!("{SEARCH} --threads {threads}"));
    let one = with(1);
    for threads in [2, 3] {
        assert_eq!(blobs(&with(threads)), blobs(&one), "{threads} threads");
    }
}

#[test]
fn a_resumed_run_gives_what_it_would_have_given() {
    let desk = Desk::with_diamonds(20);
    let (run_id, message) = interrupted(&desk, SEARCH, 2);
    assert!(message.contains(" trials of xgboost; they are kept; go on with"), "{message}");
    assert!(message.contains(&format!("`trainer train --resume {run_id}`")), "{message}");
    let unfinished = desk.json(format!("trials {run_id}"));
    assert!(unfinished["finished_at"].is_null() && unfinished["outcome"].is_null());
    let trials = unfinished["trials"].as_array().unwrap().clone();
    assert!((10..17).contains(&trials.len()), "{}", trials.len());
    assert_eq!(desk.json("list")["models"].as_array().unwrap().len(), 0);
    desk.run("show challenger").failed(4);

    let resumed = desk.json(format!("train --resume {}", &run_id[..16]));
    assert_eq!(resumed["run_id"], *run_id);
    let other = Desk::with_diamonds(20);
    let whole = other.json(SEARCH);
    assert_eq!(blobs(&resumed), blobs(&whole));
    // What had been settled was not done again: its seconds are those of the first attempt.
    let after = desk.json(format!("trials {run_id}"));
    assert_eq!(after["trials"].as_array().unwrap().len(), 17);
    for trial in trials.iter().filter(|trial| trial["ended"] == "finished") {
        assert!(after["trials"].as_array().unwrap().contains(trial), "{trial}");
    }
    let message = desk.run(format!("train --resume {run_id}")).refused(1, "finished at");
    assert!(message.contains("first champion"), "{message}");
    desk.run("train --resume 19").failed(4);
    desk.run(format!("train --resume {run_id} --trials 20")).failed(2);
}

#[test]
fn a_run_goes_on_with_its_own_rows_only() {
    let desk = Desk::new();
    desk.file("rows.csv", diamonds(20));
    desk.file("more.csv", diamonds(19));
    desk.run("migrate").ok();
    let (run_id, _) = interrupted(&desk, &format!("{SEARCH} --data rows.csv"), 1);
    let resume = format!("train --resume {run_id}");
    std::fs::copy(desk.path("more.csv"), desk.path("rows.csv")).unwrap();
    desk.run(&resume).refused(3, "2697 rows with the hash");
    std::fs::remove_file(desk.path("rows.csv")).unwrap();
    desk.run(&resume).refused(3, "rows.csv: cannot be read");
}

#[test]
fn time_that_is_up_stops_trials_in_the_middle() {
    let (desk, run) = Desk::trained(10, "xgboost --trials 1000 --timeout 1s --folds 2");
    let shown = trials(&desk, &run);
    let trials = shown["trials"].as_array().unwrap();
    let cut: Vec<&Value> = trials.iter().filter(|trial| trial["ended"] == "timeout").collect();
    assert!(!cut.is_empty(), "{shown:#}");
    for trial in cut {
        assert!(trial["seconds"].as_f64().unwrap() < 10.0, "{trial}");
        assert!(trial["reason"].as_str().unwrap().contains("time was up after"), "{trial}");
    }
    assert_eq!(run["models"][0]["family"], "xgboost");
}

#[test]
fn a_search_begins_with_the_last_champions_settings() {
    let families = "xgboost --folds 2 --trials 2";
    let (desk, first) = Desk::trained(60, families);
    let search = |more: &str| desk.json(format!("train --families {families} {more}"));
    assert_eq!(first["champion"]["promoted"], true);
    // The same rows again are searched as they were.
    assert_eq!(blobs(&search("")), blobs(&first));
    desk.file("more.csv", diamonds(50));
    desk.run("ingest more.csv").ok();
    let warm = trials(&desk, &search(""));
    assert_eq!(warm["arguments"]["warm_start"]["xgboost"]["model"], first["models"][0]["id"]);
    for (name, value) in warm["trials"][0]["params"].as_object().unwrap() {
        assert_eq!(*value, first["models"][0]["params"][name], "{name}");
    }
    let cold = trials(&desk, &search("--cold"));
    assert_eq!(cold["arguments"]["warm_start"], json!({}));
}
