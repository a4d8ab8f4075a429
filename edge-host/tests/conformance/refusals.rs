//! Checks that wrong manifests, components and options end with exit code 1 and a message that names the cause.

use serde_json::json;
use wasm_encoder::*;

use crate::server::{Application, Server};

fn check(application: Application, message: &str) {
    let stderr = application.fail();
    assert!(stderr.contains(message), "{stderr:?} does not have {message:?}");
}

/// Encodes a component whose imports and exports are empty instances.
fn component(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    types.instance(&InstanceType::new());
    let mut imported = ComponentImportSection::new();
    for name in imports {
        imported.import(*name, ComponentTypeRef::Instance(0));
    }
    let mut instances = ComponentInstanceSection::new();
    instances.export_items::<&str, _>([]);
    let mut exported = ComponentExportSection::new();
    // The instance after the imported ones.
    let instance = u32::try_from(imports.len()).unwrap();
    for name in exports {
        exported.export(*name, ComponentExportKind::Instance, instance, None);
    }
    let mut component = Component::new();
    component.section(&types).section(&imported).section(&instances).section(&exported);
    component.finish()
}

#[test]
fn a_component_that_cannot_run_is_refused() {
    let imports = ["spin:key-value/key-value@3.0.0", "wasi:http/types@0.3.0"];
    let module = "is a core module, not a component: build it for wasm32-wasip2";
    for (bytes, message) in [
        (b"not wasm".to_vec(), "is not a WebAssembly file"),
        (b"\0asm\x01\0\0\0".to_vec(), module),
        (b"\0asm\x0d\0\x01\0rubbish".to_vec(), "cannot compile"),
        (component(&[], &[]), "does not export wasi:http/handler@0.3"),
        (
            component(&[], &["wasi:http/incoming-handler@0.2.0"]),
            "it exports wasi:http/incoming-handler@0.2.0; edge-host runs wasi:http/handler@0.3 (WASI p3) only",
        ),
        (
            component(&imports, &["wasi:http/handler@0.3.0"]),
            "it imports spin:key-value/key-value@3.0.0, which edge-host does not offer",
        ),
        (
            component(&["wasi:sockets/tcp@0.2.6"], &["wasi:http/handler@0.3.0"]),
            "it imports wasi:sockets/tcp@0.2.6, which edge-host does not offer; it offers WASI without sockets",
        ),
    ] {
        let guest = format!("{:?}", crate::server::guest());
        let application = Application::new().file("other.wasm", bytes);
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
    for (piece, replacement, message) in [
        ("edge_host_guest.wasm", "missing.wasm", "cannot read"),
        ("trigger.http", "trigger.redis", "trigger.redis: only http triggers are supported"),
        ("/...", "/clock", "the route is \"/clock\"; only \"/...\" is supported"),
    ] {
        check(Application::new().replace(piece, replacement), message);
    }
}

#[test]
fn wrong_options_are_refused() {
    for (argument, message) in [
        ("--manifest=nowhere.toml", "cannot read the manifest nowhere.toml"),
        ("--variable=x=1", "--variable x: the manifest defines no such variable"),
        ("--data-dir=spin.toml", "--data-dir"),
    ] {
        check(Application::new().argument(argument), message);
    }
}

#[test]
fn a_database_of_a_newer_build_is_not_changed() {
    let server = Server::plain();
    let data_dir = server.data_dir();
    let step = "INSERT INTO schema_migrations VALUES (9000, 'later', '')";
    let outcome = server.sql("async", json!([step]));
    assert_eq!(outcome[0]["changes"], 1, "{outcome:?}");
    let next = Application::new().argument(&format!("--data-dir={}", data_dir.display()));
    check(next, "9000");
}
