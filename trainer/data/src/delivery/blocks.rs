//! Splits a text into blocks that end at a line end, so that several threads can parse it.

use std::io::{self, Read};

/// How much is read at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// The blocks of a source, about [`BLOCK_BYTES`] each; every one but the last ends in a line feed. A text without line feeds
/// is one block. The first holds a line that is not blank, if there is one.
pub(super) struct Blocks<R> {
    source: R,
    /// What was read behind the last line feed.
    rest: Vec<u8>,
    is_first: bool,
}

impl<R: Read> Blocks<R> {
    pub(super) fn of(source: R) -> Blocks<R> {
        Blocks { source, rest: Vec::new(), is_first: true }
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut block = std::mem::take(&mut self.rest);
        loop {
            let searched = block.len();
            let limit = BLOCK_BYTES as u64;
            if self.source.by_ref().take(limit).read_to_end(&mut block)? == 0 {
                break;
            }
            let end = block[searched..].iter().rposition(|byte| *byte == b'\n');
            if let Some(end) = end.map(|end| searched + end + 1)
                && !(self.is_first && is_blank(&block[..end]))
            {
                self.rest = block.split_off(end);
                break;
            }
        }
        self.is_first = false;
        Ok(block)
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        self.read().map(|block| (!block.is_empty()).then_some(block)).transpose()
    }
}

fn is_blank(block: &[u8]) -> bool {
    block.strip_prefix(b"\xef\xbb\xbf").unwrap_or(block).trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_where_a_line_does_and_together_are_the_text() {
        let check = |text: &[u8], count: usize| {
            let blocks: Vec<Vec<u8>> = Blocks::of(text).map(Result::unwrap).collect();
            assert_eq!(blocks.len(), count);
            assert!(blocks.concat() == text);
            let [before @ .., _] = &blocks[..] else { return };
            assert!(before.iter().all(|block| block.ends_with(b"\n")));
        };
        let line = [&b"x".repeat(999)[..], b"\n"].concat();
        check(b"", 0);
        check(b"a", 1);
        check(&line.repeat(3000), 3);
        check(&[&line.repeat(3000)[..], b"end"].concat(), 4);
        check(&line.repeat(3000).replace_byte(b'\n', b'\r'), 1);
        check(&[&b"\n".repeat(BLOCK_BYTES + 9)[..], &line].concat(), 1);
    }

    trait ReplaceByte {
        fn replace_byte(self, from: u8, to: u8) -> Self;
    }

    impl ReplaceByte for Vec<u8> {
        fn replace_byte(mut self, from: u8, to: u8) -> Vec<u8> {
            self.iter_mut().filter(|byte| **byte == from).for_each(|byte| *byte = to);
            self
        }
    }
}
