//! Cuts a text into blocks that end where a record does, so that several threads can split them.

use std::io::{self, Read};

use table::{Header, LINE_MAX, record_end};

/// How much is read at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// The blocks of a text below its header, about [`BLOCK_BYTES`] each.
pub(super) struct Blocks {
    source: Box<dyn Read + Send>,
    /// Whether a block is as long as what was read at once: rows that a pipe gives are handed on as they come.
    is_live: bool,
    /// What was read behind the last block.
    rest: Vec<u8>,
    /// Whether the beginning of a line is in `rest`, and the remainder of it is passed over because it is too long.
    skips_line: bool,
    is_end: bool,
    separator: u8,
    width: usize,
}

impl Blocks {
    /// The blocks of a source of which `rest` was read already.
    pub(super) fn of(
        source: Box<dyn Read + Send>,
        is_live: bool,
        rest: Vec<u8>,
        header: &Header,
    ) -> Blocks {
        let (separator, width) = (header.separator, header.names.len());
        Blocks { source, is_live, rest, skips_line: false, is_end: false, separator, width }
    }

    fn read(&mut self) -> io::Result<()> {
        let known = self.rest.len();
        loop {
            let start = self.rest.len();
            self.is_end = read_some(&mut self.source, &mut self.rest)? == 0;
            if self.skips_line {
                let end = self.rest[start..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                self.skips_line = end.is_none();
                self.rest.drain(start..start + end.unwrap_or(self.rest.len() - start));
            }
            if self.is_end || self.is_live || self.rest.len() - known >= BLOCK_BYTES {
                return Ok(());
            }
        }
    }

    /// How long the records are that are whole.
    fn whole(&self) -> usize {
        if self.is_end {
            return self.rest.len();
        }
        if !self.rest.contains(&b'"') {
            // A carriage return at the end may be half of a line end.
            let known = self.rest.len() - usize::from(self.rest.ends_with(b"\r"));
            let end = self.rest[..known].iter().rposition(|byte| matches!(byte, b'\r' | b'\n'));
            return end.map_or(0, |at| at + 1);
        }
        let mut at = 0;
        while let Some(end) = record_end(&self.rest[at..], self.separator, self.width, false) {
            at += end;
        }
        at
    }
}

impl Iterator for Blocks {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        loop {
            let end = self.whole();
            if end > 0 {
                let rest = self.rest.split_off(end);
                return Some(Ok(std::mem::replace(&mut self.rest, rest)));
            }
            if self.is_end {
                return None;
            }
            if self.rest.len() > LINE_MAX {
                self.rest.truncate(LINE_MAX);
                self.skips_line = true;
            }
            if let Err(error) = self.read() {
                self.is_end = true;
                self.rest.clear();
                return Some(Err(error));
            }
        }
    }
}

/// Appends what a source gives at once, at most [`BLOCK_BYTES`]; 0 at its end.
pub(super) fn read_some(source: &mut impl Read, text: &mut Vec<u8>) -> io::Result<usize> {
    let start = text.len();
    text.resize(start + BLOCK_BYTES, 0);
    let read = loop {
        match source.read(&mut text[start..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => break read,
        }
    };
    text.truncate(start + read.as_ref().copied().unwrap_or_default());
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some bytes at a time, as a slow pipe gives them.
    struct Drops(io::Cursor<Vec<u8>>, usize);

    impl Read for Drops {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(self.1);
            self.0.read(&mut buffer[..length])
        }
    }

    fn blocks(text: &[u8], at_once: usize, is_live: bool) -> Vec<Vec<u8>> {
        let header = Header::read(b"a,b\n").unwrap();
        let source = Box::new(Drops(io::Cursor::new(text.to_vec()), at_once));
        Blocks::of(source, is_live, Vec::new(), &header).map(Result::unwrap).collect()
    }

    #[test]
    fn blocks_end_where_a_record_does_and_together_are_the_text() {
        let check = |text: &[u8], count: usize| {
            let found = blocks(text, usize::MAX, false);
            assert_eq!(found.len(), count);
            assert!(found.concat() == text);
        };
        let line = [&b"x".repeat(999)[..], b"\n"].concat();
        check(b"", 0);
        check(b"a", 1);
        check(&line.repeat(3000), 3);
        check(&[&line.repeat(3000)[..], b"end"].concat(), 3);
        for end in ["\n", "\r", "\r\n"] {
            let text = format!("1,\"two{end}lines\"{end}3,4{end}").repeat(9);
            for at_once in 1..40 {
                let found = blocks(text.as_bytes(), at_once, true);
                assert_eq!(found.concat(), text.as_bytes());
                let is_whole =
                    |block: &Vec<u8>| block.iter().filter(|byte| **byte == b'"').count() % 2 == 0;
                assert!(found.iter().all(is_whole), "{at_once} {end:?}");
            }
        }
    }

    #[test]
    fn the_end_of_a_line_that_is_too_long_is_passed_over() {
        let text = [&b"x".repeat(5 * LINE_MAX)[..], b"\n1,2\n"].concat();
        let found = blocks(&text, usize::MAX, false).concat();
        assert!(found.len() <= 2 * LINE_MAX && found.ends_with(b"x\n1,2\n"), "{}", found.len());
    }
}
