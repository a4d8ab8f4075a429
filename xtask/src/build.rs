//! `cargo xtask build`: builds the component, the npm package, the page, the hosts and the trainer.

use anyhow::Result;

use crate::cargo::{self, SEE_COMPILER, WASIP2};
use crate::node;
use crate::steps::Steps;
use crate::{component, npm, repo, sbom, stamp, workspace};

/// Builds everything that `up` serves: the native programs beside the rest, which often keeps one core busy only.
pub(crate) fn run(steps: &mut Steps) -> Result<()> {
    let native = workspace::native("build")?;
    steps.beside("native programs", native, SEE_COMPILER, |steps| {
        let mut component = cargo::wasm("build", WASIP2, "inference-wasm")?;
        steps.run("component", &mut component, SEE_COMPILER)?;
        component::shrink(steps, &repo::component())?;
        npm::run(steps)?;
        page(steps)
    })?;
    sbom::run(steps)
}

/// The page at `/`, which spin.toml mounts from web-demo/dist.
fn page(steps: &mut Steps) -> Result<()> {
    let at = |file: &str| repo::at("web-demo").join(file);
    let own = [
        "index.html",
        "src",
        "public",
        "build",
        "package-lock.json",
        "vite.config.ts",
        "tsconfig.json",
    ];
    let mut inputs: Vec<_> = own.map(at).into();
    // The page computes its prices with the npm package.
    inputs.push(repo::at(npm::PACKAGE));
    stamp::unless_current("page", &inputs, &[at("dist/index.html")], || {
        let mut build = node::npm("web-demo");
        build.args(["run", "--silent", "build"]);
        steps.run("page", &mut build, "see the message above; the sources are in web-demo")
    })
}
