//! Reads the stones that callers asked prices for from the journal.

mod request_body;

mod response_body;

mod warning_kinds;

use api::journal::Content;
use inference::Diamond;
use serde_json::{Value, json};

use self::request_body::Route;
pub use self::response_body::Answer;
use self::response_body::Answers;
pub use self::response_body::{Refusal, WrongField};
pub use self::warning_kinds::WarningKinds;
use crate::journal::{Filter, Journal, JournalError, Moment, Record, RouteFilter};

/// How many rows are in memory at once: with bodies of 64 KiB on both sides, some 25 MB.
const PAGE: u32 = 200;

/// From when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub since: Moment,
    /// The moment after the last.
    pub until: Moment,
}

/// The requests of a window that asked for prices, oldest first, page by page: memory does not grow with the journal.
pub struct Traffic<'a> {
    journal: &'a Journal,
    filter: Filter,
    is_over: bool,
    tally: Tally,
}

/// A request whose stones were priced or refused.
#[derive(Debug)]
pub struct AnsweredRequest {
    /// The request id.
    pub id: String,
    /// When the service received it, RFC 3339 in UTC.
    pub received_at: String,
    /// Who answered.
    pub model_id: Option<String>,
    /// The stones that it priced.
    pub stones: Vec<PricedStone>,
    /// The stones of a batch that were refused; the request itself, if it was refused as a whole.
    pub refusals: Vec<Refusal>,
}

/// A stone of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PricedStone {
    /// Its place in the request, from 0.
    pub place: usize,
    /// The stone.
    pub diamond: Diamond,
    /// What was answered; `None` where the journal does not hold it.
    pub answer: Option<Answer>,
}

/// What was met on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Tally {
    /// All that asked for prices.
    pub requests: u64,
    /// Those that were answered with prices and are read here.
    pub priced: u64,
    /// Those that were refused, such as for a wrong body.
    pub refused: u64,
    /// Those of them that were refused for wrong fields (422).
    pub invalid: u64,
    /// Those that the service could not answer.
    pub failed: u64,
    /// Those that were priced and whose bodies the journal keeps only the beginning of.
    pub cut: u64,
    /// Those that were priced and that this build cannot read.
    pub unreadable: u64,
    /// Stones with a price.
    pub stones: u64,
    /// Stones that were refused within a batch.
    pub stones_refused: u64,
}

impl Window {
    /// Until now, if it is not said until when.
    pub fn new(since: Moment, until: Option<Moment>) -> Window {
        Window { since, until: until.unwrap_or_else(Moment::now) }
    }

    /// `{since, until}`.
    pub fn to_json(self) -> Value {
        json!({ "since": self.since.to_string(), "until": self.until.to_string() })
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.since, self.until)
    }
}

#[expect(clippy::missing_errors_doc, reason = "the journal's own")]
impl<'a> Traffic<'a> {
    /// The requests of a window, or so many of its newest.
    pub async fn open(
        journal: &'a Journal,
        window: Window,
        newest: Option<u32>,
    ) -> Result<Traffic<'a>, JournalError> {
        let mut filter = Filter {
            behind: Some(window.since.key()),
            before: Some(window.until.key()),
            status: None,
            route: Some(RouteFilter::AnyOf(&Route::PATTERNS)),
        };
        if let Some(count) = newest
            && let Some(key) = journal.key_before_latest(&filter, count).await?
        {
            filter.behind = Some(key);
        }
        Ok(Traffic { journal, filter, is_over: false, tally: Tally::default() })
    }

    /// The next requests with prices or wrong fields; `None` once there are no more.
    pub async fn page(&mut self) -> Result<Option<Vec<AnsweredRequest>>, JournalError> {
        if self.is_over {
            return Ok(None);
        }
        let rows = self.journal.page(&self.filter, PAGE).await?;
        match rows.last() {
            Some(last) if rows.len() == PAGE as usize => self.filter.behind = Some(last.id.clone()),
            _ => self.is_over = true,
        }
        Ok(Some(rows.into_iter().filter_map(|record| self.tally.read(record)).collect()))
    }

    /// What was met so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }
}

impl Tally {
    /// Counts a record and reads its stones.
    fn read(&mut self, record: Record) -> Option<AnsweredRequest> {
        // What a page of another origin asks before it asks is no request for a price.
        let route = record.route.as_deref().and_then(Route::named);
        let route = route.filter(|_| record.method == "POST")?;
        self.requests += 1;
        let (stones, refusals) = match (record.status, whole(&record.request)) {
            (500.., _) => return count(&mut self.failed),
            (422, _) => {
                self.refused += 1;
                self.invalid += 1;
                (
                    Vec::new(),
                    vec![whole(&record.response).map(Refusal::of_problem).unwrap_or_default()],
                )
            }
            (200, None) => return count(&mut self.cut),
            (200, Some(body)) => {
                let Some((stones, refusals)) = priced(route, &record, body) else {
                    return count(&mut self.unreadable);
                };
                self.priced += 1;
                self.stones += stones.len() as u64;
                self.stones_refused += refusals.len() as u64;
                (stones, refusals)
            }
            _ => return count(&mut self.refused),
        };
        let Record { id, received_at, model_id, .. } = record;
        Some(AnsweredRequest { id, received_at, model_id, stones, refusals })
    }

    /// What is not in the figures, for people; `None` if all is.
    pub fn left_out(&self) -> Option<String> {
        let parts = [
            (self.refused, "requests refused by the service"),
            (self.failed, "requests failed in the service"),
            (self.cut, "requests whose bodies the journal cut (`journal_bodies`)"),
            (self.unreadable, "requests that this build cannot read"),
            (self.stones_refused, "stones refused within batches"),
        ];
        let counted = parts.iter().filter(|(count, _)| *count > 0);
        let said: Vec<String> = counted.map(|(count, what)| format!("{what}: {count}")).collect();
        (!said.is_empty()).then(|| format!("left out: {}", said.join("; ")))
    }
}

/// A body, if the journal keeps all of it.
fn whole(side: &Content) -> Option<&[u8]> {
    (side.kept.len() as u64 == side.bytes).then_some(&side.kept)
}

/// Counts a request that nothing else is read of.
fn count(counter: &mut u64) -> Option<AnsweredRequest> {
    *counter += 1;
    None
}

/// The stones of a request that were priced and those that were refused.
type Outcomes = (Vec<PricedStone>, Vec<Refusal>);

/// What became of the stones of a request; `None` where it is not understood here.
fn priced(route: Route, record: &Record, body: &[u8]) -> Option<Outcomes> {
    let stones = route.stones(record.request.media.as_deref(), body)?;
    let answers = match whole(&record.response) {
        Some(body) => route.answers(body)?,
        None => None,
    };
    with_answers(stones, answers)
}

/// Puts stones and answers together. Where the answers are known they decide which stones were priced; `None` where a stone
/// was priced that is not understood here.
fn with_answers(stones: Vec<Option<Diamond>>, answers: Answers) -> Option<Outcomes> {
    if answers.as_ref().is_some_and(|answers| answers.len() != stones.len()) {
        return None;
    }
    let mut answers = answers.map(Vec::into_iter);
    let (mut priced, mut refused) = (Vec::new(), Vec::new());
    for (place, diamond) in stones.into_iter().enumerate() {
        let answer = match answers.as_mut().and_then(Iterator::next) {
            Some(Err(refusal)) => {
                refused.push(refusal);
                continue;
            }
            None if diamond.is_none() => {
                refused.push(Refusal::default());
                continue;
            }
            known => known.and_then(Result::ok),
        };
        priced.push(PricedStone { place, diamond: diamond?, answer });
    }
    Some((priced, refused))
}

#[cfg(test)]
mod tests;
