//! Writes the sections as one HTML document without other files, hosts or scripts.

use super::figure::{Cell, Figure, Section};
use super::plot::{Ink, PlotError};

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
pub(super) fn page(head: &Head, sections: &[Section]) -> Result<String, PlotError> {
    let title = escape(&head.title);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{title}</h1>\n",
        inks(),
    );
    for line in &head.lines {
        html += &format!("<p>{}</p>\n", escape(line));
    }
    html += "<dl class=\"tiles\">\n";
    for (what, value) in &head.tiles {
        html += &format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(what), escape(value));
    }
    html += "</dl>\n<nav aria-label=\"Sections\"><ul>\n";
    for (name, title, _) in sections {
        html += &format!("<li><a href=\"#{name}\">{}</a></li>\n", escape(title));
    }
    html += "</ul></nav>\n</header>\n";
    for section in sections {
        html += &section_html(section)?;
    }
    Ok(html + "</main>\n</body>\n</html>\n")
}

fn section_html((name, title, (finding, figures)): &Section) -> Result<String, PlotError> {
    let mut html = format!(
        "<section id=\"{name}\" aria-labelledby=\"{name}-title\">\n<h2 id=\"{name}-title\">{}</h2>\n<p>{}</p>\n",
        escape(title),
        escape(finding)
    );
    if !figures.is_empty() {
        let class = if figures.len() == 1 { "figures one" } else { "figures" };
        let figures: String = figures.iter().map(figure_html).collect::<Result<_, _>>()?;
        html += &format!("<div class=\"{class}\">\n{figures}</div>\n");
    }
    Ok(html + "</section>\n")
}

fn figure_html(figure: &Figure) -> Result<String, PlotError> {
    let Figure { title, reading, plot, sheet } = figure;
    let (title, reading) = (escape(title), escape(reading));
    let svg = plot.svg(&format!("{title}. {reading} The numbers are in the table below."))?;
    let head =
        sheet.columns.iter().map(|column| format!("<th scope=\"col\">{}</th>", escape(column)));
    let row =
        |row: &Vec<Cell>| format!("<tr>{}</tr>\n", row.iter().map(cell_html).collect::<String>());
    Ok(format!(
        "<figure>\n<figcaption><h3>{title}</h3><p>{reading}</p></figcaption>\n\
         {svg}\n\
         <details><summary>Numbers</summary><div class=\"sheet\"><table>\n\
         <thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div></details>\n</figure>\n",
        head.collect::<String>(),
        sheet.rows.iter().map(row).collect::<String>(),
    ))
}

fn cell_html(cell: &Cell) -> String {
    let class = if cell.is_number() { " class=\"number\"" } else { "" };
    format!("<td{class}>{}</td>", escape(&cell.shown))
}

/// What the plots are drawn with, by the page's own colours.
fn inks() -> String {
    let rules = Ink::ALL.map(|(ink, name)| {
        let hex = ink.hex();
        format!(
            "svg [fill=\"{hex}\"] {{ fill: var(--{name}); }}\nsvg [stroke=\"{hex}\"] {{ stroke: var(--{name}); }}\n"
        )
    });
    rules.concat()
}

/// Text as it may stand in HTML, in an attribute too.
fn escape(text: &str) -> String {
    // The ampersand first: the others bring one with them.
    let escapes = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
    escapes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(*from, to))
}
