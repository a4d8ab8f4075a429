//! Shrinks a WebAssembly component: wasm-opt knows core modules only, so the module inside is taken out,
//! optimised and put back.
//!
//! A component is a preamble and a list of sections, each an id byte, a LEB128 length and that many bytes. A
//! section with id 1 is a core module, whole. The rest refers to a module only through the names of its
//! imports and exports, and those wasm-opt keeps.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::steps::Steps;
use crate::{node, repo, stamp};

const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";
const CORE_MODULE: u8 = 1;

/// What rustc's wasm targets use by default, and simd128, which .cargo/config.toml turns on; wasm-opt must not introduce anything beyond.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Optimises the component in place. Cargo puts its own file back whenever it looks at it, so the optimised
/// one is kept, and made anew only when Cargo's has changed.
pub(crate) fn shrink(steps: &mut Steps, component: &Path) -> Result<()> {
    let kept = repo::tools().join("component.wasm");
    // This file says how, the lockfile with which version of wasm-opt.
    let how = ["xtask/src/component.rs", "inference-wasm/browser/package-lock.json"].map(repo::at);
    let inputs = [&[component.to_owned()], &how[..]].concat();
    stamp::unless_current("component", &inputs, std::slice::from_ref(&kept), || {
        steps.take("component, optimised", |steps| {
            let original = fs::read(component)?;
            let optimised = with_largest_module(&original, |module| optimise(steps, module))?;
            fs::write(&kept, &optimised)?;
            eprintln!("   {} bytes, of {}", optimised.len(), original.len());
            Ok(())
        })
    })?;
    // Not written through: Cargo's file is a hard link to the one that it compares.
    fs::remove_file(component)?;
    fs::copy(&kept, component)
        .with_context(|| format!("{} cannot be written", component.display()))?;
    Ok(())
}

/// Runs wasm-opt over a file.
pub(crate) fn wasm_opt(input: &Path, output: &Path) -> Command {
    let mut command = Command::new(node::program("inference-wasm/browser", "wasm-opt"));
    command
        .args(FEATURES)
        .args(["-O3", "--strip-producers", "--strip-target-features"])
        .arg(input)
        .arg("-o")
        .arg(output);
    command
}

fn optimise(steps: &Steps, module: &[u8]) -> Result<Vec<u8>> {
    let file = repo::tools().join("module.wasm");
    fs::write(&file, module)?;
    steps.succeed("wasm-opt", &mut wasm_opt(&file, &file), "see wasm-opt's message above")?;
    let optimised = fs::read(&file)?;
    fs::remove_file(&file)?;
    Ok(optimised)
}

/// The component with its largest core module replaced: the others are adapters of a few bytes.
fn with_largest_module(
    component: &[u8],
    replace: impl FnOnce(&[u8]) -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    let sections = sections(component)?;
    let modules = sections.iter().filter(|section| section.id == CORE_MODULE);
    let largest =
        modules.max_by_key(|section| section.bytes.len()).context("no core module in it")?;
    let replacement = replace(largest.bytes)?;

    let mut rebuilt = PREAMBLE.to_vec();
    for section in &sections {
        let bytes = if std::ptr::eq(section, largest) { &replacement } else { section.bytes };
        push_section(&mut rebuilt, section.id, bytes)?;
    }
    Ok(rebuilt)
}

struct Section<'a> {
    id: u8,
    bytes: &'a [u8],
}

fn sections(component: &[u8]) -> Result<Vec<Section<'_>>> {
    let rest = component.strip_prefix(PREAMBLE);
    let mut rest = rest.context("this is no WebAssembly component")?;
    let mut sections = Vec::new();
    while let Some((&id, after_id)) = rest.split_first() {
        rest = after_id;
        let length = leb128::read::unsigned(&mut rest).context("a section's length is cut off")?;
        let split = rest.split_at_checked(usize::try_from(length)?);
        let (bytes, after) = split.context("a section is cut off")?;
        sections.push(Section { id, bytes });
        rest = after;
    }
    Ok(sections)
}

fn push_section(component: &mut Vec<u8>, id: u8, bytes: &[u8]) -> Result<()> {
    component.push(id);
    leb128::write::unsigned(component, bytes.len() as u64)?;
    component.extend_from_slice(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = PREAMBLE.to_vec();
        for (id, payload) in sections {
            push_section(&mut bytes, *id, payload).unwrap();
        }
        bytes
    }

    #[test]
    fn the_largest_module_is_replaced_and_nothing_else_moves() {
        let big = vec![7; 1000];
        let before = component(&[(0, b"name"), (1, b"small"), (1, &big), (8, &[])]);
        let after = with_largest_module(&before, |module| {
            assert_eq!(module, big);
            Ok(b"optimised".to_vec())
        });
        assert_eq!(
            after.unwrap(),
            component(&[(0, b"name"), (1, b"small"), (1, b"optimised"), (8, &[])])
        );
        let unchanged = with_largest_module(&before, |module| Ok(module.to_vec()));
        assert_eq!(unchanged.unwrap(), before);
    }

    #[test]
    fn what_is_no_whole_component_is_refused() {
        let whole = component(&[(0, b"name"), (1, &[7; 200])]);
        let check = |bytes: &[u8], complaint: &str| {
            let error = with_largest_module(bytes, |module| Ok(module.to_vec())).unwrap_err();
            assert_eq!(error.to_string(), complaint);
        };
        check(b"\0asm\x01\0\0\0", "this is no WebAssembly component");
        check(PREAMBLE, "no core module in it");
        check(&whole[..whole.len() - 1], "a section is cut off");
        check(&component(&[(0, b"name")])[..9], "a section's length is cut off");
    }
}
