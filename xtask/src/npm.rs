//! `cargo xtask npm`: assembles the npm package from the browser crate and its TypeScript.

use std::fs;
use std::path::Path;
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

/// Builds the package as a folder that can be imported and as a tarball that can be published.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    let mut compile = cargo::wasm("rustc", BROWSER, "browser")?;
    // Full stripping would also take the section that tells wasm-bindgen which features may be used.
    compile.args(["--", "-C", "strip=debuginfo"]);
    steps.run("browser wasm", &mut compile, SEE_COMPILER)?;
    // By itself, because its dependencies would turn on features of the native programs'.
    let mut build = cargo::cargo("build");
    build.args(["--profile", "tool", "-p", "xtask", "--features", "bind", "--bin", "bind"]);
    steps.run("wasm-bindgen", &mut build, SEE_COMPILER)?;
    let bind = repo::target().join("tool/bind");
    let wasm = repo::target().join(BROWSER).join("edge/browser.wasm");
    let mut inputs = vec![wasm.clone(), bind.clone()];
    inputs.extend(["xtask/src/npm.rs", "xtask/src/component.rs"].map(repo::at));
    inputs.extend(COPIED.map(|(from, _)| repo::at(from)));
    let sources = ["package.json", "package-lock.json", "tsconfig.json", "ts"];
    inputs.extend(sources.map(|file| repo::at(SOURCE).join(file)));
    let outputs = ["index.js", "champion.loupe", "samples.loupe", "wasm/loupe_bg.wasm"];
    let outputs = outputs.map(|file| repo::at(PACKAGE).join(file));
    stamp::unless_current("npm", &inputs, &outputs, || {
        steps.take("npm package", |steps| assemble(steps, &bind, &wasm))
    })
}

fn assemble(steps: &Steps, bind: &Path, wasm: &Path) -> Result<()> {
    let package = repo::at(PACKAGE);
    repo::remove_folder(&package)?;
    fs::create_dir_all(&package)?;

    let mut bind = Command::new(bind);
    bind.arg(wasm).arg(package.join("wasm"));
    steps.succeed("wasm-bindgen", &mut bind, "see its message above")?;
    let bound = package.join("wasm/loupe_bg.wasm");
    let mut optimise = component::wasm_opt(&bound, &bound);
    steps.succeed("wasm-opt", &mut optimise, "see its message above")?;
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
