//! Reads JSON into a document. It is our own reader for two reasons. XGBoost 1.6 to 2.1 writes `NaN` and `Infinity` in models
//! with splits by category, which no JSON library accepts. And numbers must keep their digits to give the f32 that was
//! written: the numbers of a library have been rounded to f64 first.

use std::borrow::Cow;

use crate::document::{MAX_NESTING, Value};
use crate::error::ImportError;
use crate::numbers::{Numbers, Numeral, written};

/// Reads a whole file.
pub(crate) fn read(bytes: &[u8]) -> Result<Value<'_>, ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|error| ImportError::Broken {
        notation: "JSON",
        at: error.valid_up_to(),
        why: "bytes that are no UTF-8 start",
    })?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.part(MAX_NESTING)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.broken("something follows the end")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn part(&mut self, nesting: usize) -> Result<Value<'a>, ImportError> {
        let nesting =
            nesting.checked_sub(1).ok_or_else(|| self.broken("the nesting is too deep"))?;
        match self.peek() {
            Some(b'{') => self.object(nesting),
            Some(b'[') => self.list(nesting),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            _ => Ok(Value::Number(self.number()?)),
        }
    }

    fn object(&mut self, nesting: usize) -> Result<Value<'a>, ImportError> {
        let mut fields = Vec::new();
        self.expect(b'{', "an object should start")?;
        if self.take(b'}') {
            return Ok(Value::Object(fields));
        }
        loop {
            let name = self.string()?;
            self.expect(b':', "a colon should be")?;
            fields.push((name, self.part(nesting)?));
            if !self.take(b',') {
                self.expect(b'}', "a comma or the end of an object should be")?;
                return Ok(Value::Object(fields));
            }
        }
    }

    fn list(&mut self, nesting: usize) -> Result<Value<'a>, ImportError> {
        self.expect(b'[', "a list should start")?;
        match self.peek() {
            Some(b']') => {
                self.at += 1;
                Ok(Value::Numbers(Numbers::Written("")))
            }
            Some(b'{' | b'[' | b'"') => self.list_of_parts(nesting),
            _ => self.list_of_numbers(),
        }
    }

    fn list_of_parts(&mut self, nesting: usize) -> Result<Value<'a>, ImportError> {
        let mut items = Vec::new();
        loop {
            match self.part(nesting)? {
                // XGBoost never mixes kinds in a list, and a number would take much more memory here than in the file.
                Value::Number(_) => return Err(self.broken("a number ends in a list of others")),
                part => items.push(part),
            }
            if !self.take(b',') {
                self.expect(b']', "a comma or the end of a list should be")?;
                return Ok(Value::List(items));
            }
        }
    }

    fn list_of_numbers(&mut self) -> Result<Value<'a>, ImportError> {
        let start = self.at;
        loop {
            self.number()?;
            let end = self.at;
            if !self.take(b',') {
                self.expect(b']', "a comma or the end of a list of numbers should be")?;
                let numbers = self.text.get(start..end).unwrap_or_default();
                return Ok(Value::Numbers(Numbers::Written(numbers)));
            }
        }
    }

    /// A number, or a word that stands for a number.
    fn number(&mut self) -> Result<Numeral<'a>, ImportError> {
        self.skip_space();
        let rest = self.rest();
        let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.');
        let word = rest.split(|char| !is_part(char)).next().unwrap_or_default();
        let is_word = matches!(word, "true" | "false" | "null" | "NaN" | "Infinity" | "-Infinity");
        let is_number = word.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            && !word
                .contains(|char: char| char.is_ascii_alphabetic() && !matches!(char, 'e' | 'E'));
        if !is_word && !is_number {
            return Err(self.broken("a value should be"));
        }
        self.at += word.len();
        Ok(written(word))
    }

    /// A text, copied only where it contains an escape.
    fn string(&mut self) -> Result<Cow<'a, str>, ImportError> {
        self.expect(b'"', "a text in quotes should be")?;
        let mut text = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let end =
                rest.find(['"', '\\']).ok_or_else(|| self.broken("a text without end starts"))?;
            let (plain, after) = rest.split_at(end);
            if text.is_empty() {
                text = Cow::Borrowed(plain);
            } else {
                text.to_mut().push_str(plain);
            }
            self.at += end + 1;
            if after.starts_with('"') {
                return Ok(text);
            }
            let escaped = self.escape()?;
            text.to_mut().push(escaped);
        }
    }

    /// The character that an escape stands for.
    fn escape(&mut self) -> Result<char, ImportError> {
        let letter = self.rest().bytes().next();
        self.at += 1;
        Ok(match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit()?;
                let mut units = vec![first];
                if (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u") {
                    self.at += 2;
                    units.push(self.unit()?);
                }
                let text = String::from_utf16(&units);
                let text = text.map_err(|_| self.broken("half a character ends"))?;
                text.chars().next().unwrap_or_default()
            }
            _ => {
                self.at -= 1;
                return Err(self.broken("an unknown escape is"));
            }
        })
    }

    /// The four digits of an escaped UTF-16 unit.
    fn unit(&mut self) -> Result<u16, ImportError> {
        let digits = self.rest().get(..4).filter(|d| d.bytes().all(|d| d.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.broken("four hexadecimal digits should be"))?;
        self.at += 4;
        Ok(unit)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_ascii_start().len();
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.rest().bytes().next()
    }

    /// Skips a byte if it is the next one.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8, why: &'static str) -> Result<(), ImportError> {
        if self.take(byte) { Ok(()) } else { Err(self.broken(why)) }
    }

    fn broken(&self, why: &'static str) -> ImportError {
        ImportError::Broken { notation: "JSON", at: self.at, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_part_is_read() {
        let json = br#" {"a": [1, 2.50], "b\n": ["x", "1\u00e9\ud83d\ude00\/"], "c": true, "d": [[], [ ]], "e": null,
            "f": -1e5, "g": {}, "h": [NaN,-Infinity] } "#;
        let field = |name: &'static str, value| (Cow::Borrowed(name), value);
        let empty = || Value::Numbers(Numbers::Written(""));
        let expected = Value::Object(vec![
            field("a", Value::Numbers(Numbers::Written("1, 2.50"))),
            field("b\n", Value::List(vec![Value::Text("x".into()), Value::Text("1é😀/".into())])),
            field("c", Value::Number(Numeral::Flag(true))),
            field("d", Value::List(vec![empty(), empty()])),
            field("e", Value::Number(Numeral::Null)),
            field("f", Value::Number(Numeral::Written("-1e5"))),
            field("g", Value::Object(vec![])),
            field("h", Value::Numbers(Numbers::Written("NaN,-Infinity"))),
        ]);
        assert_eq!(read(json).unwrap(), expected);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let check = |json: &[u8], at: usize, why: &str| {
            let error = read(json).unwrap_err().to_string();
            assert!(error.contains(&format!("at byte {at}, {why}")), "{error}");
        };
        check(b"", 0, "a value");
        check(b"{\"a\": [1, 2}", 11, "a comma or the end of a list");
        check(b"{\"a\": [1, ]}", 10, "a value");
        check(b"{\"a\": [1, x]}", 10, "a value");
        check(b"{\"a\": [[], 1]}", 12, "a number ends");
        check(b"{\"a\" 1}", 5, "a colon");
        check(b"{a: 1}", 1, "a text in quotes");
        check(b"{\"a\": 1 \"b\"}", 8, "a comma or the end of an object");
        check(b"{} {}", 3, "something follows");
        check(b"{\"a", 2, "a text without end");
        check(b"{\"\\", 3, "an unknown escape");
        check(b"{\"\\x\"", 3, "an unknown escape");
        check(b"{\"\\u12", 4, "four");
        check(b"{\"\\ud800\"", 8, "half");
        check(b"{\"\\u\xc3\xa9\xc3\xa9", 4, "four");
        check(b"{\"a\": \"\xff\"}", 7, "bytes that are no UTF-8");
        check("[".repeat(100_000).as_bytes(), MAX_NESTING, "the nesting");
    }
}
