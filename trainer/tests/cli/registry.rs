//! Tests the history: ids, promotions and rollbacks.

use serde_json::json;

use crate::desk::{Desk, each, fields, redacted};

/// A desk with a linear and a log-linear model; the second is champion. Their ids, in that order.
fn trained() -> (Desk, String, String) {
    let (desk, run) = Desk::trained(60, "linear,log-linear --folds 2");
    let id = |at: usize| run["models"][at]["id"].as_str().unwrap().to_owned();
    let (linear, log_linear) = (id(0), id(1));
    (desk, linear, log_linear)
}

#[test]
fn a_model_goes_by_its_id_a_start_of_it_or_its_role() {
    let (desk, linear, log_linear) = trained();
    let family = |id: &str| desk.json(format!("show {id}"))["family"].clone();
    assert_eq!(family(&linear), "linear");
    assert_eq!(family(&linear[..8]), "linear");
    assert_eq!(family(&log_linear[..6].to_uppercase()), "log-linear");
    assert_eq!(family("champion"), "log-linear");
    assert_eq!(family("challenger"), "linear");
    for line in [
        "show ffffffffffff",
        "show ''",
        "promote xyz",
        "export xyz -o out.loupe",
        "predict xyz --input diamonds.csv",
        "compare champion xyz",
    ] {
        let message = desk.run(line).refused(4, &linear);
        assert!(message.contains(&log_linear), "{message}");
    }
    assert!(!desk.path("out.loupe").exists());
}

#[test]
fn an_empty_registry_has_no_champion_and_says_how_to_get_one() {
    let desk = Desk::with_diamonds(600);
    desk.run("show champion").refused(4, "trainer train");
    desk.run("show challenger").failed(4);
    desk.run("promote abc").failed(4);
    desk.run("rollback").failed(5);
    assert_eq!(desk.json("list")["models"], json!([]));
}

#[test]
fn promote_and_rollback_walk_the_history() {
    let (desk, linear, log_linear) = trained();
    let champion = || desk.json("list")["champion"].clone();
    desk.run("rollback").failed(5);
    desk.run("promote champion").failed(5);
    assert_eq!(champion(), log_linear);

    let promoted = desk.json(format!("promote {linear} --reason 'a test'"));
    assert_eq!(fields(&promoted, "id previous"), json!([linear, log_linear]));
    assert_eq!(champion(), linear);
    let back = desk.json("rollback");
    assert_eq!(fields(&back, "id previous"), json!([log_linear, linear]));
    assert_eq!(champion(), log_linear);
    // The rollback took the promotion back, so there is nothing left to go back to.
    desk.run("rollback").failed(5);
    let shown = desk.json(format!("show {log_linear}"));
    let reasons = each(&shown["promotions"], "/reason");
    assert_eq!(reasons.len(), 2);
    assert_eq!(*reasons[1], format!("rolled back from {linear}"));
}

#[test]
fn compare_says_which_is_better_and_when_it_cannot() {
    let (desk, linear, log_linear) = trained();
    let mut comparison = desk.json(format!("compare {linear} champion"));
    assert_eq!(comparison["better"], log_linear);
    // Which slices are the worst is the gate's own test.
    let gate = comparison.as_object_mut().unwrap().remove("gate").unwrap();
    assert_eq!(gate["champion_mae"], comparison["a"]["metrics"]["holdout"]["mae"]);
    assert!(comparison["difference"]["mae"].as_f64().unwrap() < 0.0);
    insta::assert_snapshot!(redacted(&comparison));
    let other = desk.json("train --families linear --folds 2 --seed 1 --no-promote");
    let comparison = desk.json(format!("compare {} champion", other["models"][0]["id"]));
    assert_eq!(fields(&comparison, "same_holdout better"), json!([false, null]));
}

#[test]
fn what_people_write_as_a_reason_decides_nothing() {
    let (desk, linear, log_linear) = trained();
    desk.json(format!("promote {linear} --reason 'rolled back by hand after the incident'"));
    assert_eq!(desk.json("rollback")["id"], log_linear);
    desk.run("rollback").failed(5);
}

#[test]
fn a_damaged_model_is_not_promoted() {
    let (desk, linear, log_linear) = trained();
    desk.sql("UPDATE models SET blob = substr(blob, 1, length(blob) - 1)");
    desk.run(format!("promote {linear}")).refused(5, "has changed since it was stored");
    assert_eq!(desk.json("list")["champion"], log_linear);
}

#[test]
fn an_export_follows_links_and_writes_to_what_is_no_file() {
    let (desk, _, _) = trained();
    let target = desk.file("target.loupe", "old");
    let link = desk.path("link.loupe");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    desk.run("export champion -o link.loupe").ok();
    assert!(link.is_symlink());
    assert!(desk.read("target.loupe").len() > 100);
    desk.run("export champion -o /dev/null").ok();
    assert!(!std::path::Path::new("/dev/null").is_file());
}
