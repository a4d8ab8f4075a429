//! The kept results, `bench/results/NAME.json`, and docs/benchmarks.md, whose sections are rendered from them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::report::{Measured, Report};

const DOCUMENT: &str = "docs/benchmarks.md";

/// Today and the commit that is checked out.
pub(crate) fn measured_now() -> Result<Measured> {
    let line = |program: &str, arguments: &[&str]| -> Result<String> {
        let output = Command::new(program).args(arguments).output();
        let output = output.with_context(|| format!("{program} cannot be started"))?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    Ok(Measured {
        date: line("date", &["-u", "+%Y-%m-%d"])?,
        commit: line("git", &["describe", "--always", "--dirty", "--exclude", "*"])?,
    })
}

/// Keeps a report in place of the last one of its name.
pub(crate) fn keep(root: &Path, name: &str, report: &Report) -> Result<()> {
    let file = file_of(root, name);
    let json = serde_json::to_string_pretty(report)? + "\n";
    fs::write(&file, json).with_context(|| format!("{} cannot be written", file.display()))
}

/// Rewrites the sections of the document from the kept reports.
pub(crate) fn render(root: &Path) -> Result<()> {
    let file = root.join(DOCUMENT);
    let document = read(&file)?;
    let rendered = rendered(root, &document)?;
    if rendered != document {
        fs::write(&file, rendered)
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

/// The document with what stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->` made anew.
fn rendered(root: &Path, document: &str) -> Result<String> {
    let (mut text, mut rest) = (String::new(), document);
    while let Some((before, after)) = rest.split_once("<!-- bench:") {
        let (name, after) =
            after.split_once(" -->").context("a section's first line is cut off")?;
        let end = format!("<!-- /bench:{name} -->");
        let (_, after) = after.split_once(&end).with_context(|| format!("{end} is missing"))?;
        let file = file_of(root, name);
        let report: Report = serde_json::from_str(&read(&file)?)
            .with_context(|| format!("{} is not a report", file.display()))?;
        text += &format!("{before}<!-- bench:{name} -->\n{}{end}", report.to_markdown());
        rest = after;
    }
    ensure!(!text.is_empty(), "{DOCUMENT} has no section like <!-- bench:blob -->");
    Ok(text + rest)
}

fn file_of(root: &Path, name: &str) -> PathBuf {
    root.join("bench/results").join(format!("{name}.json"))
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_shows_the_kept_results() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let document = read(&root.join(DOCUMENT)).unwrap();
        let same = rendered(root, &document).unwrap() == document;
        assert!(same, "{DOCUMENT} differs from bench/results: run `cargo xtask bench --render`");
        for entry in fs::read_dir(root.join("bench/results")).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_stem().unwrap().to_string_lossy();
            assert!(document.contains(&format!("<!-- bench:{name} -->")), "{name} has no section");
        }
    }

    #[test]
    fn a_section_is_replaced_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("bench/results")).unwrap();
        let report = Report::new("By hand", []);
        keep(folder.path(), "blob", &report).unwrap();
        let document = "a\n<!-- bench:blob -->\nold\n<!-- /bench:blob -->\nb\n";
        let text = rendered(folder.path(), document).unwrap();
        let section = report.to_markdown();
        assert_eq!(text, format!("a\n<!-- bench:blob -->\n{section}<!-- /bench:blob -->\nb\n"));
        assert_eq!(rendered(folder.path(), &text).unwrap(), text);
        assert!(rendered(folder.path(), "<!-- bench:blob -->\n").is_err());
        assert!(rendered(folder.path(), &document.replace("blob", "http")).is_err());
        assert!(rendered(folder.path(), "no section").is_err());
    }
}
