//! A manifest as written, and what of each table is refused.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use serde::Deserialize;

use super::{Component, FileMount, Variable};
use crate::route::Route;

/// The document as written. Fields that Spin knows and edge-host cannot honour are named here too, so that they
/// are refused with a reason; fields that change nothing at run time are read and ignored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) spin_manifest_version: i64,
    pub(super) application: RawApplication,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, RawVariable>,
    #[serde(default)]
    pub(super) trigger: BTreeMap<String, Vec<RawTrigger>>,
    #[serde(default)]
    pub(super) component: BTreeMap<String, RawComponent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawApplication {
    #[serde(rename = "name")]
    _name: String,
    #[serde(default, rename = "version")]
    _version: String,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(default, rename = "authors")]
    _authors: Option<Vec<String>>,
    #[serde(default, rename = "targets")]
    _targets: Option<toml::Value>,
    #[serde(default, rename = "tool")]
    _tool: Option<toml::Table>,
    #[serde(default)]
    trigger: BTreeMap<String, toml::Table>,
}

impl RawApplication {
    pub(super) fn refuse_unsupported(&self) -> Result<()> {
        for (kind, settings) in &self.trigger {
            for (name, value) in settings {
                ensure!(
                    kind == "http" && name == "base" && value.as_str() == Some("/"),
                    "application.trigger.{kind}.{name}: edge-host has no such setting; \
                     write the whole path in each [[trigger.http]] route"
                );
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVariable {
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    default: Option<String>,
    #[serde(default, rename = "secret")]
    _secret: bool,
}

impl RawVariable {
    pub(super) fn parse(self, name: &str) -> Result<Variable> {
        ensure!(
            self.required != self.default.is_some(),
            "variables.{name}: give it either `required = true` or a `default`"
        );
        Ok(Variable { default: self.default })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrigger {
    #[serde(default, rename = "id")]
    _id: Option<String>,
    route: toml::Value,
    #[serde(default)]
    component: Option<toml::Value>,
    #[serde(default)]
    executor: Option<toml::Table>,
    #[serde(default)]
    static_response: Option<toml::Value>,
    #[serde(default)]
    components: toml::Table,
    #[serde(default)]
    dependencies: toml::Table,
}

impl RawTrigger {
    pub(super) fn parse(self) -> Result<(Route, String)> {
        let toml::Value::String(route) = self.route else {
            bail!(
                "trigger.http route = {}: edge-host serves public routes, written as a string",
                self.route
            )
        };
        let refuse = |field: &str| {
            format!("trigger.http route {route:?}: edge-host does not support `{field}`")
        };
        ensure!(self.static_response.is_none(), refuse("static_response"));
        ensure!(self.components.is_empty(), refuse("components"));
        ensure!(self.dependencies.is_empty(), refuse("dependencies"));
        if let Some(executor) = self.executor {
            let kind = executor.get("type").and_then(toml::Value::as_str);
            ensure!(
                matches!(kind, Some("http" | "spin")) && executor.len() == 1,
                refuse("executor")
            );
        }
        match self.component {
            Some(toml::Value::String(id)) => Ok((Route::parse(&route)?, id)),
            Some(_) => bail!(
                "trigger.http route {route:?}: write the component as a [component.NAME] table"
            ),
            None => bail!("trigger.http route {route:?}: `component` is missing"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawComponent {
    source: toml::Value,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    files: Vec<FileMount>,
    #[serde(default)]
    exclude_files: Vec<String>,
    #[serde(default)]
    sqlite_databases: Vec<String>,
    #[serde(default)]
    key_value_stores: Vec<String>,
    #[serde(default)]
    ai_models: Vec<String>,
    #[serde(default)]
    allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    allowed_http_hosts: Vec<String>,
    #[serde(default)]
    dependencies: toml::Table,
    #[serde(default, rename = "dependencies_inherit_configuration")]
    _dependencies_inherit_configuration: Option<bool>,
    #[serde(default, rename = "targets")]
    _targets: Option<toml::Value>,
    #[serde(default, rename = "build")]
    _build: Option<toml::Table>,
    #[serde(default, rename = "tool")]
    _tool: Option<toml::Table>,
    #[serde(default, rename = "profile")]
    _profile: Option<toml::Table>,
}

impl RawComponent {
    pub(super) fn parse(self, id: &str) -> Result<Component> {
        let toml::Value::String(source) = self.source else {
            bail!("`source` = {}: edge-host runs a local file; give its path", self.source)
        };
        for (field, is_empty) in [
            ("key_value_stores", self.key_value_stores.is_empty()),
            ("ai_models", self.ai_models.is_empty()),
            ("allowed_http_hosts", self.allowed_http_hosts.is_empty()),
            ("dependencies", self.dependencies.is_empty()),
        ] {
            ensure!(
                is_empty,
                "`{field}`: edge-host cannot honour it; run this application with Spin"
            );
        }
        for label in &self.sqlite_databases {
            ensure!(
                label == "default",
                "`sqlite_databases`: {label:?} is not defined; edge-host offers \"default\" only"
            );
        }
        Ok(Component {
            id: id.to_owned(),
            source: source.into(),
            variables: self.variables,
            environment: self.environment,
            files: self.files,
            exclude_files: self.exclude_files,
            sqlite_databases: self.sqlite_databases,
            allowed_outbound_hosts: self.allowed_outbound_hosts,
        })
    }
}
