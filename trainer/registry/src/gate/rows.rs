//! Chooses the held-out rows on which two models are compared: rows of stones that neither trained on, where that is known.

use std::collections::HashSet;

use crate::lineage::{self, Lineage};
use crate::registry::{Entry, Registry, RegistryError};
use data::split::Split;
use data::stone::{Stone, hex};
use learning::number::count;

/// The fewest rows new to both models that are judged by alone; where there are fewer, all held-out rows are.
const FEWEST_UNSEEN: usize = 200;

/// Rows to compare on.
#[derive(Debug)]
pub struct Rows<'a> {
    /// The rows.
    pub stones: Vec<&'a Stone>,
    /// What is to be said of them behind their count; empty where they are simply the held-out rows.
    pub note: String,
    /// Whether neither model has trained on any of them.
    pub are_new_to_both: bool,
}

impl<'a> Rows<'a> {
    /// The held-out rows of a split whose stones a model has not trained on. A seeded split goes by the stone, so under one seed
    /// no held-out stone was ever trained on, however the data grew. Where a model's rows cannot be restored, or too few
    /// are new to it, all held-out rows are taken: that only makes the model harder to beat, and is said.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn new_to(
        registry: &Registry,
        model: &Entry,
        split: &Split<'a>,
    ) -> Result<Rows<'a>, RegistryError> {
        let all = split.holdout.clone();
        if model.split_sha256.as_deref() == Some(hex(&split.sha256).as_str()) {
            return Ok(Rows::new(all));
        }
        let origin = registry.origin(&model.id).await?;
        let seed = origin.and_then(|origin| lineage::seed(&origin.split));
        if seed.is_some() && seed == split.seed() {
            return Ok(Rows::new(all));
        }
        let Ok(lineage) = Lineage::of(registry, model).await else {
            return Ok(Rows::doubtful(all));
        };
        let Ok(trained) = lineage.split() else { return Ok(Rows::doubtful(all)) };
        let unseen = unseen(&all, &trained.train);
        let left_out = all.len() - unseen.len();
        Ok(match (left_out, unseen.len()) {
            (0, _) => Rows::new(all),
            (_, FEWEST_UNSEEN..) => Rows {
                note: format!(
                    " that neither trained on ({} held-out ones were left out)",
                    count(left_out)
                ),
                ..Rows::new(unseen)
            },
            _ => Rows::doubtful(all),
        })
    }

    fn new(stones: Vec<&'a Stone>) -> Rows<'a> {
        Rows { stones, note: String::new(), are_new_to_both: true }
    }

    fn doubtful(stones: Vec<&'a Stone>) -> Rows<'a> {
        let note = String::from(", some of which it may have trained on");
        Rows { stones, note, are_new_to_both: false }
    }
}

/// The rows of stones that are not listed among those that trained.
fn unseen<'a>(rows: &[&'a Stone], trained: &[&Stone]) -> Vec<&'a Stone> {
    let trained: HashSet<[u8; 16]> = trained.iter().map(|stone| stone.identity.stone()).collect();
    rows.iter().filter(|stone| !trained.contains(&stone.identity.stone())).copied().collect()
}

#[cfg(test)]
mod tests {
    use data::dataset::Dataset;
    use data::listings::twins;

    use super::*;

    #[test]
    fn no_listing_of_a_stone_that_trained_is_judged_by() {
        let dataset = Dataset::diamonds(2);
        let [held_out, trained] = [42, 7].map(|seed| Split::seeded(&dataset, seed).unwrap());
        let rows = unseen(&held_out.holdout, &trained.train);
        assert!(rows.len() > 500, "{}", rows.len());
        assert_eq!(twins(&rows, &trained.train), 0);
        assert!(twins(&held_out.holdout, &trained.train) > 500);
    }
}
