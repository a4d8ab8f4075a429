//! A caller's trace (W3C Trace Context, Level 2): taken, kept in the journal and answered.

use crate::request::Request;

/// Which of a trace's flags are known: sampled and random. The specification wants all others to be passed on as 0.
const KNOWN_FLAGS: u8 = 0b11;

/// The trace that a request belongs to.
///
/// `tracestate` is not read, because this service calls no other service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    /// 32 lower-case hexadecimal digits, not all 0.
    pub(crate) id: String,
    flags: u8,
}

impl Trace {
    /// The trace that a request's `traceparent` names; `None` where it has none, more than one, or one that is not
    /// formed as <https://www.w3.org/TR/trace-context-2/#traceparent-header> says.
    pub(crate) fn of(request: &Request) -> Option<Trace> {
        let is_one = request.headers.get_all("traceparent").iter().count() == 1;
        request.header("traceparent").filter(|_| is_one).and_then(Trace::parse)
    }

    fn parse(traceparent: &str) -> Option<Trace> {
        let parts: Vec<&str> = traceparent.split('-').collect();
        let [version, id, parent, flags, rest @ ..] = &*parts else { return None };
        let is_id =
            |text, digits| is_hexadecimal(text, digits) && text.bytes().any(|digit| digit != b'0');
        // A later version may say more, behind one more hyphen.
        let is_version = match *version {
            "00" => rest.is_empty(),
            version => is_hexadecimal(version, 2) && version != "ff",
        };
        let good = is_version && is_id(id, 32) && is_id(parent, 16) && is_hexadecimal(flags, 2);
        let flags = u8::from_str_radix(flags, 16).ok().filter(|_| good)?;
        Some(Trace { id: (*id).to_owned(), flags: flags & KNOWN_FLAGS })
    }

    /// The `traceparent` of the answer: the same trace, by a span of ours, which is the last 16 digits of the request's
    /// id. They are never all 0, for a UUID has a bit set there.
    pub(crate) fn answered_by(&self, request_id: &str) -> String {
        let digits: String = request_id.chars().filter(char::is_ascii_hexdigit).skip(16).collect();
        format!("00-{}-{digits}-{:02x}", self.id, self.flags)
    }
}

fn is_hexadecimal(text: &str, digits: usize) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == digits && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    #[test]
    fn a_trace_is_taken_as_the_specification_says() {
        let check = |traceparent: &str, flags: Option<u8>| {
            let expected = flags.map(|flags| Trace { id: ID.into(), flags });
            assert_eq!(Trace::parse(traceparent), expected, "{traceparent}");
        };
        check(&format!("00-{ID}-{PARENT}-01"), Some(1));
        check(&format!("00-{ID}-{PARENT}-00"), Some(0));
        check(&format!("00-{ID}-{PARENT}-ff"), Some(3));
        check(&format!("cc-{ID}-{PARENT}-01"), Some(1));
        check(&format!("cc-{ID}-{PARENT}-01-what-the-future-will-be-like"), Some(1));
        check(&format!("cc-{ID}-{PARENT}-01.what-the-future-will-not-be-like"), None);
        check(&format!("00-{ID}-{PARENT}-01-more"), None);
        check(&format!("00-{ID}-{PARENT}-01-"), None);
        check(&format!("ff-{ID}-{PARENT}-01"), None);
        check(&format!("0-{ID}-{PARENT}-01"), None);
        check(&format!("0x-{ID}-{PARENT}-01"), None);
        check(&format!("00-{}-{PARENT}-01", "0".repeat(32)), None);
        check(&format!("00-{ID}-{}-01", "0".repeat(16)), None);
        check(&format!("00-{}-{PARENT}-01", ID.to_uppercase()), None);
        check(&format!("00-{ID}-{}-01", PARENT.to_uppercase()), None);
        check(&format!("00-{}-{PARENT}-01", &ID[1..]), None);
        check(&format!("00-{ID}-{}-01", &PARENT[1..]), None);
        check(&format!("00-{ID}-{PARENT}-1"), None);
        check(&format!("00-{ID}-{PARENT}-0A"), None);
        check(&format!("00-{ID}-{PARENT}"), None);
        check(&format!(" 00-{ID}-{PARENT}-01"), None);
        check("", None);
    }

    #[test]
    fn the_answer_is_a_span_of_the_same_trace() {
        let trace = Trace { id: ID.into(), flags: 1 };
        let answered = trace.answered_by("01a210f8-4708-73d1-a851-e1f2f0b65c9b");
        assert_eq!(answered, format!("00-{ID}-a851e1f2f0b65c9b-01"));
        assert_eq!(Trace::parse(&answered), Some(trace));
    }
}
