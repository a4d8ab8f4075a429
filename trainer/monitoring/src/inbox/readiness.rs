//! Finds the files that are complete: those that have not been written to for a while.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use super::arrival::{Arrival, Signature};

/// What was seen of the folder's files, look after look.
#[derive(Debug)]
pub struct Readiness {
    settle: Duration,
    seen: HashMap<PathBuf, (Signature, Instant)>,
}

/// A file that may still be written to.
#[derive(Debug)]
pub struct Waiting {
    /// The name of the file.
    pub file: String,
    /// How long it must stay as it is.
    pub remaining: Duration,
}

impl Readiness {
    /// Files are whole after they have not changed for so long. One that is written with a longer pause is read too early;
    /// a program that writes like that should give it another name until it is whole.
    pub fn new(settle: Duration) -> Readiness {
        Readiness { settle, seen: HashMap::new() }
    }

    /// The files that are whole, and the others.
    pub fn sort(&mut self, arrivals: Vec<Arrival>) -> (Vec<Arrival>, Vec<Waiting>) {
        self.sort_at(arrivals, Instant::now(), SystemTime::now())
    }

    fn sort_at(
        &mut self,
        arrivals: Vec<Arrival>,
        now: Instant,
        clock: SystemTime,
    ) -> (Vec<Arrival>, Vec<Waiting>) {
        let (mut ready, mut waiting) = (Vec::new(), Vec::new());
        let mut seen = HashMap::new();
        for arrival in arrivals {
            let before = self.seen.get(arrival.path()).copied();
            let before = before.filter(|(signature, _)| *signature == arrival.signature);
            let since = before.map_or(now, |(_, since)| since);
            seen.insert(arrival.path().to_owned(), (arrival.signature, since));
            // A file that was there before the first look says by its own time for how long it was not written to; where that is
            // in the future, only looking helps.
            let by_its_time = arrival.modified.and_then(|at| clock.duration_since(at).ok());
            let unchanged = now.duration_since(since).max(by_its_time.unwrap_or_default());
            match self.settle.checked_sub(unchanged).filter(|remaining| !remaining.is_zero()) {
                None => ready.push(arrival),
                Some(remaining) => waiting.push(Waiting { file: arrival.name(), remaining }),
            }
        }
        self.seen = seen;
        (ready, waiting)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;
    use crate::inbox::Inbox;

    #[test]
    fn a_file_is_whole_when_it_has_not_changed_for_long_enough() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(folder.path()).unwrap();
        let path = folder.path().join("rows.csv");
        let write = |text: &str, modified: SystemTime| {
            fs::write(&path, text).unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        };
        let (start, clock) = (Instant::now(), SystemTime::now());
        let mut readiness = Readiness::new(Duration::from_secs(5));
        let mut check = |seconds: u64, ready: bool| {
            let passed = Duration::from_secs(seconds);
            let (arrivals, _) = inbox.arrivals().unwrap();
            let (found, waiting) = readiness.sort_at(arrivals, start + passed, clock + passed);
            assert_eq!((found.len(), waiting.len()), if ready { (1, 0) } else { (0, 1) });
        };
        // By its own time: just written, then left alone.
        write("a", clock);
        check(0, false);
        check(4, false);
        check(5, true);
        // It grows, whatever its time says.
        let future = clock + Duration::from_secs(86_400);
        write("ab", future);
        check(6, false);
        write("abc", future);
        check(10, false);
        check(14, false);
        check(15, true);
        // It was there long before.
        write("abcd", clock - Duration::from_secs(60));
        check(16, true);
    }
}
