//! The price lists that a price may come from: their names, and the few that a model or a file knows.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq as _, Serializer};

use crate::text;

/// How many bytes a name has at most.
pub const MAX_NAME_BYTES: usize = 24;

/// How many lists a model or a file of samples knows at most.
pub const MAX_LISTS: usize = 8;

/// What a name may be, for messages.
pub const ALLOWED_NAMES: &str =
    "a name of 1 to 24 letters, digits, spaces, dots, hyphens and underscores";

/// The name of a price list: one seller's prices. Two lists may price the same stone differently.
///
/// A name holds ASCII letters, digits, `.`, `-`, `_` and single spaces between them. It is compared without regard to
/// case, and shown as it was first written.
#[derive(Clone, Copy)]
pub struct PriceList {
    /// The name, followed by zeros.
    bytes: [u8; MAX_NAME_BYTES],
}

/// Why a text is not the name of a price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the name of a price list; allowed: {ALLOWED_NAMES}")]
pub struct InvalidName;

impl PriceList {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(MAX_NAME_BYTES);
        // A name is ASCII.
        core::str::from_utf8(&self.bytes[..length]).unwrap_or_default()
    }

    /// The name for comparisons.
    fn lower_case(&self) -> [u8; MAX_NAME_BYTES] {
        self.bytes.map(|byte| byte.to_ascii_lowercase())
    }
}

impl FromStr for PriceList {
    type Err = InvalidName;

    /// Ignores surrounding white space.
    fn from_str(text: &str) -> Result<PriceList, InvalidName> {
        let name = text.trim().as_bytes();
        let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b" .-_".contains(byte);
        let has_double_space = name.windows(2).any(|pair| pair == b"  ");
        if name.is_empty() || !name.iter().all(is_allowed) || has_double_space {
            return Err(InvalidName);
        }
        let mut bytes = [0; MAX_NAME_BYTES];
        bytes.get_mut(..name.len()).ok_or(InvalidName)?.copy_from_slice(name);
        Ok(PriceList { bytes })
    }
}

impl Serialize for PriceList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PriceList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PriceList, D::Error> {
        text::parsed(deserializer, ALLOWED_NAMES)
    }
}

impl fmt::Display for PriceList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for PriceList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq for PriceList {
    fn eq(&self, other: &PriceList) -> bool {
        self.lower_case() == other.lower_case()
    }
}

impl Eq for PriceList {}

impl PartialOrd for PriceList {
    fn partial_cmp(&self, other: &PriceList) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PriceList {
    fn cmp(&self, other: &PriceList) -> core::cmp::Ordering {
        self.lower_case().cmp(&other.lower_case())
    }
}

impl core::hash::Hash for PriceList {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.lower_case().hash(state);
    }
}

/// Up to eight different price lists, in the order of their names. The index of a list is its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PriceLists {
    /// The lists, then `None`.
    lists: [Option<PriceList>; MAX_LISTS],
}

/// Why lists are too many for a model or a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} price lists; at most {MAX_LISTS} are allowed")]
pub struct InvalidLists(usize);

impl PriceLists {
    /// No list.
    pub const NONE: PriceLists = PriceLists { lists: [None; MAX_LISTS] };

    /// Takes lists in any order; equal ones count once.
    ///
    /// # Errors
    ///
    /// [`InvalidLists`] for more than [`MAX_LISTS`].
    pub fn of(lists: impl IntoIterator<Item = PriceList>) -> Result<PriceLists, InvalidLists> {
        let mut sorted: Vec<PriceList> = lists.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut lists = PriceLists::NONE;
        let count = sorted.len();
        sorted
            .into_iter()
            .try_for_each(|list| lists.push(list))
            .map_err(|()| InvalidLists(count))?;
        Ok(lists)
    }

    /// Adds a list whose name comes after all others.
    fn push(&mut self, list: PriceList) -> Result<(), ()> {
        let count = self.len();
        let is_next = self.iter().last().is_none_or(|last| last < list);
        let slot = self.lists.get_mut(count).filter(|_| is_next).ok_or(())?;
        *slot = Some(list);
        Ok(())
    }

    /// The lists, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = PriceList> + '_ {
        self.lists.iter().copied().flatten()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists[0].is_none()
    }

    /// The code of a list; `None` where it is not one of these.
    #[must_use]
    pub fn code(&self, list: PriceList) -> Option<u8> {
        (0..).zip(self.iter()).find(|(_, known)| *known == list).map(|(code, _)| code)
    }

    /// The list of a code.
    #[must_use]
    pub fn get(&self, code: u8) -> Option<PriceList> {
        self.lists.get(usize::from(code)).copied().flatten()
    }
}

impl Serialize for PriceLists {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut names = serializer.serialize_seq(Some(self.len()))?;
        self.iter().try_for_each(|list| names.serialize_element(&list))?;
        names.end()
    }
}

impl<'de> Deserialize<'de> for PriceLists {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PriceLists, D::Error> {
        deserializer.deserialize_seq(Names)
    }
}

/// Reads a sequence of names.
struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = PriceLists;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("at most eight different names in their order")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<PriceLists, A::Error> {
        let mut lists = PriceLists::NONE;
        while let Some(list) = names.next_element()? {
            lists
                .push(list)
                .map_err(|()| A::Error::custom("the names are not in order, or too many"))?;
        }
        Ok(lists)
    }
}

impl fmt::Display for PriceLists {
    /// The names, with commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, list) in self.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{list}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        let check = |text: &str, expected: Option<&str>| {
            let list = text.parse::<PriceList>().ok();
            assert_eq!(list.as_ref().map(PriceList::as_str), expected, "{text:?}");
        };
        check("A", Some("A"));
        check(" Smith Bros. 2-b_c ", Some("Smith Bros. 2-b_c"));
        check(&"x".repeat(24), Some(&"x".repeat(24)));
        check(&"x".repeat(25), None);
        for text in ["", "  ", "a,b", "a\0", "a  b", "naïve", "a;b", "\"a\""] {
            check(text, None);
        }
    }

    #[test]
    fn a_name_is_the_same_in_any_case() {
        let list = |text: &str| text.parse::<PriceList>().unwrap();
        assert_eq!(list("Smith"), list("SMITH"));
        assert!(list("a") < list("B"));
        assert!(list("A") < list("b"));
    }

    #[test]
    fn lists_are_ordered_by_name_and_coded_by_index() {
        let list = |text: &str| text.parse::<PriceList>().unwrap();
        let lists = PriceLists::of(["b", "A", "B", "c"].map(list)).unwrap();
        assert_eq!(lists.to_string().to_lowercase(), "a, b, c");
        assert_eq!((lists.len(), lists.code(list("C")), lists.code(list("d"))), (3, Some(2), None));
        assert_eq!(lists.get(0), Some(list("a")));
        assert_eq!(lists.get(3), None);
        let names = |count: u8| (0..count).map(|at| list(&at.to_string()));
        assert_eq!(PriceLists::of(names(8)).unwrap().len(), 8);
        assert_eq!(PriceLists::of(names(9)), Err(InvalidLists(9)));
    }

    #[test]
    fn lists_are_read_only_in_their_order() {
        let read = |names: &[&str]| {
            postcard::from_bytes::<PriceLists>(&postcard::to_allocvec(names).unwrap())
        };
        assert_eq!(read(&["A", "B"]).unwrap().len(), 2);
        assert!(read(&[]).unwrap().is_empty());
        for names in [&["B", "A"][..], &["A", "a"], &["A", ""], &["a,b"]] {
            assert!(read(names).is_err(), "{names:?}");
        }
    }
}
