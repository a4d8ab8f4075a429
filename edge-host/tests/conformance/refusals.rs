//! Checks that wrong manifests, components and options end with exit code 1 and a message that names the cause.

use crate::server::Application;

fn check(application: Application, message: &str) {
    let output = application.fail();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(message), "{stderr:?} does not have {message:?}");
}

/// Encodes an empty component with these imports and exports.
fn component(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let name = |name: &str| [&[0, u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
    let section = |id: u8, items: Vec<Vec<u8>>| {
        let mut content = vec![u8::try_from(items.len()).unwrap()];
        content.extend(items.concat());
        [vec![id, u8::try_from(content.len()).unwrap()], content].concat()
    };
    let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
    if !imports.is_empty() {
        // Type 0: an instance without declarations; each import is one.
        bytes.extend(section(7, vec![vec![0x42, 0]]));
        bytes.extend(section(
            10,
            imports.iter().map(|import| [name(import), vec![5, 0]].concat()).collect(),
        ));
    }
    if !exports.is_empty() {
        // One empty instance behind the imported ones, exported by every name.
        let instance = u8::try_from(imports.len()).unwrap();
        bytes.extend(section(5, vec![vec![1, 0]]));
        bytes.extend(section(
            11,
            exports.iter().map(|export| [name(export), vec![5, instance, 0]].concat()).collect(),
        ));
    }
    bytes
}

#[test]
fn a_component_that_cannot_run_is_refused() {
    for (bytes, message) in [
        (b"not wasm".to_vec(), "is not a WebAssembly file"),
        (
            b"\0asm\x01\0\0\0".to_vec(),
            "is a core module, not a component: build it for wasm32-wasip2",
        ),
        (b"\0asm\x0d\0\x01\0rubbish".to_vec(), "cannot compile"),
        (component(&[], &[]), "does not export wasi:http/handler@0.3"),
        (
            component(&[], &["wasi:http/incoming-handler@0.2.0"]),
            "it exports wasi:http/incoming-handler@0.2.0; edge-host runs wasi:http/handler@0.3 (WASI p3) only",
        ),
        (
            component(
                &["spin:key-value/key-value@3.0.0", "wasi:http/types@0.3.0"],
                &["wasi:http/handler@0.3.0"],
            ),
            "it imports spin:key-value/key-value@3.0.0, which edge-host does not offer",
        ),
    ] {
        let application = Application::new();
        std::fs::write(application.directory.path().join("other.wasm"), bytes).unwrap();
        let guest = format!("{:?}", crate::server::guest());
        check(application.replace(&guest, "\"other.wasm\""), message);
    }
}

#[test]
fn unsupported_parts_of_the_manifest_are_refused() {
    for (lines, message) in [
        ("key_value_stores = [\"default\"]", "component.guest: unknown field `key_value_stores`"),
        ("allowed_http_hosts = [\"https://example.com\"]", "edge-host supports one component"),
        (
            "allowed_outbound_hosts = [\"redis://example.com:6379\"]",
            "other schemes are not supported",
        ),
        (
            "files = [{ source = \"nothing\", destination = \"/\" }]",
            "source \"nothing\" is not a directory",
        ),
        ("sqlite_database = [\"default\"]", "unknown field `sqlite_database`"),
        ("[variables]\nv = { required = true }", "unknown field `required`"),
        ("[component.other]\nsource = \"b.wasm\"", "2 components; exactly one is supported"),
        (
            "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"guest\"",
            "2 [[trigger.http]] tables; exactly one is supported",
        ),
        ("[component.guest.variables]\nv = \"{{ w }}\"", "names \"w\""),
    ] {
        check(Application::new().add(lines), message);
    }
    check(Application::new().replace("edge_host_guest.wasm", "missing.wasm"), "cannot read");
    check(
        Application::new().replace("trigger.http", "trigger.redis"),
        "trigger.redis: only http triggers are supported",
    );
    check(
        Application::new().replace("\"/...\"", "\"/clock\""),
        "the route is \"/clock\"; only \"/...\" is supported",
    );
}

#[test]
fn wrong_options_are_refused() {
    check(
        Application::new().argument("--manifest=nowhere.toml"),
        "cannot read the manifest nowhere.toml",
    );
    check(
        Application::new().argument("--variable=x=1"),
        "--variable x: the manifest defines no such variable",
    );
    check(Application::new().argument("--data-dir=spin.toml"), "--data-dir");
}

#[test]
fn a_database_of_a_newer_build_is_not_changed() {
    let server = Application::new().start();
    let data_dir = server.application.data_dir();
    let outcome = server.sql(
        "async",
        &[("INSERT INTO schema_migrations VALUES (9000, 'later', '')", serde_json::json!([]))],
    );
    assert_eq!(outcome[0]["changes"], 1, "{outcome:?}");
    let next = Application::new().argument(&format!("--data-dir={}", data_dir.display()));
    check(next, "9000");
}
