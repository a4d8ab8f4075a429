//! A transaction: all of its statements are kept, or none.

use std::ops::Deref;

use crate::connection::{Connection, Kind};
use crate::error::Error;

/// A transaction; one that is dropped is rolled back. Its statements are those of the connection that it derefs to.
pub struct Transaction {
    connection: Connection,
    /// A file's own; a server's is the state of its stream.
    file: Option<libsql::Transaction>,
}

impl Transaction {
    pub(crate) async fn begin(connection: &Connection) -> Result<Transaction, Error> {
        let immediate = libsql::TransactionBehavior::Immediate;
        let file = match &connection.0 {
            Kind::File(file) => Some(file.transaction_with_behavior(immediate).await?),
            Kind::Server(stream) => {
                stream.begin()?;
                None
            }
        };
        Ok(Transaction { connection: connection.clone(), file })
    }

    /// Keeps what was written.
    ///
    /// # Errors
    ///
    /// The database's own; nothing is kept then.
    pub async fn commit(mut self) -> Result<(), Error> {
        if let Some(file) = self.file.take() {
            file.commit().await?;
        }
        if let Kind::Server(stream) = &self.connection.0 {
            stream.commit()?;
        }
        Ok(())
    }

    /// Keeps nothing.
    ///
    /// # Errors
    ///
    /// The database's own; nothing is kept then either.
    pub async fn rollback(mut self) -> Result<(), Error> {
        match self.file.take() {
            Some(file) => Ok(file.rollback().await?),
            None => Ok(()),
        }
    }
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Kind::Server(stream) = &self.connection.0 {
            stream.roll_back();
        }
    }
}
