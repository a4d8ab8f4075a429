//! Tests `export`, `inspect` and `verify`.

use crate::desk::{Desk, redacted};

fn trained() -> Desk {
    let desk = Desk::with_diamonds(60);
    desk.run(&["train", "--families", "log-linear", "--folds", "2"]).ok();
    desk
}

#[test]
fn an_exported_blob_is_the_registered_model() {
    let desk = trained();
    desk.file("champion.loupe", "an older one");
    let exported = desk.json(&["export", "champion", "-o", "champion.loupe"]);
    assert_eq!(exported["bytes"], desk.read("champion.loupe").len());
    let of_file = desk.json(&["inspect", "champion.loupe"]);
    assert_eq!(of_file, desk.json(&["inspect", "champion"]));
    assert_eq!(of_file["id"], exported["id"]);
    insta::assert_snapshot!(redacted(&of_file));
    for model in ["champion.loupe", "champion"] {
        let verified = desk.json(&["verify", model]);
        assert_eq!(
            (&verified["ok"], &verified["sha256"]),
            (&true.into(), &exported["sha256"]),
            "{model}"
        );
    }
    // Nothing is left beside the file that was written.
    let left: Vec<_> =
        std::fs::read_dir(desk.path(".")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn a_damaged_or_foreign_file_is_bad_input() {
    let desk = trained();
    desk.run(&["export", "champion", "-o", "good.loupe"]).ok();
    let mut bytes = desk.read("good.loupe");
    bytes[100] ^= 1;
    desk.file("flipped.loupe", &bytes);
    desk.file("short.loupe", &desk.read("good.loupe")[..200]);
    desk.file("text.loupe", "hello");
    for (file, expected) in [
        ("flipped.loupe", "checksum"),
        ("short.loupe", "200 bytes where"),
        ("text.loupe", "not a Loupe model"),
    ] {
        for arguments in [
            &["verify", file][..],
            &["inspect", file],
            &["evaluate", file, "--data", "diamonds.csv"],
            &["predict", file, "--input", "diamonds.csv"],
        ] {
            let message = desk.run(arguments).failed(3);
            assert!(message.contains(file) && message.contains(expected), "{message}");
        }
    }
    let message = desk.run(&["verify", "missing.loupe"]).failed(3);
    assert!(message.contains("there is no such file"), "{message}");
}

#[test]
fn a_blob_that_changed_in_the_registry_is_noticed() {
    let desk = trained();
    desk.sql("UPDATE models SET blob = substr(blob, 1, 100)");
    let message = desk.run(&["verify", "champion"]).failed(1);
    assert!(message.contains("the file is damaged"), "{message}");
    desk.run(&["export", "champion", "-o", "out.loupe"]).failed(1);
    assert!(!desk.path("out.loupe").exists());
    let doctor = desk.run(&["doctor"]);
    assert_eq!(doctor.code, 1);
    assert!(
        doctor.stdout.contains("failed  champion") && doctor.stdout.contains("failed  blobs"),
        "{doctor:?}"
    );
    // A champion that cannot be read does not stand in the way of a better one.
    let run = desk.json(&["train", "--families", "linear", "--folds", "2"]);
    assert_eq!(run["champion"]["promoted"], true);
}

#[test]
fn exact_leaves_are_kept_and_can_be_had_back() {
    let desk = Desk::with_diamonds(300);
    let train = ["train", "--families", "xgboost", "--folds", "2", "--trials", "1"];
    let run = desk.json(&train);
    let exported = desk.json(&["export", "champion", "-o", "quantised.loupe"]);
    assert_eq!(exported["id"], run["champion"]["id"]);
    let exact = desk.json(&["export", "champion", "--exact", "-o", "exact.loupe"]);
    assert_ne!(exact["id"], exported["id"]);
    assert_eq!(desk.json(&["inspect", "exact.loupe"])["leaves"], "exact");
    assert_eq!(desk.json(&["inspect", "quantised.loupe"])["leaves"], "quantised");
    assert!(desk.read("exact.loupe").len() > desk.read("quantised.loupe").len());
    // Trained so to begin with, it is the very same model.
    let run = desk.json(&[&train[..], &["--exact-leaves", "--no-promote"]].concat());
    assert_eq!(run["models"][0]["params"], desk.json(&["show", "champion"])["params"]);
    let id = run["models"][0]["id"].as_str().unwrap();
    desk.run(&["export", id, "--exact", "-o", "again.loupe"]).ok();
    assert_eq!(desk.json(&["inspect", "again.loupe"])["id"], id);
}
