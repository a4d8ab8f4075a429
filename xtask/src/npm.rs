//! `cargo xtask npm`: assembles the npm package from its two wasm crates and its TypeScript.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::{self, BROWSER, SEE_COMPILER};
use crate::steps::Steps;
use crate::{component, node, repo, stamp};

const SOURCE: &str = "inference-wasm/browser";
/// The folder in which the package is assembled; the tarball lies next to it.
pub(crate) const PACKAGE: &str = "npm/loupe-diamonds";
/// The files of the repository that are part of it, and their names there.
const COPIED: [(&str, &str); 5] = [
    ("models/champion.loupe", "champion.loupe"),
    ("models/samples.loupe", "samples.loupe"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("inference-wasm/browser/README.md", "README.md"),
];

/// The crates that become wasm: the file that Cargo makes, the name in the package, the level of optimisation. Prices have to be
/// fast; what reads tables is loaded only where it is used, and has to be small.
const WASM: [(&str, &str, &str, &str); 2] = [
    ("browser", "browser.wasm", "loupe", "3"),
    ("browser-table", "browser_table.wasm", "table", "s"),
];

/// Builds the package as a folder that can be imported and as a tarball that can be published.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    for (package, _, _, level) in WASM {
        let mut compile = cargo::wasm("rustc", BROWSER, package)?;
        // Full stripping would also take the section that tells wasm-bindgen which features may be used.
        compile.args(["--", "-C", "strip=debuginfo"]);
        compile.env("CARGO_PROFILE_EDGE_OPT_LEVEL", level);
        steps.run(&format!("{package} wasm"), &mut compile, SEE_COMPILER)?;
    }
    // By itself, because its dependencies would turn on features of the native programs'.
    let mut build = cargo::cargo("build");
    build.args(["--profile", "tool", "-p", "xtask", "--features", "bind", "--bin", "bind"]);
    steps.run("wasm-bindgen", &mut build, SEE_COMPILER)?;
    let bind = repo::target().join("tool/bind");
    let mut inputs = vec![bind.clone()];
    inputs.extend(WASM.map(|(_, file, _, _)| built(file)));
    inputs.extend(["xtask/src/npm.rs", "xtask/src/component.rs"].map(repo::at));
    inputs.extend(COPIED.map(|(from, _)| repo::at(from)));
    let sources = ["package.json", "package-lock.json", "tsconfig.json", "ts"];
    inputs.extend(sources.map(|file| repo::at(SOURCE).join(file)));
    let outputs =
        ["index.js", "champion.loupe", "samples.loupe", "wasm/loupe_bg.wasm", "wasm/table_bg.wasm"];
    let outputs = outputs.map(|file| repo::at(PACKAGE).join(file));
    stamp::unless_current("npm", &inputs, &outputs, || {
        steps.take("npm package", |steps| assemble(steps, &bind))
    })
}

/// The wasm as Cargo makes it.
fn built(file: &str) -> PathBuf {
    repo::target().join(BROWSER).join("edge").join(file)
}

fn assemble(steps: &Steps, bind: &Path) -> Result<()> {
    let package = repo::at(PACKAGE);
    repo::remove_folder(&package)?;
    fs::create_dir_all(&package)?;

    for (_, file, name, _) in WASM {
        let mut bind = Command::new(bind);
        bind.arg(built(file)).arg(package.join("wasm")).arg(name);
        steps.succeed("wasm-bindgen", &mut bind, "see its message above")?;
        let bound = package.join(format!("wasm/{name}_bg.wasm"));
        let mut optimise = component::wasm_opt(&bound, &bound);
        steps.succeed("wasm-opt", &mut optimise, "see its message above")?;
    }
    let mut compile = Command::new(node::program(SOURCE, "tsc"));
    compile.arg("--project").arg(repo::at(SOURCE).join("tsconfig.json"));
    let remedy = "see its message above; the sources are in inference-wasm/browser/ts";
    steps.succeed("tsc", &mut compile, remedy)?;

    for (from, to) in COPIED {
        fs::copy(repo::at(from), package.join(to))
            .with_context(|| format!("{from} cannot be copied"))?;
    }
    write_manifest(steps)?;
    let mut pack = node::npm(PACKAGE);
    pack.args(["pack", "--silent", "--ignore-scripts", "--pack-destination", ".."]);
    steps.succeed("npm pack", &mut pack, "see npm's message above")
}

/// The manifest without what only concerns building and testing.
fn write_manifest(steps: &Steps) -> Result<()> {
    fs::copy(repo::at(SOURCE).join("package.json"), repo::at(PACKAGE).join("package.json"))?;
    let mut strip = node::npm(PACKAGE);
    strip.args(["pkg", "delete", "devDependencies", "scripts", "private"]);
    steps.succeed("npm pkg", &mut strip, "see npm's message above")
}
