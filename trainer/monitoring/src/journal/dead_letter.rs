//! Finds the records that the service wrote to standard error because the database refused them.

use std::io::BufRead;

use api::journal::Record;
use serde::Deserialize;
use uuid::Uuid;

/// How every such line begins; what a log puts before it, such as a time, is passed over. Within a line it cannot come
/// again: quotation marks in a JSON text are escaped.
const BEGINNING: &[u8] = b"{\"loupe_journal\":";

/// What was found in a line.
#[derive(Debug)]
pub struct DeadLetter {
    /// From 1.
    pub line: u64,
    /// The record, or why there is none.
    pub record: Result<Box<Record>, String>,
}

/// The dead letters of a log, in order, with no more than a line in memory.
pub struct DeadLetters<R> {
    log: R,
    line: u64,
    /// What is left of the present line.
    rest: Vec<u8>,
}

impl<R: BufRead> DeadLetters<R> {
    /// The journal records in a log.
    pub fn new(log: R) -> DeadLetters<R> {
        DeadLetters { log, line: 0, rest: Vec::new() }
    }

    /// The next dead letter of the present line: several writers may have shared it.
    fn in_line(&mut self) -> Option<DeadLetter> {
        let at = self.rest.windows(BEGINNING.len()).position(|window| window == BEGINNING)?;
        let found = self.rest.split_off(at);
        let mut documents = serde_json::Deserializer::from_slice(&found).into_iter::<Written>();
        let document = documents.next()?;
        let end = match &document {
            Ok(_) => documents.byte_offset(),
            // What broke off may be followed by a whole one.
            Err(_) => BEGINNING.len(),
        };
        let record = match document {
            Ok(written) => written.record().map(Box::new),
            Err(error) => Err(format!("is no whole record: {error}")),
        };
        self.rest = found.get(end..).unwrap_or_default().to_vec();
        Some(DeadLetter { line: self.line, record })
    }
}

impl<R: BufRead> Iterator for DeadLetters<R> {
    type Item = std::io::Result<DeadLetter>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(dead_letter) = self.in_line() {
                return Some(Ok(dead_letter));
            }
            self.rest.clear();
            match self.log.read_until(b'\n', &mut self.rest) {
                Ok(0) => return None,
                Ok(_) => self.line += 1,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// A line as the service writes it.
#[derive(Deserialize)]
struct Written {
    loupe_journal: String,
    #[serde(default)]
    why: String,
    record: Option<Record>,
}

impl Written {
    /// The record, if it can be a row of the journal.
    fn record(self) -> Result<Record, String> {
        let record = match (self.loupe_journal.as_str(), self.record) {
            (api::journal::DeadLetter::MARK, Some(record)) => record,
            (api::journal::DeadLetter::MARK, None) => return Err(String::from("holds no record")),
            (mark, _) => {
                return Err(format!("is marked {mark:?} and holds no record: {}", self.why));
            }
        };
        let id = &record.id;
        if !Uuid::try_parse(id).is_ok_and(|uuid| uuid.to_string() == *id) {
            return Err(format!("record: id is {id:?}; allowed: a UUID in lower case"));
        }
        let counts = [
            ("latency_us", record.latency_us),
            ("request.bytes", record.request.bytes),
            ("response.bytes", record.response.bytes),
        ];
        match counts.iter().find(|(_, count)| i64::try_from(*count).is_err()) {
            Some((name, count)) => Err(format!("record: {name} is {count}; allowed: below 2^63")),
            None => Ok(record),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"id":"01a210f8-4708-73d1-a851-e1f2f0b65c9b","received_at":"2026-11-23T17:00:00.000Z","method":"GET","path":"/nope","query":null,"route":null,"status":404,"latency_us":7,"request":{"media":null,"kept":{"text":""},"bytes":0,"sha256":null},"response":{"media":"application/problem+json","kept":{"hexadecimal":"00ff"},"bytes":2,"sha256":null},"model_id":null,"client":null,"user_agent":null,"caller_request_id":null,"trace_id":null}"#;

    fn dead_letter(record: &str) -> String {
        format!(r#"{{"loupe_journal":"stray","why":"disk full","record":{record}}}"#)
    }

    /// The lines of the dead letters of a log, and what is said of those that cannot be read.
    fn check(log: &[u8], expected: &[(u64, Option<&str>)]) {
        let found: Vec<DeadLetter> = DeadLetters::new(log).map(Result::unwrap).collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (dead_letter, (line, why)) in found.iter().zip(expected) {
            assert_eq!(dead_letter.line, *line);
            match (&dead_letter.record, why) {
                (Ok(record), None) => assert_eq!(record.response.kept[..], [0, 255]),
                (Err(found), Some(why)) => assert!(found.contains(why), "{found}"),
                _ => panic!("{dead_letter:?}"),
            }
        }
    }

    #[test]
    fn strays_are_found_between_whatever_else_a_log_holds() {
        let one = dead_letter(RECORD);
        let log = format!(
            "listening\n2026-11-23 [loupe] {one}\n\nnoise {one} more noise {one}\r\n{{}}\n"
        );
        check(log.as_bytes(), &[(2, None), (4, None), (4, None)]);
        check(&[b"\xff\xfe\n", one.as_bytes()].concat(), &[(2, None)]);
        check(b"", &[]);
        check(b"loupe_journal\n{\"loupe\":1}\n", &[]);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_the_rest_goes_on() {
        let one = dead_letter(RECORD);
        let half = &one[..one.len() / 2];
        check(format!("{one}\n{half}").as_bytes(), &[(1, None), (2, Some("no whole record"))]);
        check(format!("{half}{one}\n").as_bytes(), &[(1, Some("no whole record")), (1, None)]);
        let lost = r#"{"loupe_journal":"lost","why":"odd"}"#;
        check(lost.as_bytes(), &[(1, Some("odd"))]);
        check(br#"{"loupe_journal":"stray","why":""}"#, &[(1, Some("no record"))]);
        for (from, to, why) in [
            ("01a210f8-4708", "01A210F8-4708", "id is"),
            ("00ff", "00f", "hexadecimal"),
            ("00ff", "+0ff", "hexadecimal"),
            ("\"latency_us\":7", "\"latency_us\":9223372036854775808", "latency_us is"),
            ("\"status\":404,", "", "status"),
            ("404", "\"404\"", "no whole record"),
        ] {
            check(dead_letter(&RECORD.replace(from, to)).as_bytes(), &[(1, Some(why))]);
        }
    }
}
