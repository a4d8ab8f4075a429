//! Tests `export`, `inspect` and `verify`.

use serde_json::json;

use crate::desk::{Desk, fields, redacted};

fn trained() -> Desk {
    Desk::trained(60, "log-linear --folds 2").0
}

#[test]
fn an_exported_blob_is_the_registered_model() {
    let desk = trained();
    desk.file("champion.loupe", "an older one");
    let exported = desk.json("export champion -o champion.loupe");
    assert_eq!(exported["bytes"], desk.read("champion.loupe").len());
    let of_file = desk.json("inspect champion.loupe");
    assert_eq!(of_file, desk.json("inspect champion"));
    assert_eq!(of_file["id"], exported["id"]);
    insta::assert_snapshot!(redacted(&of_file));
    for model in ["champion.loupe", "champion"] {
        let verified = desk.json(format!("verify {model}"));
        assert_eq!(fields(&verified, "ok sha256"), json!([true, exported["sha256"]]), "{model}");
    }
    // Nothing is left beside the file that was written.
    let left: Vec<_> = std::fs::read_dir(desk.path(".")).unwrap().collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn a_damaged_or_foreign_file_is_bad_input() {
    let desk = trained();
    desk.run("export champion -o good.loupe").ok();
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
        for line in [
            format!("verify {file}"),
            format!("inspect {file}"),
            format!("evaluate {file} --data diamonds.csv"),
            format!("predict {file} --input diamonds.csv"),
        ] {
            let message = desk.run(line).refused(3, expected);
            assert!(message.contains(file), "{message}");
        }
    }
    desk.run("verify missing.loupe").refused(3, "there is no such file");
}

#[test]
fn a_blob_that_changed_in_the_registry_is_noticed() {
    let desk = trained();
    desk.sql("UPDATE models SET blob = substr(blob, 1, 100)");
    desk.run("verify champion").refused(1, "the file is damaged");
    desk.run("export champion -o out.loupe").failed(1);
    assert!(!desk.path("out.loupe").exists());
    let doctor = desk.run("doctor");
    assert_eq!(doctor.code, 1);
    for check in ["champion", "blobs"] {
        assert!(doctor.stdout.contains(&format!("failed  {check}")), "{doctor:?}");
    }
    // A champion that cannot be read does not stand in the way of a better one.
    let run = desk.json("train --families linear --folds 2");
    assert_eq!(run["champion"]["promoted"], true);
}

#[test]
fn exact_leaves_are_kept_and_can_be_had_back() {
    let families = "xgboost --folds 2 --trials 1";
    let (desk, run) = Desk::trained(300, families);
    let exported = desk.json("export champion -o quantised.loupe");
    assert_eq!(exported["id"], run["champion"]["id"]);
    let exact = desk.json("export champion --exact -o exact.loupe");
    assert_ne!(exact["id"], exported["id"]);
    assert_eq!(desk.json("inspect exact.loupe")["leaves"], "exact");
    assert_eq!(desk.json("inspect quantised.loupe")["leaves"], "quantised");
    assert!(desk.read("exact.loupe").len() > desk.read("quantised.loupe").len());
    // Trained so to begin with, it is the very same model.
    let run = desk.json(format!("train --families {families} --exact-leaves --no-promote"));
    assert_eq!(run["models"][0]["params"], desk.json("show champion")["params"]);
    let id = &run["models"][0]["id"];
    desk.run(format!("export {id} --exact -o again.loupe")).ok();
    assert_eq!(desk.json("inspect again.loupe")["id"], *id);
}
