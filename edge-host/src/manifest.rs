//! Reads `spin.toml` (manifest version 2) and refuses everything that edge-host does not support.
//!
//! Each structure names the supported fields; serde refuses any other field by its name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The only supported route: all paths.
pub(crate) const ROUTE: &str = "/...";

/// An application of one component.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// The directory of the manifest; sources and files are relative to it.
    pub(crate) root: PathBuf,
    /// The default of each application variable.
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) component: Component,
}

/// A component and its permissions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Component {
    #[serde(skip)]
    pub(crate) id: String,
    pub(crate) source: PathBuf,
    /// Templates by name, such as `"{{ admin_token }}"`.
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) files: Vec<FileMount>,
    /// Empty, or only `default`.
    #[serde(default)]
    pub(crate) sqlite_databases: Vec<String>,
    /// Templates, such as `"{{ libsql_url }}"`.
    #[serde(default)]
    pub(crate) allowed_outbound_hosts: Vec<String>,
    #[serde(rename = "build")]
    _build: Option<IgnoredAny>,
}

/// A directory and its place in the guest's file system.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ source, destination }; patterns are not supported")]
pub(crate) struct FileMount {
    pub(crate) source: String,
    pub(crate) destination: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    spin_manifest_version: i64,
    #[serde(rename = "application")]
    _application: Application,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    #[serde(default)]
    trigger: BTreeMap<String, Vec<toml::Table>>,
    #[serde(default)]
    component: BTreeMap<String, toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "these fields may be there, and nothing depends on them")]
struct Application {
    name: IgnoredAny,
    version: Option<IgnoredAny>,
    description: Option<IgnoredAny>,
    authors: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    default: String,
    #[serde(rename = "secret")]
    _secret: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trigger {
    route: String,
    component: String,
}

impl Manifest {
    /// Reads a manifest file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the manifest {}", path.display()))?;
        let root = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        Self::parse(&text, root.unwrap_or(Path::new("."))).with_context(|| {
            format!(
                "{}: edge-host supports one component with variables, files, the default SQLite database and outbound \
                 HTTP; use Spin for anything else",
                path.display()
            )
        })
    }

    /// Parses the text of a manifest in the directory `root`.
    pub(crate) fn parse(text: &str, root: &Path) -> Result<Self> {
        let mut document: Document = toml::from_str(text)?;
        let version = document.spin_manifest_version;
        ensure!(version == 2, "spin_manifest_version is {version}; only version 2 is supported");
        let triggers = document.trigger.remove("http").unwrap_or_default();
        if let Some(kind) = document.trigger.keys().next() {
            bail!("trigger.{kind}: only http triggers are supported");
        }
        let [trigger] = exactly_one(triggers, "[[trigger.http]] tables")?;
        let Trigger { route, component: target } = trigger.try_into().context("trigger.http")?;
        ensure!(
            route == ROUTE,
            "trigger.http: the route is {route:?}; only {ROUTE:?} is supported"
        );
        let components = document.component.into_iter().collect();
        let [(id, component)] = exactly_one(components, "components")?;
        ensure!(target == id, "trigger.http: there is no [component.{target}]");
        let component: Component =
            component.try_into().with_context(|| format!("component.{id}"))?;
        if let Some(label) = component.sqlite_databases.iter().find(|label| *label != "default") {
            bail!("component.{id}.sqlite_databases: only \"default\" is supported, not {label:?}");
        }
        let variables = document.variables.into_iter();
        Ok(Self {
            root: root.to_owned(),
            variables: variables.map(|(name, variable)| (name, variable.default)).collect(),
            component: Component { id, ..component },
        })
    }
}

fn exactly_one<T>(items: Vec<T>, name: &str) -> Result<[T; 1]> {
    items.try_into().map_err(|items: Vec<T>| {
        anyhow!("the manifest has {} {name}; exactly one is supported", items.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "app"
        [[trigger.http]]
        route = "/..."
        component = "api"
        [component.api]
        source = "api.wasm"
    "#;

    /// Parses [`GOOD`] with one piece replaced and checks the error message.
    fn check(piece: &str, replacement: &str, message: &str) {
        assert!(GOOD.contains(piece), "{piece:?} is not in the manifest");
        let text = GOOD.replace(piece, replacement);
        let error = Manifest::parse(&text, Path::new(".")).expect_err(replacement);
        let error = format!("{error:#}");
        assert!(error.contains(message), "{replacement:?}: {error:?}, not {message:?}");
    }

    #[test]
    fn the_smallest_manifest_is_read() {
        let manifest = Manifest::parse(GOOD, Path::new("/app")).unwrap();
        assert_eq!(manifest.root, Path::new("/app"));
        assert_eq!(manifest.component.id, "api");
        assert_eq!(manifest.component.source, Path::new("api.wasm"));
    }

    #[test]
    fn the_manifest_of_this_repository_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spin.toml");
        let manifest = Manifest::read(&path).unwrap();
        assert_eq!(manifest.component.sqlite_databases, ["default"]);
        assert_eq!(manifest.variables.get("journal_group").map(String::as_str), Some("64"));
    }

    #[test]
    fn unsupported_component_fields_are_refused() {
        let source = r#"source = "api.wasm""#;
        let with = |field: &str| format!("{source}\n{field}");
        for (field, message) in [
            ("key_value_stores = [\"default\"]", "component.api: unknown field `key_value_stores`"),
            ("ai_models = [\"m\"]", "unknown field `ai_models`"),
            ("allowed_http_hosts = [\"http://x\"]", "unknown field `allowed_http_hosts`"),
            ("dependencies = { \"a:b\" = \"1\" }", "unknown field `dependencies`"),
            ("environment = { A = \"b\" }", "unknown field `environment`"),
            ("exclude_files = [\"*\"]", "unknown field `exclude_files`"),
            ("sqlite_database = [\"default\"]", "unknown field `sqlite_database`"),
            ("sqlite_databases = [\"other\"]", "only \"default\" is supported, not \"other\""),
            ("files = [\"notes/*.txt\"]", "patterns are not supported"),
            ("[component.other]\nsource = \"b.wasm\"", "has 2 components; exactly one"),
        ] {
            check(source, &with(field), message);
        }
        let url = "source = { url = \"http://x\", digest = \"\" }";
        check(source, url, "component.api: invalid type");
    }

    #[test]
    fn unsupported_triggers_are_refused() {
        check("trigger.http", "trigger.redis", "trigger.redis: only http triggers are supported");
        let base = "name = \"app\"\ntrigger.http.base = \"/v1\"";
        check("name = \"app\"", base, "unknown field `trigger`");
        let component = "component = \"api\"";
        check(component, "component = \"other\"", "there is no [component.other]");
        check(component, "component = { source = \"x\" }", "trigger.http: invalid type");
        check(component, "static_response = { body = \"\" }", "unknown field `static_response`");
        let executor = "component = \"api\"\nexecutor = { type = \"wagi\" }";
        check(component, executor, "unknown field `executor`");
        for route in ["/:id", "/api/...", "/api", "/a/*"] {
            check("\"/...\"", &format!("{route:?}"), "only \"/...\" is supported");
        }
        check("\"/...\"", "{ private = true }", "trigger.http: invalid type");
        let second = "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"api\"\n[component.api]";
        check("[component.api]", second, "has 2 [[trigger.http]] tables; exactly one");
    }

    #[test]
    fn unsupported_versions_and_variables_are_refused() {
        check("version = 2", "version = 1", "only version 2 is supported");
        let with = |variable: &str| format!("[variables]\nv = {variable}\n[application]");
        check("[application]", &with("{}"), "missing field `default`");
        check("[application]", &with("{ required = true }"), "unknown field `required`");
    }
}
