//! Counts what was refused for wrong fields: how often, for which fields, and with which values.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rate::{REFUSED, Rate};
use crate::traffic::Refusal;

/// More fields than the service names on any route. Others are counted in the whole only.
const MOST_FIELDS: usize = 50;

/// How many values of a field are counted at once.
const MOST_VALUES: usize = 1_000;

/// The share of refused stones. A request that was refused as a whole counts as one stone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refused {
    /// The stones that were priced or refused.
    pub asked: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Their share.
    #[serde(flatten)]
    pub rate: Rate,
    /// The same by field, the field that most were refused for first.
    pub fields: Vec<RefusedField>,
}

/// The share of stones that were refused for a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefusedField {
    /// The name of the field.
    pub field: String,
    /// How many were refused for it.
    pub refused: u64,
    /// The value that most of these had; empty if it was not given.
    pub commonest_value: String,
    /// The share.
    #[serde(flatten)]
    pub rate: Rate,
}

/// What is counted. Its memory is bounded, whatever callers send.
#[derive(Debug, Default)]
pub(super) struct RefusalCounts {
    refused: u64,
    fields: BTreeMap<String, FieldCounts>,
}

#[derive(Debug, Default)]
struct FieldCounts {
    refused: u64,
    values: BTreeMap<String, u64>,
}

impl RefusalCounts {
    /// Looks at a refused stone.
    pub(super) fn see(&mut self, Refusal(fields): &Refusal) {
        self.refused += 1;
        for field in fields {
            if self.fields.len() < MOST_FIELDS || self.fields.contains_key(&field.name) {
                self.fields.entry(field.name.clone()).or_default().see(&field.value);
            }
        }
    }

    /// What it comes to, with so many priced and training stones.
    pub(super) fn conclude(self, priced: u64, trained: u64) -> Refused {
        let asked = priced + self.refused;
        let rate = |refused: u64| Rate::of(REFUSED, [trained, 0], [asked, refused]);
        let field = |(field, counts): (String, FieldCounts)| RefusedField {
            field,
            refused: counts.refused,
            rate: rate(counts.refused),
            commonest_value: counts.commonest(),
        };
        let mut fields: Vec<RefusedField> = self.fields.into_iter().map(field).collect();
        fields.sort_by_key(|field| std::cmp::Reverse(field.refused));
        Refused { asked, refused: self.refused, rate: rate(self.refused), fields }
    }
}

impl FieldCounts {
    /// Counts a value. Where there is no room for another one, one of each is forgotten, so that a value which more than one in
    /// a thousand have is never lost (J. Misra and D. Gries, "Finding Repeated Elements", 1982).
    fn see(&mut self, value: &str) {
        self.refused += 1;
        if let Some(count) = self.values.get_mut(value) {
            *count += 1;
        } else if self.values.len() < MOST_VALUES {
            self.values.insert(value.to_owned(), 1);
        } else {
            self.values.retain(|_, count| {
                *count -= 1;
                *count > 0
            });
        }
    }

    /// The value that most had; of several the first in the alphabet.
    fn commonest(self) -> String {
        let values = self.values.into_iter().rev();
        values.max_by_key(|(_, count)| *count).map(|(value, _)| value).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::DriftLevel;
    use crate::traffic::WrongField;

    fn refusal(fields: &[(&str, &str)]) -> Refusal {
        let field = |(name, value): &(&str, &str)| WrongField {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        Refusal(fields.iter().map(field).collect())
    }

    #[test]
    fn each_field_has_a_share_and_its_commonest_value() {
        let mut counts = RefusalCounts::default();
        for (count, fields) in [
            (600, &[("color", "K")][..]),
            (30, &[("color", "d"), ("carat", "")]),
            (5, &[("carat", "-1")]),
            (1, &[]),
        ] {
            (0..count).for_each(|_| counts.see(&refusal(fields)));
        }
        let found = counts.conclude(364, 50_000);
        assert_eq!((found.asked, found.refused), (1_000, 636));
        assert_eq!(found.rate.verdict, DriftLevel::Drifted);
        let of = |field: &RefusedField| {
            (field.field.clone(), field.refused, field.commonest_value.clone(), field.rate.verdict)
        };
        let expected = [
            (String::from("color"), 630, String::from("K"), DriftLevel::Drifted),
            (String::from("carat"), 35, String::new(), DriftLevel::Shifted),
        ];
        assert_eq!(found.fields.iter().map(of).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn memory_is_bounded_and_a_common_value_is_found() {
        let mut counts = RefusalCounts::default();
        for at in 0..20_000_u32 {
            let value = if at.is_multiple_of(100) { String::from("K") } else { at.to_string() };
            counts.see(&refusal(&[("color", &value), (&format!("field {at}"), "")]));
        }
        assert_eq!(counts.fields.len(), MOST_FIELDS);
        assert!(counts.fields["color"].values.len() <= MOST_VALUES);
        let found = counts.conclude(0, 50_000);
        assert_eq!((&*found.fields[0].field, &*found.fields[0].commonest_value), ("color", "K"));
    }
}
