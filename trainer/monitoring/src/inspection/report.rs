//! Reports what became of a file and why, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Finding, Inspection, Weight};
use data::delivery::{Delivery, Rejected};

/// How many bad rows people are shown.
const SHOWN_ROWS: usize = 20;

/// How many bad rows programs are shown.
const LISTED_ROWS: usize = 1000;

/// One file, and what became of it.
#[derive(Debug)]
pub struct Report {
    /// The file's name in the folder.
    pub file: String,
    /// When the file was inspected.
    pub inspected_at: String,
    /// What became of the file.
    pub verdict: FileVerdict,
    /// What was in it; none for a file that is no diamond CSV at all.
    pub contents: Option<Contents>,
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileVerdict {
    /// Its rows are in the data.
    Accepted {
        /// How many rows were added.
        added: u64,
    },
    /// Nothing of it is new; before says when and how the same bytes came already.
    NothingNew {
        /// When the same file came before.
        before: Option<String>,
    },
    /// None of its rows are in the data, for these reasons.
    Rejected {
        /// Why, each in words.
        reasons: Vec<String>,
    },
}

/// What was in a file.
#[derive(Debug)]
pub struct Contents {
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// How many rows are valid.
    pub good: usize,
    /// The rows that are not valid.
    pub bad: Vec<Rejected>,
    /// What the checks found.
    pub inspection: Inspection,
}

impl Contents {
    /// Takes the figures of a delivery.
    pub fn new(delivery: Delivery, inspection: Inspection) -> Contents {
        let Delivery { sha256, stones, rejected, .. } = delivery;
        Contents { sha256, good: stones.len(), bad: rejected, inspection }
    }

    fn already_present(&self) -> usize {
        self.good.saturating_sub(self.inspection.fresh)
    }
}

impl FileVerdict {
    /// The name in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            FileVerdict::Accepted { .. } => "accepted",
            FileVerdict::NothingNew { .. } => "nothing new",
            FileVerdict::Rejected { .. } => "rejected",
        }
    }

    /// Whether the file is refused.
    pub fn is_rejected(&self) -> bool {
        matches!(self, FileVerdict::Rejected { .. })
    }
}

impl Report {
    /// The verdict in one sentence.
    pub fn sentence(&self) -> String {
        match &self.verdict {
            FileVerdict::Accepted { added } => {
                let bad = self.contents.as_ref().map_or(0, |contents| contents.bad.len());
                match bad {
                    0 => format!("accepted: {added} rows were added"),
                    _ => format!("accepted: {added} rows were added, {bad} bad ones left out"),
                }
            }
            FileVerdict::NothingNew { before: Some(before) } => {
                format!("nothing new: {before}")
            }
            FileVerdict::NothingNew { before: None } => {
                String::from("nothing new: it has no row that the data has not got already")
            }
            FileVerdict::Rejected { reasons } => {
                format!("rejected, nothing of it was added: {}", reasons.join("; "))
            }
        }
    }

    /// The document for programs.
    pub fn to_json(&self) -> Value {
        let mut document = json!({
            "file": self.file,
            "inspected_at": self.inspected_at,
            "verdict": self.verdict.as_str(),
            "sentence": self.sentence(),
        });
        if let FileVerdict::Accepted { added } = self.verdict {
            document["added"] = json!(added);
        }
        if let FileVerdict::Rejected { reasons } = &self.verdict {
            document["reasons"] = json!(reasons);
        }
        if let Some(contents) = &self.contents {
            let inspection = &contents.inspection;
            document["sha256"] = json!(contents.sha256);
            document["read"] = json!(contents.good + contents.bad.len());
            document["already_present"] = json!(contents.already_present());
            document["rejected"] = json!(contents.bad.len());
            document["compared_with"] =
                json!({ "rows": inspection.compared_with, "prices_by": inspection.prices_by });
            document["findings"] = inspection.findings.iter().map(finding).collect();
            document["rejections"] =
                contents.bad.iter().take(LISTED_ROWS).flat_map(rejections).collect();
        }
        document
    }

    /// The page for people.
    pub fn to_text(&self) -> String {
        let mut page = format!("{}\n\n{}.\n", self.file, self.sentence());
        if let Some(contents) = &self.contents {
            let Contents { sha256, good, bad, inspection } = contents;
            // Writing to a String cannot fail.
            let _ = write!(
                page,
                "\nRows           {} read: {good} good, {} bad; {} of the good ones were in the data already\n\
                 Compared with  {} rows so far; prices with those of {}\n\
                 SHA-256        {sha256}\n",
                good + bad.len(),
                bad.len(),
                contents.already_present(),
                inspection.compared_with,
                inspection.prices_by,
            );
            page += &findings(inspection);
            page += &bad_rows(bad);
        }
        let _ = write!(page, "\nInspected at   {}\n", self.inspected_at);
        page + &self.remedy()
    }

    /// What to do now.
    fn remedy(&self) -> String {
        let bad = self.contents.as_ref().map_or(0, |contents| contents.bad.len());
        let remedy = match &self.verdict {
            FileVerdict::Rejected { .. } if self.contents.is_some() => {
                "Correct the file and put it back into the folder. If it is right as it is, `trainer ingest FILE` takes its good rows anyway."
            }
            FileVerdict::Rejected { .. } => {
                "Save it as a diamond CSV in UTF-8 and put it back into the folder."
            }
            _ if bad > 0 => {
                "Nothing must be done. To have the bad rows as well, correct them and put the file back into the folder: rows that were added are not added twice."
            }
            _ => return String::new(),
        };
        format!("\nWhat to do\n  {remedy}\n")
    }
}

/// Every finding with its numbers, the reasons to refuse the file first.
fn findings(inspection: &Inspection) -> String {
    let of = |weight: Weight| inspection.findings.iter().filter(move |f| f.weight == weight);
    let mut page = String::new();
    for (title, weight) in [
        ("Refused because of", Weight::Refuse),
        ("To be known", Weight::Note),
        ("Fine", Weight::Fine),
    ] {
        if of(weight).next().is_some() {
            page += &format!("\n{title}\n");
        }
        for Finding { check, sentence, found, allowed, .. } in of(weight) {
            page += &match allowed {
                Some(allowed) => {
                    format!("  {check}: {sentence} (found {found:.3}, allowed {allowed:.3})\n")
                }
                None => format!("  {check}: {sentence}\n"),
            };
        }
    }
    page
}

fn bad_rows(bad: &[Rejected]) -> String {
    if bad.is_empty() {
        return String::new();
    }
    let mut page = match bad.len() {
        all if all > SHOWN_ROWS => format!("\nThe first {SHOWN_ROWS} of {all} bad rows\n"),
        _ => String::from("\nBad rows\n"),
    };
    for row in bad.iter().take(SHOWN_ROWS) {
        for error in &row.errors {
            page += &format!("  line {}: {error}\n", row.line);
        }
    }
    page
}

fn finding(finding: &Finding) -> Value {
    json!({
        "check": finding.check,
        "field": finding.field,
        "found": finding.found,
        "allowed": finding.allowed,
        "verdict": finding.weight.as_str(),
        "sentence": finding.sentence,
    })
}

fn rejections(row: &Rejected) -> impl Iterator<Item = Value> + '_ {
    row.errors.iter().map(|error| {
        json!({
            "line": row.line,
            "field": error.field,
            "value": error.value,
            "reason": error.message,
            "allowed": error.allowed,
        })
    })
}
