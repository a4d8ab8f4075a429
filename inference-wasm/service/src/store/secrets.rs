//! The database's own keys.

use super::Store;
use crate::database::{Cells, Database, DatabaseError};

impl<D: Database> Store<D> {
    /// The key that hashes callers' addresses.
    pub(crate) async fn client_key(&self) -> Result<Option<Vec<u8>>, DatabaseError> {
        let rows = self.reader.query(CLIENT_KEY, Vec::new()).await?;
        rows.into_iter().next().map(|row| Cells::from(row).blob()).transpose()
    }
}

const CLIENT_KEY: &str = "SELECT value FROM secrets WHERE name = 'client_key'";
