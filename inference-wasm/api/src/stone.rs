//! Stones of the data set as they are written, and the answer to a search for similar ones.

use inference::PriceList;
use inference::similar::{Candidate, difference};
use serde::Serialize;

use crate::number::Number;

/// A stone of the data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the fields of the data set under their own names")]
pub struct Stone {
    pub id: i64,
    pub carat: Number,
    pub cut: &'static str,
    pub color: &'static str,
    pub clarity: &'static str,
    pub depth: Number,
    pub table: Number,
    pub price: Number,
    pub x: Number,
    pub y: Number,
    pub z: Number,
    /// How far its weight is from the one that was searched for; only in the answer to a search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carat_difference: Option<Number>,
    /// The list that its price is from, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_list: Option<PriceList>,
    /// The other listings of the same stone, by id; only in the answer to a search.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_listed: Vec<Listing>,
}

/// Another row of the data set with the same stone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the fields of the data set under their own names")]
pub struct Listing {
    pub id: i64,
    pub price_list: Option<PriceList>,
    pub cut: &'static str,
    pub price: Number,
}

/// The stones that are most like one.
#[derive(Debug, Serialize)]
pub struct Similar {
    requested: usize,
    found: usize,
    diamonds: Vec<Stone>,
}

impl Similar {
    /// The stones that were found when `requested` were asked for near this weight.
    #[must_use]
    pub fn new(requested: usize, carat: f64, mut diamonds: Vec<Stone>) -> Similar {
        for stone in &mut diamonds {
            stone.carat_difference = Some(Number(difference(stone.carat.0, carat)));
        }
        Similar { requested, found: diamonds.len(), diamonds }
    }
}

impl Candidate for Stone {
    fn carat(&self) -> f64 {
        self.carat.0
    }

    fn id(&self) -> i64 {
        self.id
    }
}
