//! The manifest grants variables and files; everything else is denied.

use serde_json::{Value, json};

use crate::server::{Application, Server};

#[test]
fn variables_come_from_option_environment_dotenv_and_default() {
    let server = Application::new()
        .add("[component.guest.variables]\nall = \"{{ a }}/{{ b }}/{{ c }}/{{d}}\"\nempty = \"\"")
        .add("[variables]\na = { default = \"default\" }\nb = { default = \"\" }\nc = { default = \"\" }\nd = { default = \"\", secret = true }")
        .file(".env", "SPIN_VARIABLE_C=dotenv\nSPIN_VARIABLE_B=dotenv\n")
        .environment("SPIN_VARIABLE_B", "environment")
        .environment("SPIN_VARIABLE_D", "environment")
        .argument("--variable=d=command=line")
        .start();
    for (name, expected) in [
        ("all", json!({ "value": "default/environment/dotenv/command=line" })),
        ("empty", json!({ "value": "" })),
        ("a", json!({ "error": "undefined" })),
        ("nothing", json!({ "error": "undefined" })),
        ("Not-A-Name", json!({ "error": "invalid-name" })),
    ] {
        assert_eq!(server.json(&format!("/variable?name={name}")), expected, "{name}");
    }
}

#[test]
fn the_guest_does_not_see_the_environment_of_the_host() {
    let server = Application::new().environment("HOST_SECRET", "of the host").start();
    assert_eq!(server.json("/environment"), json!({}));
}

#[test]
fn files_are_readable_at_their_destinations_and_read_only() {
    let server = Application::new()
        .add("files = [{ source = \"assets\", destination = \"/web\" }, { source = \"notes\", destination = \"notes\" }]")
        .file("assets/index.html", "the page")
        .file("assets/js/app.js", "the script")
        .file("notes/one.txt", "a note")
        .file("elsewhere.txt", "not listed")
        .start();
    let value = |value: Value| json!({ "value": value });
    for (path, expected) in [
        ("/read?path=/web/index.html", value("the page".into())),
        ("/read?path=notes/one.txt", value("a note".into())),
        ("/list?path=/", value(json!(["notes", "web"]))),
        ("/list?path=/notes", value(json!(["one.txt"]))),
        ("/list?path=/web/js", value(json!(["app.js"]))),
        ("/list?path=/assets", json!({ "error": "NotFound" })),
        ("/read?path=/elsewhere.txt", json!({ "error": "NotFound" })),
    ] {
        assert_eq!(server.json(path), expected, "{path}");
    }
    for path in ["/web/index.html", "/web/new.txt", "/new.txt"] {
        let outcome = server.json(&format!("/write?path={path}"));
        assert!(outcome["error"].is_string(), "{path} could be written: {outcome}");
    }
    // Paths with `..` do not lead out of the guest's /.
    for path in ["/web/../../elsewhere.txt", "../../../../../etc/hostname", "/etc/hostname"] {
        let outcome = server.json(&format!("/read?path={path}"));
        assert!(outcome["error"].is_string(), "{path} could be read: {outcome}");
    }
    let source = std::fs::read(server.directory.path().join("assets/index.html")).unwrap();
    assert_eq!(source, b"the page");
}

#[test]
fn a_component_without_files_has_no_file_system() {
    assert!(Server::plain().json("/list?path=/")["error"].is_string());
}

#[test]
fn the_guest_writes_to_the_host_output_and_error() {
    let server = Server::plain();
    server.get("/print");
    server.expect_stdout("a line on standard output");
    server.expect_stderr("a line on standard error");
}

#[test]
fn the_guest_has_the_clock_of_the_host() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let guest = Server::plain().json("/clock").as_u64().unwrap();
    assert!(guest.abs_diff(now) < 60, "the guest has {guest}, the host {now}");
}
