//! Lists the C and C++ libraries that crates contain and compile, which Cargo does not know of.

use serde_json::{Value as Json, json};

use super::crates::component;

/// A library inside a crate.
pub(super) struct Bundled {
    /// The crate, and its version that has this version of the library inside.
    pub(super) inside: (&'static str, &'static str),
    name: &'static str,
    version: &'static str,
    license: &'static str,
}

/// All of them. Versions are read off the crates' sources; a test says when a crate has moved on.
pub(super) const BUNDLED: [Bundled; 2] = [
    Bundled {
        inside: ("xgboost-rs-sys", "0.1.31"),
        name: "xgboost",
        version: "1.6.2",
        license: "Apache-2.0",
    },
    // libsql's own changes to SQLite have a version of their own, 0.2.3.
    Bundled {
        inside: ("libsql-ffi", "0.10.0"),
        name: "sqlite",
        version: "3.47.0",
        license: "blessing",
    },
];

impl Bundled {
    pub(super) fn purl(&self) -> String {
        format!("pkg:generic/{}@{}", self.name, self.version)
    }

    pub(super) fn component(&self) -> Json {
        let mut component = component("library", &self.purl(), self.name, self.version);
        component["licenses"] = json!([{ "expression": self.license }]);
        let description = format!("compiled from what the crate {} has inside", self.inside.0);
        component["description"] = json!(description);
        component
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo;

    #[test]
    fn the_crates_are_those_whose_sources_were_read() {
        let lock = std::fs::read_to_string(repo::at("Cargo.lock")).unwrap();
        for Bundled { inside: (name, version), .. } in BUNDLED {
            let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            assert!(lock.contains(&entry), "look which library {name} has inside now");
        }
    }
}
