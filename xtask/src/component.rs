//! Shrinks a WebAssembly component: wasm-opt knows core modules only, so the module inside is taken out,
//! optimised and put back.
//!
//! A component is a preamble and a list of sections, each an id byte, a LEB128 length and that many bytes. A
//! section with id 1 is a core module, whole. The rest refers to a module only through the names of its
//! imports and exports, and those wasm-opt keeps.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::node;
use crate::repo;
use crate::stamp::Stamp;
use crate::steps::Steps;

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
    let stamp = Stamp::of("component", &[&[component.to_owned()], &how[..]].concat())?;
    if !stamp.is_current(std::slice::from_ref(&kept)) {
        stamp.remove()?;
        steps.take("component, optimised", |steps| {
            let original = fs::read(component)?;
            let optimised = with_largest_module(&original, |module| optimise(steps, module))?;
            fs::write(&kept, &optimised)?;
            eprintln!("   {} bytes, of {}", optimised.len(), original.len());
            stamp.write()
        })?;
    }
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
    let (input, output) =
        (repo::tools().join("module.wasm"), repo::tools().join("module.opt.wasm"));
    fs::write(&input, module)?;
    steps.succeed("wasm-opt", &mut wasm_opt(&input, &output), "see wasm-opt's message above")?;
    let optimised = fs::read(&output)?;
    fs::remove_file(&input)?;
    fs::remove_file(&output)?;
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
        rebuilt.push(section.id);
        push_leb128(&mut rebuilt, bytes.len());
        rebuilt.extend_from_slice(bytes);
    }
    Ok(rebuilt)
}

struct Section<'a> {
    id: u8,
    bytes: &'a [u8],
}

fn sections(component: &[u8]) -> Result<Vec<Section<'_>>> {
    let Some(mut rest) = component.strip_prefix(PREAMBLE) else {
        bail!("this is no WebAssembly component");
    };
    let mut sections = Vec::new();
    while let Some((&id, after_id)) = rest.split_first() {
        let (length, after_length) =
            split_leb128(after_id).context("a section's length is cut off")?;
        let (bytes, after) =
            after_length.split_at_checked(length).context("a section is cut off")?;
        sections.push(Section { id, bytes });
        rest = after;
    }
    Ok(sections)
}

/// An unsigned number of at most 32 bits, and what follows it.
fn split_leb128(mut bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_u64;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, bytes));
        }
    }
    None
}

fn push_leb128(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            bytes.push(low & 0x7f);
            return;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = PREAMBLE.to_vec();
        for (id, payload) in sections {
            bytes.push(*id);
            push_leb128(&mut bytes, payload.len());
            bytes.extend_from_slice(payload);
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

    #[test]
    fn lengths_survive_their_encoding() {
        for value in [0, 1, 127, 128, 300, 65_535, 1 << 21, u32::MAX as usize] {
            let mut bytes = Vec::new();
            push_leb128(&mut bytes, value);
            bytes.push(9);
            assert_eq!(split_leb128(&bytes), Some((value, &[9][..])));
        }
        assert_eq!(split_leb128(&[0xff; 6]), None, "longer than any length");
    }
}
