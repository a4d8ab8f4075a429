//! `bind WASM FOLDER NAME`: turns a wasm of the npm package into a module that JavaScript can import, `NAME.js`, with its
//! types and its wasm next to it.

#![forbid(unsafe_code)]

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

/// What the generated code takes in place of the platform's classes of these names.
const IMPORT: &str = r#"import { TextDecoder, TextEncoder } from "../text.js";"#;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [wasm, folder, name] = &arguments[..] else { bail!("usage: bind WASM FOLDER NAME") };
    let folder = Path::new(folder);
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(name).typescript(true).web(true)?;
    // The wrapper says where the wasm lies; the generated code should not guess.
    bindgen.omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(folder).with_context(|| format!("{wasm} cannot be bound"))?;
    // The generated code makes a TextDecoder when it is imported, which jsdom does not have.
    let script = folder.join(format!("{name}.js"));
    let code = fs::read_to_string(&script)?;
    Ok(fs::write(script, format!("{IMPORT}\n{}", without_comments(&code)))?)
}

/// The code without its documentation, which every page would load; the types have it too.
fn without_comments(code: &str) -> String {
    let mut is_comment = false;
    let mut kept = String::new();
    for line in code.lines() {
        is_comment |= line.trim_start().starts_with("/**");
        if !is_comment {
            kept.push_str(line);
            kept.push('\n');
        }
        is_comment &= !line.ends_with("*/");
    }
    kept
}
