//! Reads models of XGBoost 1.x to 3.x, JSON or UBJSON, into the serving form, without XGBoost.
//!
//! Bytes are read into a document (`json`, `ubjson`), its parts are checked one by one (`booster`, `columns`, `tree`), and
//! the trees are converted to preorder (`forest`), with splits by threshold in place of splits by category. For any bytes,
//! reading ends, does not panic, and takes at most [`MAX_MEMORY_PER_BYTE`] times their number in memory.
//!
//! ```
//! use xgboost_model::{Target, read};
//!
//! let file = include_bytes!("../tests/fixtures/deep-3.2.0.ubj");
//! let booster = read(file).unwrap();
//! assert_eq!(booster.trees.roots().len(), 20);
//! assert_eq!(booster.objective.link(Target::LogPrice).unwrap(), inference::Link::Log);
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

pub use booster::{Booster, Note, read, read_own};
pub use error::ImportError;
pub use objective::{Objective, Target};

/// How many bytes of memory reading holds at most per byte of the file. The worst input in the tests, lists of tiny
/// objects, holds 46; a model that XGBoost saved holds less than its own length.
pub const MAX_MEMORY_PER_BYTE: usize = 128;
