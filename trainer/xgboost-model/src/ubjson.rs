//! Reads UBJSON into a document: the part of this binary JSON that XGBoost writes.
//!
//! Every part starts with a marker (<https://ubjson.org>): `{` and `[` with an optional `$`, the kind of all elements,
//! and `#`, their count; `S` a text; a letter for each kind of number. Lengths are numbers with markers of their own.
//! XGBoost never writes characters, decimals in digits, no-ops or objects of one kind, so these are not read.

use std::borrow::Cow;

use crate::document::{MAX_NESTING, Value};
use crate::error::ImportError;
use crate::numbers::{Numbers, Numeral, packed, width};

/// Reads a whole file.
pub(crate) fn read(bytes: &[u8]) -> Result<Value<'_>, ImportError> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.part(MAX_NESTING)?;
    if reader.at == bytes.len() { Ok(value) } else { Err(reader.broken("more bytes follow")) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn part(&mut self, nesting: usize) -> Result<Value<'a>, ImportError> {
        let nesting =
            nesting.checked_sub(1).ok_or_else(|| self.broken("the nesting is too deep"))?;
        let marker = self.byte()?;
        match marker {
            b'{' => self.object(nesting),
            b'[' => self.list(nesting),
            b'S' => Ok(Value::Text(Cow::Borrowed(self.text()?))),
            _ => {
                self.at -= 1;
                Ok(Value::Number(self.number()?))
            }
        }
    }

    fn object(&mut self, nesting: usize) -> Result<Value<'a>, ImportError> {
        let (None, count) = self.header()? else {
            return Err(self.broken("an object of one kind of element starts"));
        };
        let mut fields = Vec::new();
        while self.goes_on(count, fields.len(), b'}')? {
            let name = Cow::Borrowed(self.text()?);
            fields.push((name, self.part(nesting)?));
        }
        Ok(Value::Object(fields))
    }

    fn list(&mut self, nesting: usize) -> Result<Value<'a>, ImportError> {
        match self.header()? {
            (Some(marker), Some(count)) => {
                let bytes = width(marker).and_then(|width| count.checked_mul(width));
                let bytes = bytes.ok_or_else(|| self.broken("a count is too large"))?;
                Ok(Value::Numbers(Numbers::Packed(marker, self.take(bytes)?)))
            }
            (Some(_), None) => Err(self.broken("a list of one kind of element has no count")),
            (None, Some(0)) => Ok(Value::Numbers(Numbers::Marked(&[]))),
            (None, count) => match self.peek()? {
                b'{' | b'[' | b'S' => self.list_of_parts(count, nesting),
                _ => self.list_of_numbers(count),
            },
        }
    }

    fn list_of_parts(
        &mut self,
        count: Option<usize>,
        nesting: usize,
    ) -> Result<Value<'a>, ImportError> {
        let mut items = Vec::new();
        while self.goes_on(count, items.len(), b']')? {
            match self.part(nesting)? {
                // XGBoost never mixes kinds in a list, and a number would take much more memory here than in the file.
                Value::Number(_) => return Err(self.broken("a number ends in a list of others")),
                part => items.push(part),
            }
        }
        Ok(Value::List(items))
    }

    fn list_of_numbers(&mut self, count: Option<usize>) -> Result<Value<'a>, ImportError> {
        let (start, mut end, mut read) = (self.at, self.at, 0);
        while self.goes_on(count, read, b']')? {
            self.number()?;
            (end, read) = (self.at, read + 1);
        }
        Ok(Value::Numbers(Numbers::Marked(self.bytes.get(start..end).unwrap_or_default())))
    }

    /// Whether another element follows: the count is not reached, or the next byte is not the closing bracket.
    fn goes_on(&mut self, count: Option<usize>, read: usize, end: u8) -> Result<bool, ImportError> {
        if let Some(count) = count {
            return Ok(read < count);
        }
        if self.peek()? != end {
            return Ok(true);
        }
        self.at += 1;
        Ok(false)
    }

    /// The header of a list or an object: the marker of all elements, and their count; without a count a bracket
    /// ends them.
    fn header(&mut self) -> Result<(Option<u8>, Option<usize>), ImportError> {
        let (mut kind, mut count) = (None, None);
        if self.peek()? == b'$' {
            self.at += 1;
            let marker = self.byte()?;
            if width(marker).is_none_or(|width| width == 0) {
                return Err(self.broken("a list of one kind is no list of numbers"));
            }
            kind = Some(marker);
        }
        if self.peek()? == b'#' {
            self.at += 1;
            count = Some(self.length()?);
        }
        Ok((kind, count))
    }

    /// A name, or a text after its marker.
    fn text(&mut self) -> Result<&'a str, ImportError> {
        let length = self.length()?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.broken("a text that is no UTF-8 ends"))
    }

    fn length(&mut self) -> Result<usize, ImportError> {
        let length = self.number()?.to_i64().and_then(|length| usize::try_from(length).ok());
        length.ok_or_else(|| self.broken("a length that is no whole number from 0 ends"))
    }

    fn number(&mut self) -> Result<Numeral<'a>, ImportError> {
        let marker = self.byte()?;
        let width = width(marker).ok_or_else(|| self.broken("an unknown marker ends"))?;
        Ok(packed(marker, self.take(width)?))
    }

    fn peek(&self) -> Result<u8, ImportError> {
        self.bytes.get(self.at).copied().ok_or_else(|| self.broken("the file ends too soon"))
    }

    fn byte(&mut self) -> Result<u8, ImportError> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], ImportError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.get(..count).ok_or_else(|| self.broken("the file ends too soon"))?;
        self.at += count;
        Ok(taken)
    }

    fn broken(&self, why: &'static str) -> ImportError {
        ImportError::Broken { notation: "UBJSON", at: self.at, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_part_is_read() {
        let field = |name: &'static str, value| (Cow::Borrowed(name), value);
        let check = |bytes: &[u8], expected| assert_eq!(read(bytes).unwrap(), expected);
        check(b"{}", Value::Object(vec![]));
        check(
            b"{i\x01aSU\x02hiL\0\0\0\0\0\0\0\x01b[$d#l\0\0\0\x01\x3f\x80\0\0i\x01cT}",
            Value::Object(vec![
                field("a", Value::Text("hi".into())),
                field("b", Value::Numbers(Numbers::Packed(b'd', &[0x3f, 0x80, 0, 0]))),
                field("c", Value::Number(Numeral::Flag(true))),
            ]),
        );
        check(b"{#i\x01i\x01aZ", Value::Object(vec![field("a", Value::Number(Numeral::Null))]));
        check(b"[#i\x02i\x07I\x01\x02", Value::Numbers(Numbers::Marked(b"i\x07I\x01\x02")));
        check(b"[i\x07TF]", Value::Numbers(Numbers::Marked(b"i\x07TF")));
        check(b"[#U\0", Value::Numbers(Numbers::Marked(b"")));
        let lists = vec![Value::Numbers(Numbers::Marked(b"")), Value::Text("".into())];
        check(b"[[]Si\0]", Value::List(lists));
        check(b"D\x3f\xf0\0\0\0\0\0\0", Value::Number(Numeral::Double(1.0)));
    }

    #[test]
    fn what_is_no_ubjson_is_refused() {
        let check = |bytes: &[u8], why: &str| {
            let error = read(bytes).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        };
        check(b"", "ends too soon");
        check(b"{i\x01a", "ends too soon");
        check(b"{}Z", "more bytes");
        check(b"[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff", "too large");
        check(b"[$U#L\x7f\xff\xff\xff\xff\xff\xff\xff", "too soon");
        check(b"[#L\x7f\xff\xff\xff\xff\xff\xff\xffT", "too soon");
        // A list of any number of nulls would take no bytes.
        check(b"[$Z#L\x7f\xff\xff\xff\xff\xff\xff\xff", "no list of numbers");
        check(b"[$d]", "no count");
        check(b"{$d#i\x01i\x01a\0\0\0\0", "object of one kind");
        check(b"[{}i\x01]", "a number ends");
        check(b"{i\xff", "a length");
        check(b"{d\0\0\0\0", "a length");
        check(b"Si\x01\xff", "UTF-8");
        check(b"{i\x01aHi\x011}", "unknown marker");
        check(&b"[".repeat(100_000), "too deep");
    }
}
