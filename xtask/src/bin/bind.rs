//! `bind WASM FOLDER`: turns the browser crate's wasm into a module that JavaScript can import, `loupe.js`, with
//! its types and its wasm next to it.

#![forbid(unsafe_code)]

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// What the generated code takes in place of the platform's classes of these names.
const IMPORT: &str = r#"import { TextDecoder, TextEncoder } from "../text.js";"#;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (wasm, folder) =
        arguments.next().zip(arguments.next()).context("usage: bind WASM FOLDER")?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&wasm).out_name("loupe").typescript(true).web(true)?;
    // The wrapper says where the wasm lies; the generated code should not guess.
    bindgen.omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(&folder).with_context(|| format!("{} cannot be bound", wasm.display()))?;
    // The generated code makes a TextDecoder when it is imported, which jsdom does not have.
    let script = folder.join("loupe.js");
    let code = fs::read_to_string(&script)?;
    Ok(fs::write(script, format!("{IMPORT}\n{code}"))?)
}
