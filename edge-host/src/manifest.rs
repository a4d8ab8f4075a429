//! `spin.toml` (manifest version 2), parsed into exactly what edge-host can honour; anything else is refused by name.

mod raw;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::route::Route;
use raw::Raw;

/// One application: its components and the routes that lead to them.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// Sources and files are relative to this directory.
    pub(crate) root: PathBuf,
    pub(crate) variables: BTreeMap<String, Variable>,
    /// Only those that a trigger leads to, in the order of their names.
    pub(crate) components: Vec<Component>,
    pub(crate) triggers: Vec<Trigger>,
}

/// An application variable: required if it has no default.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) default: Option<String>,
}

/// A component and what it may touch.
#[derive(Debug)]
pub(crate) struct Component {
    pub(crate) id: String,
    pub(crate) source: PathBuf,
    /// Name to template, such as `"{{ admin_token }}"`.
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) files: Vec<FileMount>,
    pub(crate) exclude_files: Vec<String>,
    pub(crate) sqlite_databases: Vec<String>,
    /// Templates, such as `"{{ libsql_url }}"`.
    pub(crate) allowed_outbound_hosts: Vec<String>,
}

/// One entry of `files`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum FileMount {
    /// A path or glob pattern, kept at its own place.
    Pattern(String),
    /// A file or directory put somewhere else.
    Placement { source: String, destination: String },
}

/// A route and the position of its component in [`Manifest::components`].
#[derive(Debug)]
pub(crate) struct Trigger {
    pub(crate) route: Route,
    pub(crate) component: usize,
}

impl Manifest {
    /// Reads a manifest file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the manifest {}", path.display()))?;
        let root = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        Self::parse(&text, root.unwrap_or(Path::new(".")))
            .with_context(|| format!("cannot run {}", path.display()))
    }

    /// Parses the text of a manifest whose directory is `root`.
    pub(crate) fn parse(text: &str, root: &Path) -> Result<Self> {
        let raw: Raw = toml::from_str(text)?;
        ensure!(
            raw.spin_manifest_version == 2,
            "spin_manifest_version is {}; edge-host reads version 2",
            raw.spin_manifest_version
        );
        raw.application.refuse_unsupported()?;
        let variables = raw
            .variables
            .into_iter()
            .map(|(name, variable)| Ok((name.clone(), variable.parse(&name)?)))
            .collect::<Result<_>>()?;

        let mut triggers = Vec::new();
        let mut used = Vec::new();
        for (kind, entries) in raw.trigger {
            ensure!(kind == "http", "trigger.{kind}: edge-host serves http triggers only");
            for entry in entries {
                let (route, id) = entry.parse()?;
                ensure!(
                    raw.component.contains_key(&id),
                    "trigger.http route {route}: there is no [component.{id}]"
                );
                if !used.contains(&id) {
                    used.push(id.clone());
                }
                triggers.push((route, id));
            }
        }
        ensure!(
            !triggers.is_empty(),
            "the manifest has no [[trigger.http]], so there is nothing to serve"
        );
        for (position, (route, id)) in triggers.iter().enumerate() {
            if let Some((_, other)) =
                triggers[..position].iter().find(|(earlier, _)| earlier == route)
            {
                bail!("trigger.http route {route} leads to both {other:?} and {id:?}; keep one");
            }
        }

        used.sort_unstable();
        let mut raw_components = raw.component;
        let components = used
            .iter()
            .filter_map(|id| raw_components.remove_entry(id))
            .map(|(id, component)| component.parse(&id).with_context(|| format!("component.{id}")))
            .collect::<Result<Vec<_>>>()?;
        let triggers = triggers
            .into_iter()
            .filter_map(|(route, id)| {
                let component = used.iter().position(|other| *other == id)?;
                Some(Trigger { route, component })
            })
            .collect();

        Ok(Self { root: root.to_owned(), variables, components, triggers })
    }
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

    /// Parses [`GOOD`] with one piece replaced, and expects `message` somewhere in the error.
    fn check(piece: &str, replacement: &str, message: &str) {
        assert!(GOOD.contains(piece), "{piece:?} is not in the manifest");
        let text = GOOD.replace(piece, replacement);
        match Manifest::parse(&text, Path::new(".")) {
            Ok(manifest) => panic!("{replacement:?} was accepted: {manifest:?}"),
            Err(error) => {
                let shown = format!("{error:#}");
                assert!(
                    shown.contains(message),
                    "{replacement:?}\n  said {shown:?}\n  not  {message:?}"
                );
            }
        }
    }

    #[test]
    fn the_smallest_manifest_is_read() {
        let manifest = Manifest::parse(GOOD, Path::new("/app")).unwrap();
        assert_eq!(manifest.components.len(), 1);
        assert_eq!(manifest.components[0].source, Path::new("api.wasm"));
        assert_eq!(manifest.triggers[0].route.to_string(), "/...");
    }

    #[test]
    fn the_manifest_of_this_repository_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spin.toml");
        let manifest = Manifest::read(&path).unwrap();
        assert_eq!(manifest.components[0].sqlite_databases, ["default"]);
        assert!(manifest.variables.values().all(|variable| variable.default.is_some()));
    }

    #[test]
    fn what_edge_host_cannot_honour_is_refused_by_name() {
        let source = r#"source = "api.wasm""#;
        let with = |field: &str| format!("{source}\n{field}");
        for (field, message) in [
            ("key_value_stores = [\"default\"]", "component.api: `key_value_stores`"),
            ("ai_models = [\"m\"]", "`ai_models`"),
            ("allowed_http_hosts = [\"http://x\"]", "`allowed_http_hosts`"),
            ("dependencies = { \"a:b\" = \"1\" }", "`dependencies`"),
            ("sqlite_databases = [\"other\"]", "\"other\" is not defined"),
            ("sqlite_database = [\"default\"]", "unknown field `sqlite_database`"),
        ] {
            check(source, &with(field), message);
        }
        check(
            "trigger.http",
            "trigger.redis",
            "trigger.redis: edge-host serves http triggers only",
        );
        check(
            "name = \"app\"",
            "name = \"app\"\ntrigger.http.base = \"/v1\"",
            "application.trigger.http.base",
        );
        check("component = \"api\"", "component = \"other\"", "there is no [component.other]");
        check("component = \"api\"", "component = { source = \"x\" }", "[component.NAME] table");
        check("component = \"api\"", "static_response = { body = \"\" }", "`static_response`");
        check(
            "component = \"api\"",
            "component = \"api\"\nexecutor = { type = \"wagi\" }",
            "`executor`",
        );
        check("route = \"/...\"", "route = { private = true }", "public routes");
        check("route = \"/...\"", "route = \"/:id\"", "\"/:id\"");
        check(source, "source = { url = \"http://x\", digest = \"\" }", "local file");
        check("version = 2", "version = 1", "edge-host reads version 2");
        check("[application]", "[variables]\nv = {}\n[application]", "variables.v: give it either");
    }

    #[test]
    fn two_triggers_on_one_route_are_refused() {
        let second = "[[trigger.http]]\nroute = \"/.../\"\ncomponent = \"api\"\n[component.api]";
        check("[component.api]", &second.replace("/.../", "/..."), "leads to both");
    }
}
