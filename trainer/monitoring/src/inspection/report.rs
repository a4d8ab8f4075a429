//! Reports what became of a file and why, as text and as JSON.

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
    /// Its rows.
    pub delivery: Delivery,
    /// What the checks found.
    pub inspection: Inspection,
}

impl Contents {
    fn already_present(&self) -> usize {
        self.delivery.stones.len().saturating_sub(self.inspection.fresh)
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
    fn bad(&self) -> &[Rejected] {
        self.contents.as_ref().map_or(&[], |contents| &contents.delivery.rejected)
    }

    /// The verdict in one sentence.
    pub fn sentence(&self) -> String {
        match &self.verdict {
            FileVerdict::Accepted { added } => match self.bad().len() {
                0 => format!("accepted: {added} rows were added"),
                bad => format!("accepted: {added} rows were added, {bad} bad ones left out"),
            },
            FileVerdict::NothingNew { before: Some(before) } => format!("nothing new: {before}"),
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
            let Contents { delivery, inspection } = contents;
            document["sha256"] = json!(delivery.sha256);
            document["read"] = json!(delivery.read_count());
            document["ignored"] = json!(delivery.ignored);
            document["already_present"] = json!(contents.already_present());
            document["rejected"] = json!(delivery.rejected.len());
            document["compared_with"] =
                json!({ "rows": inspection.compared_with, "prices_by": inspection.prices_by });
            document["findings"] = json!(inspection.findings);
            document["rejections"] =
                delivery.rejected.iter().take(LISTED_ROWS).flat_map(rejections).collect();
        }
        document
    }

    /// The page for people.
    pub fn to_text(&self) -> String {
        let mut page = format!("{}\n\n{}.\n", self.file, self.sentence());
        if let Some(contents) = &self.contents {
            let Contents { delivery, inspection } = contents;
            page += &format!(
                "\nRows           {} read: {} good, {} bad; {} of the good ones were in the data already\n\
                 Compared with  {} rows so far; prices with those of {}\n\
                 SHA-256        {}\n",
                delivery.read_count(),
                delivery.stones.len(),
                delivery.rejected.len(),
                contents.already_present(),
                inspection.compared_with,
                inspection.prices_by,
                delivery.sha256,
            );
            if let Some(sentence) = &delivery.ignored {
                page += &format!("Columns        {sentence}\n");
            }
            page += &findings(inspection);
            page += &bad_rows(&delivery.rejected);
        }
        page += &format!("\nInspected at   {}\n", self.inspected_at);
        page + &self.remedy()
    }

    /// What to do now.
    fn remedy(&self) -> String {
        let remedy = match &self.verdict {
            FileVerdict::Rejected { .. } if self.contents.is_some() => {
                "Correct the file and put it back into the folder. If it is right as it is, `trainer ingest FILE` takes its good rows anyway."
            }
            FileVerdict::Rejected { .. } => {
                "Save it as a diamond CSV in UTF-8 and put it back into the folder."
            }
            _ if !self.bad().is_empty() => {
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
        ("Refused because of", Weight::Refused),
        ("To be known", Weight::Note),
        ("Fine", Weight::Fine),
    ] {
        if of(weight).next().is_some() {
            page += &format!("\n{title}\n");
        }
        for Finding { check, sentence, found, allowed, .. } in of(weight) {
            let limit = allowed.map(|most| format!(" (found {found:.3}, allowed {most:.3})"));
            page += &format!("  {check}: {sentence}{}\n", limit.unwrap_or_default());
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
