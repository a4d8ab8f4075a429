//! The database of the trainer: models, runs, promotions, rows, leases, and what decides a promotion. Apart from the
//! journal's, all SQL of the trainer is here.

#![forbid(unsafe_code)]

pub mod database;

pub mod store;

pub mod ingest;

mod query;

mod registry;

pub mod history;

pub mod lineage;

pub mod trainings;

pub mod lease;

pub mod gate;

pub mod price_check;

pub use self::registry::{
    DatasetError, Decision, Entry, Origin, Promotion, Pruning, Registration, Registry,
    RegistryError, Rollback, Run, RunEntry, TrialEntry,
};
