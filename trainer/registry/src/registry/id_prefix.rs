//! Finds a model or a run by the start of its id.

/// How many of the ids that there are an error lists.
pub(super) const LISTED: usize = 20;

/// Which ids start so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PrefixMatch {
    Nothing,
    One(String),
    Several(Vec<String>),
}

impl PrefixMatch {
    pub(super) fn by(start: &str, known: &[String]) -> PrefixMatch {
        let is_meant = |id: &&String| !start.is_empty() && id.starts_with(start);
        let mut found: Vec<String> = known.iter().filter(is_meant).cloned().collect();
        match found.len() {
            0 => PrefixMatch::Nothing,
            1 => PrefixMatch::One(found.remove(0)),
            _ => PrefixMatch::Several(found),
        }
    }
}
