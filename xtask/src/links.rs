//! Checks that relative links in Markdown files lead to a file, and to a heading in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::steps::ask;

/// Checks every Markdown file that Git knows below `root`.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut list = Command::new("git");
    list.arg("-C").arg(root);
    list.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"]);
    let files = ask(&mut list)?;
    let files = files.split('\0').map(|name| root.join(name)).filter(|file| file.is_file());
    let broken: Vec<String> = files.flat_map(|file| broken_links(&file)).collect();
    ensure!(broken.is_empty(), "these links lead nowhere; correct them:\n{}", broken.join("\n"));
    Ok(())
}

fn broken_links(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let resolves = |link: &str| {
        let (path, heading) = link.split_once('#').unwrap_or((link, ""));
        let target = if path.is_empty() { file.to_owned() } else { file.with_file_name(path) };
        target.exists() && (heading.is_empty() || has_heading(&target, heading))
    };
    let broken = links(&text).filter(|link| !link.contains(':') && !resolves(link));
    broken.map(|link| format!("{}: {link}", file.display())).collect()
}

/// The targets of `[text](target)`, outside fenced code.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let parts = prose(text).flat_map(|line| line.split("](").skip(1));
    parts.filter_map(|rest| rest.split([')', ' ']).next())
}

fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Whether a Markdown file has a heading whose name on GitHub is this one; other files have lines instead.
fn has_heading(file: &Path, name: &str) -> bool {
    if file.extension() != Some("md".as_ref()) {
        return true;
    }
    let text = fs::read_to_string(file).unwrap_or_default();
    let headings = prose(&text).filter(|line| line.starts_with('#'));
    headings.map(|line| slug(line.trim_start_matches('#'))).any(|slug| slug == name)
}

/// Lower case, words joined by hyphens, punctuation dropped.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it));
    kept.flat_map(char::to_lowercase).map(|it| if it == ' ' { '-' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_file_and_a_heading() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page.md");
        let text = "# A page: `of` links\n[a](other.md#the-end) [b](#a-page-of-links) [c](https://x.y)\n\
                    ```\n[d](code.md)\n```\n[e](gone.md) [f](other.md#nowhere) [g](other.md \"title\")\n";
        fs::write(&page, text).unwrap();
        fs::write(folder.path().join("other.md"), "## The end\n").unwrap();
        let broken = broken_links(&page);
        let named = |link: &str| format!("{}: {link}", page.display());
        assert_eq!(broken, [named("gone.md"), named("other.md#nowhere")]);
    }

    #[test]
    fn the_documents_of_this_repository_have_no_broken_links() {
        check(&crate::repo::root()).unwrap();
    }
}
