//! Divides rows into those that train a model and those held out to measure it.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::DataError;
use crate::dataset::{self, Dataset, Dropped, digest};
use crate::stone::{Identity, Stone, hex};

/// The share of rows a seeded split holds out.
const HOLDOUT_SHARE: f64 = 0.2;

/// The fewest rows that are worth training on.
const FEWEST_TRAINING_ROWS: usize = 100;

/// The fewest held-out rows that tell models apart.
const FEWEST_HOLDOUT_ROWS: usize = 20;

/// Rows to train on and rows to measure on; none is in both.
#[derive(Debug)]
pub struct Split<'a> {
    kind: Kind,
    /// The rows that the model learns from.
    pub train: Vec<&'a Stone>,
    /// The rows that the model is measured on.
    pub holdout: Vec<&'a Stone>,
    /// The rows that training leaves out.
    pub dropped: Dropped,
    /// The hash of the held-out rows.
    pub sha256: [u8; 32],
}

#[derive(Debug)]
enum Kind {
    /// By stone and seed.
    Seeded { seed: u64 },
    /// The caller's own held-out rows, with the summary of their data set; `shared` rows of the data list stones of it and
    /// do not train.
    File { file: String, dataset: Value, shared: usize, dropped: Dropped },
}

impl<'a> Split<'a> {
    /// Holds out a fifth of the rows by stone: the listings of a stone stay together, and a row never changes sides as the
    /// data grows.
    ///
    /// # Errors
    ///
    /// [`DataError::TooFew`] where too little remains to train or to measure on.
    pub fn seeded(dataset: &'a Dataset, seed: u64) -> Result<Split<'a>, DataError> {
        let (usable, dropped) = dataset.usable();
        let is_held_out = |stone: &&Stone| stone.identity.is_drawn(seed, "holdout", HOLDOUT_SHARE);
        let (holdout, train) = usable.into_iter().partition(is_held_out);
        let source = &dataset.source;
        Split::new(Kind::Seeded { seed }, (train, source), (holdout, source), dropped)
    }

    /// Holds out the rows of another data set. Rows of the data that list a stone of it are not trained on: a model that has
    /// seen the answers cannot be measured.
    ///
    /// # Errors
    ///
    /// [`DataError::TooFew`] where too little remains to train or to measure on.
    pub fn by_file(dataset: &'a Dataset, holdout: &'a Dataset) -> Result<Split<'a>, DataError> {
        let (usable, dropped) = dataset.usable();
        let (held_out, held_out_dropped) = holdout.usable();
        let stones: HashSet<[u8; 16]> =
            held_out.iter().map(|stone| stone.identity.stone()).collect();
        let before = usable.len();
        let train: Vec<&Stone> =
            usable.into_iter().filter(|it| !stones.contains(&it.identity.stone())).collect();
        let kind = Kind::File {
            file: holdout.source.clone(),
            dataset: dataset::summary(holdout.len(), &holdout.sha256()),
            shared: before - train.len(),
            dropped: held_out_dropped,
        };
        let rest = format!("{} without the rows of {}", dataset.source, holdout.source);
        Split::new(kind, (train, &rest), (held_out, &holdout.source), dropped)
    }

    fn new(
        kind: Kind,
        (train, train_source): (Vec<&'a Stone>, &str),
        (holdout, holdout_source): (Vec<&'a Stone>, &str),
        dropped: Dropped,
    ) -> Result<Split<'a>, DataError> {
        check("rows to train on", &train, train_source, FEWEST_TRAINING_ROWS)?;
        check("rows to measure on", &holdout, holdout_source, FEWEST_HOLDOUT_ROWS)?;
        let sha256 = digest(holdout.iter().copied());
        Ok(Split { kind, train, holdout, dropped, sha256 })
    }

    /// The seed, where it was made by one.
    pub fn seed(&self) -> Option<u64> {
        match self.kind {
            Kind::Seeded { seed } => Some(seed),
            Kind::File { .. } => None,
        }
    }

    /// The JSON document that `--json` prints.
    pub fn to_json(&self) -> Value {
        let mut split = json!({
            "train": self.train.len(),
            "holdout": self.holdout.len(),
            "sha256": hex(&self.sha256),
            "dropped": self.dropped.to_json(),
        });
        match &self.kind {
            Kind::Seeded { seed } => {
                split["kind"] = json!("seeded");
                split["seed"] = json!(seed);
                split["holdout_share"] = json!(HOLDOUT_SHARE);
            }
            Kind::File { file, dataset, shared, dropped } => {
                split["kind"] = json!("file");
                split["file"] = json!(file);
                split["holdout_dataset"] = dataset.clone();
                split["kept_from_training"] = json!(shared);
                split["holdout_dropped"] = dropped.to_json();
            }
        }
        split
    }
}

/// Checks that there are enough rows, counting equal ones once, and that their prices are not all the same: there
/// would be nothing to learn, or nothing to measure.
fn check(
    what: &'static str,
    stones: &[&Stone],
    source: &str,
    wanted: usize,
) -> Result<(), DataError> {
    let source_name = || source.to_owned();
    let found = stones.iter().map(|stone| stone.identity).collect::<HashSet<Identity>>().len();
    if found < wanted {
        return Err(DataError::TooFew { what, source_name: source_name(), found, wanted });
    }
    let first = stones.first().map(|stone| stone.price);
    if stones.iter().all(|stone| Some(stone.price) == first) {
        return Err(DataError::OnePrice { what, source_name: source_name() });
    }
    Ok(())
}

/// The fold a row belongs to, 0 to `folds - 1`; the listings of a stone are in one fold.
pub fn fold_of(stone: &Stone, seed: u64, folds: usize) -> usize {
    let draw = stone.identity.draw(seed, "fold") % folds as u64;
    usize::try_from(draw).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listings::{held_out_twins, twins};

    fn identities(stones: &[&Stone]) -> HashSet<Identity> {
        stones.iter().map(|stone| stone.identity).collect()
    }

    #[test]
    fn a_row_never_changes_sides() {
        let (some, all) = (Dataset::diamonds(20), Dataset::diamonds(1));
        let (small, large) = (Split::seeded(&some, 42).unwrap(), Split::seeded(&all, 42).unwrap());
        let (train, holdout) = (identities(&large.train), identities(&large.holdout));
        assert!(train.is_disjoint(&holdout));
        assert!(identities(&small.train).is_subset(&train));
        assert!(identities(&small.holdout).is_subset(&holdout));
        assert_eq!(large.train.len() + large.holdout.len() + large.dropped.count(), 53_940);
        assert_eq!(large.dropped.count(), 20);
        // 20 % of 53,920, give or take five deviations.
        assert!((10_320..11_250).contains(&large.holdout.len()), "{}", large.holdout.len());
    }

    #[test]
    fn no_side_has_a_listing_of_a_stone_of_the_other() {
        let all = Dataset::diamonds(1);
        let split = Split::seeded(&all, 42).unwrap();
        assert_eq!(held_out_twins(&split), 0);
        for fold in 0..5 {
            let (held_out, train): (Vec<&Stone>, Vec<&Stone>) =
                split.train.iter().partition(|stone| fold_of(stone, 42, 5) == fold);
            assert_eq!(twins(&held_out, &train), 0, "{fold}");
        }
        // Rows that a file holds out, whose other listings are in the data.
        let file = Dataset::diamonds(7);
        assert!(twins(&file.usable().0, &all.usable().0) > 0);
        let split = Split::by_file(&all, &file).unwrap();
        assert_eq!(held_out_twins(&split), 0);
        assert!(split.train.len() < all.len() - file.len() - 500, "{}", split.train.len());
    }

    #[test]
    fn another_seed_is_another_split() {
        let all = Dataset::diamonds(5);
        let (one, other) = (Split::seeded(&all, 42).unwrap(), Split::seeded(&all, 43).unwrap());
        assert_ne!(one.sha256, other.sha256);
        assert_eq!(one.sha256, Split::seeded(&all, 42).unwrap().sha256);
    }

    #[test]
    fn folds_share_the_rows_evenly() {
        let all = Dataset::diamonds(5);
        let mut sizes = [0; 5];
        for stone in all.usable().0 {
            sizes[fold_of(stone, 42, 5)] += 1;
        }
        assert!(sizes.iter().all(|size| (1_960..2_360).contains(size)), "{sizes:?}");
    }
}
