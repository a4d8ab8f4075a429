//! Writes the sections as one HTML document without other files, hosts or scripts.

use std::fmt::Write as _;

use super::figure::{Cell, Figure, Section};
use super::html::escape;
use super::plot::Ink;

const STYLE: &str = include_str!("page.css");

/// What stands at the head of the page.
pub(super) struct Head {
    pub(super) title: String,
    /// Lines under the title.
    pub(super) lines: Vec<String>,
    /// Figures that are looked for first: what, and how much.
    pub(super) tiles: Vec<(&'static str, String)>,
}

/// The whole document.
pub(super) fn page(head: &Head, sections: &[Section]) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{}</h1>\n",
        escape(&head.title),
        inks(),
        escape(&head.title)
    );
    // Writing to a String cannot fail.
    for line in &head.lines {
        let _ = writeln!(html, "<p>{}</p>", escape(line));
    }
    html.push_str("<dl class=\"tiles\">\n");
    for (what, value) in &head.tiles {
        let _ = writeln!(html, "<div><dt>{}</dt><dd>{}</dd></div>", escape(what), escape(value));
    }
    html.push_str("</dl>\n<nav aria-label=\"Sections\"><ul>\n");
    for section in sections {
        let (name, title) = (section.name, escape(section.title));
        let _ = writeln!(html, "<li><a href=\"#{name}\">{title}</a></li>");
    }
    html.push_str("</ul></nav>\n</header>\n");
    for section in sections {
        write_section(&mut html, section);
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn write_section(html: &mut String, section: &Section) {
    let Section { name, title, finding, figures } = section;
    let _ = write!(
        html,
        "<section id=\"{name}\" aria-labelledby=\"{name}-title\">\n<h2 id=\"{name}-title\">{}</h2>\n<p>{}</p>\n",
        escape(title),
        escape(finding)
    );
    if !figures.is_empty() {
        let class = if figures.len() == 1 { "figures one" } else { "figures" };
        let _ = writeln!(html, "<div class=\"{class}\">");
        for figure in figures {
            write_figure(html, figure);
        }
        html.push_str("</div>\n");
    }
    html.push_str("</section>\n");
}

fn write_figure(html: &mut String, figure: &Figure) {
    let Figure { title, reading, svg, sheet } = figure;
    let _ = write!(
        html,
        "<figure>\n<figcaption><h3>{}</h3><p>{}</p></figcaption>\n{svg}\n\
         <details><summary>Numbers</summary><div class=\"sheet\"><table>\n<thead><tr>",
        escape(title),
        escape(reading)
    );
    for column in &sheet.columns {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(column));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in &sheet.rows {
        html.push_str("<tr>");
        for cell in row {
            write_cell(html, cell);
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div></details>\n</figure>\n");
}

fn write_cell(html: &mut String, cell: &Cell) {
    let class = if cell.is_number() { " class=\"number\"" } else { "" };
    let _ = write!(html, "<td{class}>{}</td>", escape(&cell.shown));
}

/// What the plots are drawn with, by the page's own colours.
fn inks() -> String {
    let mut rules = String::new();
    for (ink, name) in Ink::ALL {
        let hex = ink.hex();
        let _ = write!(
            rules,
            "svg [fill=\"{hex}\"] {{ fill: var(--{name}); }}\nsvg [stroke=\"{hex}\"] {{ stroke: var(--{name}); }}\n"
        );
    }
    rules
}
