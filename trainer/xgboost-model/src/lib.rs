//! Reads what XGBoost saves, 1.x to 3.x, JSON or UBJSON, into the serving form, without XGBoost.
//!
//! Bytes become a document (`json`, `ubjson`), its parts are checked one by one (`booster`, `columns`, `tree`), and the
//! trees are laid out in preorder (`forest`), splits by category as splits by threshold. Whatever the bytes are, reading
//! ends, does not panic, and takes memory of at most [`MOST_MEMORY`] times their number.
//!
//! ```
//! use xgboost_model::{Target, read};
//!
//! let file = include_bytes!("../tests/fixtures/deep-3.2.0.ubj");
//! let booster = read(file).unwrap();
//! assert_eq!(booster.trees.roots().len(), 20);
//! assert_eq!(booster.link(Target::LogPrice).unwrap(), inference::Link::Log);
//! ```

#![forbid(unsafe_code)]

mod booster;

mod objective;

mod columns;

mod tree;

mod forest;

mod document;

mod numbers;

mod json;

mod ubjson;

mod error;

pub use booster::{Booster, Note, Version, read};
pub use error::ImportError;
pub use objective::{Objective, Target};

/// How many bytes of memory reading holds at most for each byte read. The worst that the tests could think of holds 46, lists
/// of tiny objects; a model that XGBoost saved holds less than its own length.
pub const MOST_MEMORY: usize = 128;
