//! Resolves variables from `--variable`, the environment and defaults, and fills `{{ name }}` templates.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, ensure};

use crate::bindings::variables;
use crate::manifest::{Component, Manifest};

/// The environment variable of the application variable `name` is this prefix and the name in upper case.
const ENV_PREFIX: &str = "SPIN_VARIABLE_";

/// The variables of the component, with all templates filled.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// The value of `name`.
    pub(crate) fn get(&self, name: &str) -> Result<&str, variables::Error> {
        use variables::Error::{InvalidName, Undefined};
        check_name(name).map_err(|error| InvalidName(format!("{name:?}: {error}")))?;
        let undefined = || Undefined(format!("no variable {name:?} for this component"));
        self.0.get(name).map(String::as_str).ok_or_else(undefined)
    }
}

/// The values of the application's variables.
#[derive(Debug)]
pub(crate) struct Values(BTreeMap<String, String>);

impl Values {
    /// A value comes from `given` (`--variable`), else from `environment`, else from the manifest's default. Names in `given`
    /// that the manifest does not define are refused.
    pub(crate) fn resolve(
        manifest: &Manifest,
        given: &BTreeMap<String, String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut values = BTreeMap::new();
        for (name, default) in &manifest.variables {
            check_name(name).map_err(|error| anyhow!("variables.{name}: {error}"))?;
            let from_environment =
                || environment(&format!("{ENV_PREFIX}{}", name.to_ascii_uppercase()));
            let value = given.get(name).cloned().or_else(from_environment);
            values.insert(name.clone(), value.unwrap_or_else(|| default.clone()));
        }
        for name in given.keys() {
            ensure!(
                values.contains_key(name),
                "--variable {name}: the manifest defines no such variable; it defines {}",
                values.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
            );
        }
        Ok(Self(values))
    }

    /// The variables of a component.
    pub(crate) fn of(&self, component: &Component) -> Result<Variables> {
        let filled = component.variables.iter().map(|(name, template)| {
            let value = check_name(name).map_err(anyhow::Error::msg);
            let value = value.and_then(|()| self.fill(template));
            let place = || format!("component.{}.variables.{name}", component.id);
            Ok((name.clone(), value.with_context(place)?))
        });
        Ok(Variables(filled.collect::<Result<_>>()?))
    }

    /// Replaces each `{{ name }}` by its value.
    pub(crate) fn fill(&self, template: &str) -> Result<String> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((literal, expression)) = rest.split_once("{{") {
            let unclosed = || format!("{template:?} opens {{{{ without }}}}");
            let (name, after) = expression.split_once("}}").with_context(unclosed)?;
            let name = name.trim();
            let missing = || format!("{template:?} names {name:?}, which [variables] lacks");
            filled.push_str(literal);
            filled.push_str(self.0.get(name).with_context(missing)?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// Checks for lower snake case, so that each name has exactly one environment variable.
fn check_name(name: &str) -> Result<(), String> {
    let is_allowed = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '_');
    if name.is_empty() {
        Err("a variable name must not be empty".into())
    } else if let Some(other) = name.chars().find(|character| !is_allowed(*character)) {
        Err(format!("{other:?} is not allowed; names consist of a to z, 0 to 9 and _"))
    } else if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        Err("a variable name starts with a letter".into())
    } else if name.ends_with('_') || name.contains("__") {
        Err("a name must not have two underscores in a row, nor one at the end".into())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn manifest(variables: &str, component_variables: &str) -> Manifest {
        let text = format!(
            "spin_manifest_version = 2\napplication.name = \"app\"\n[variables]\n{variables}\n\
             [[trigger.http]]\nroute = \"/...\"\ncomponent = \"api\"\n\
             [component.api]\nsource = \"x\"\n[component.api.variables]\n{component_variables}"
        );
        Manifest::parse(&text, Path::new(".")).unwrap()
    }

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_option_wins_over_the_environment_and_the_default() {
        let manifest = manifest(
            "a = { default = \"1\" }\nb = { default = \"1\" }\nc = { default = \"\" }",
            "all = \"{{a}}-{{ b }}-{{ c }}!\"\nplain = \"p\"",
        );
        let environment = |name: &str| match name {
            "SPIN_VARIABLE_B" | "SPIN_VARIABLE_C" => Some("2".to_owned()),
            _ => None,
        };
        let values = Values::resolve(&manifest, &given(&[("c", "3")]), environment).unwrap();
        let variables = values.of(&manifest.component).unwrap();
        assert_eq!(variables.get("all"), Ok("1-2-3!"));
        assert_eq!(variables.get("plain"), Ok("p"));
        assert!(matches!(variables.get("a"), Err(variables::Error::Undefined(_))));
        assert!(matches!(variables.get("A"), Err(variables::Error::InvalidName(_))));
    }

    #[test]
    fn an_error_names_the_variable_and_the_reason() {
        let check = |variables, component, pairs: &[_], message: &str| {
            let manifest = manifest(variables, component);
            let values = Values::resolve(&manifest, &given(pairs), |_| None);
            let error = values.and_then(|values| values.of(&manifest.component)).unwrap_err();
            assert!(format!("{error:#}").contains(message), "{error:#}");
        };
        check("a = { default = \"\" }", "", &[("b", "1")], "it defines a");
        check("", "x = \"{{ a }}\"", &[], "component.api.variables.x: \"{{ a }}\" names \"a\"");
        check("", "x = \"{{ a\"", &[], "opens {{ without }}");
        check("a__b = { default = \"\" }", "", &[], "variables.a__b: a name must not have two");
    }

    #[test]
    fn names_are_lower_snake_case() {
        for name in ["a", "abc", "a1b2", "a_1", "a_1_b_3"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", "aX", "1bc", "_x", "x.y", "x_", "a__b", "x-y", "é"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
