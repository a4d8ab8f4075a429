//! Tests the searches of `train`: every trial is kept, and an interrupted run can be resumed.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::desk::{Desk, diamonds};

const SEARCH: [&str; 7] =
    ["train", "--families", "elastic-net,xgboost", "--folds", "2", "--trials", "9"];

fn blobs(run: &Value) -> Vec<&str> {
    let models = run["models"].as_array().unwrap();
    models.iter().map(|model| model["blob"]["sha256"].as_str().unwrap()).collect()
}

/// Begins a training and sends it a signal once so many trials are kept; the id of its run and its message.
fn interrupted(desk: &Desk, arguments: &[&str], trials: usize) -> (String, String) {
    let child = desk.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.unwrap();
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
    let run = desk.json(&SEARCH);
    let shown = desk.json(&["trials", run["run_id"].as_str().unwrap()]);
    assert_eq!(shown["run_id"], run["run_id"]);
    assert_eq!(shown["searches"], run["trials"]);
    let searches = shown["searches"].as_array().unwrap();
    assert_eq!([&searches[0]["family"], &searches[1]["family"]], ["elastic-net", "xgboost"]);
    // The elastic net has two settings and tries eight.
    assert_eq!([&searches[0]["trials"], &searches[1]["trials"]], [8, 9]);
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
    let best = trials
        .iter()
        .filter(|trial| trial["family"] == "xgboost" && !trial["score"].is_null())
        .min_by(|one, other| {
            one["score"].as_f64().unwrap().total_cmp(&other["score"].as_f64().unwrap())
        })
        .unwrap();
    assert_eq!(best["score"], model["params"]["search"]["mae"]);
    for (name, value) in best["params"].as_object().unwrap() {
        assert_eq!(*value, model["params"][name], "{name}");
    }
    let gain = searches[1]["gain"].as_array().unwrap();
    assert_eq!((&gain[0]["trials"], &gain.last().unwrap()["trials"]), (&json!(1), &json!(9)));
    assert_eq!(gain.last().unwrap()["mae"], searches[1]["mae"]);

    // By a model, and for people.
    let by_model = desk.json(&["trials", model["id"].as_str().unwrap()]);
    assert_eq!(by_model, shown);
    let text = desk.run(&["trials", "champion"]).ok().stdout;
    assert!(text.contains("best MAE of the search") && text.contains("max_depth"), "{text}");
    let show = desk.json(&["show", model["id"].as_str().unwrap()]);
    assert_eq!(show["runs"][0]["trials"], 9);
    let message = desk.run(&["trials", "nothing"]).failed(4);
    assert!(message.contains(run["run_id"].as_str().unwrap()), "{message}");
}

#[test]
fn the_blobs_are_the_same_with_any_number_of_threads() {
    let desk = Desk::with_diamonds(60);
    let with = |threads| desk.json(&[&SEARCH[..], &["--threads", threads]].concat());
    let one = with("1");
    for threads in ["2", "3"] {
        assert_eq!(blobs(&with(threads)), blobs(&one), "{threads} threads");
    }
}

#[test]
fn a_resumed_run_gives_what_it_would_have_given() {
    let desk = Desk::with_diamonds(20);
    let (run_id, message) = interrupted(&desk, &SEARCH, 2);
    assert!(message.contains(" trials of xgboost; they are kept; go on with"), "{message}");
    assert!(message.contains(&format!("`trainer train --resume {run_id}`")), "{message}");
    let unfinished = desk.json(&["trials", &run_id]);
    assert!(unfinished["finished_at"].is_null() && unfinished["outcome"].is_null());
    let trials = unfinished["trials"].as_array().unwrap().clone();
    assert!((10..17).contains(&trials.len()), "{}", trials.len());
    assert_eq!(desk.json(&["list"])["models"].as_array().unwrap().len(), 0);
    desk.run(&["show", "challenger"]).failed(4);

    let resumed = desk.json(&["train", "--resume", &run_id[..16]]);
    assert_eq!(resumed["run_id"], *run_id);
    let other = Desk::with_diamonds(20);
    let whole = other.json(&SEARCH);
    assert_eq!(blobs(&resumed), blobs(&whole));
    // What had been settled was not done again: its seconds are those of the first attempt.
    let after = desk.json(&["trials", &run_id]);
    assert_eq!(after["trials"].as_array().unwrap().len(), 17);
    for trial in trials.iter().filter(|trial| trial["ended"] == "finished") {
        assert!(after["trials"].as_array().unwrap().contains(trial), "{trial}");
    }
    let message = desk.run(&["train", "--resume", &run_id]).failed(1);
    assert!(message.contains("finished at") && message.contains("first champion"), "{message}");
    desk.run(&["train", "--resume", "19"]).failed(4);
    desk.run(&["train", "--resume", &run_id, "--trials", "20"]).failed(2);
}

#[test]
fn a_run_goes_on_with_its_own_rows_only() {
    let desk = Desk::new();
    desk.file("rows.csv", diamonds(20));
    desk.file("more.csv", diamonds(19));
    desk.run(&["migrate"]).ok();
    let arguments = [&SEARCH[..], &["--data", "rows.csv"]].concat();
    let (run_id, _) = interrupted(&desk, &arguments, 1);
    std::fs::copy(desk.path("more.csv"), desk.path("rows.csv")).unwrap();
    let message = desk.run(&["train", "--resume", &run_id]).failed(3);
    assert!(message.contains("2697 rows with the hash"), "{message}");
    std::fs::remove_file(desk.path("rows.csv")).unwrap();
    let message = desk.run(&["train", "--resume", &run_id]).failed(3);
    assert!(message.contains("rows.csv: cannot be read"), "{message}");
}

#[test]
fn time_that_is_up_stops_trials_in_the_middle() {
    let desk = Desk::with_diamonds(10);
    let arguments =
        ["train", "--families", "xgboost", "--trials", "1000", "--timeout", "1s", "--folds", "2"];
    let run = desk.json(&arguments);
    let shown = desk.json(&["trials", run["run_id"].as_str().unwrap()]);
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
    let desk = Desk::with_diamonds(60);
    let search = ["train", "--families", "xgboost", "--folds", "2", "--trials", "2"];
    let first = desk.json(&search);
    assert_eq!(first["champion"]["promoted"], true);
    // The same rows again are searched as they were.
    assert_eq!(blobs(&desk.json(&search)), blobs(&first));
    desk.file("more.csv", diamonds(50));
    desk.run(&["ingest", "more.csv"]).ok();
    let tried_first = |arguments: &[&str]| {
        let run = desk.json(&[&search[..], arguments].concat());
        let shown = desk.json(&["trials", run["run_id"].as_str().unwrap()]);
        (shown["arguments"]["warm_start"].clone(), shown["trials"][0]["params"].clone())
    };
    let (warm_start, params) = tried_first(&[]);
    assert_eq!(warm_start["xgboost"]["model"], first["models"][0]["id"]);
    for (name, value) in params.as_object().unwrap() {
        assert_eq!(*value, first["models"][0]["params"][name], "{name}");
    }
    let (warm_start, _) = tried_first(&["--cold"]);
    assert_eq!(warm_start, json!({}));
}
