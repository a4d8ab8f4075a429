//! The `leases` table: makes sure that only one process does a job at a time. The only SQL that knows it.

mod holder;

mod renewer;

use connection::Connection;

pub use self::holder::Holder;
pub use self::renewer::LeaseRenewer;

/// The name of the one lease, which the watchers of a database share.
const WATCH: &str = "watch";

/// A holder that says nothing for so long has lost the lease, in SQLite's words and in seconds.
const EXPIRY: &str = "+60 seconds";

/// Whether a lease was had.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is ours.
    Ours,
    /// Somebody else has it.
    Held {
        /// Who holds it.
        by: String,
        /// When it expires.
        until: String,
    },
}

/// Takes the lease if it is free or its holder is gone.
///
/// # Errors
///
/// The database's own.
pub async fn take(connection: &Connection, holder: &Holder) -> Result<Taken, connection::Error> {
    if insert(connection, holder).await? {
        return Ok(Taken::Ours);
    }
    let held = find(connection).await?;
    if let Some((by, _)) = &held
        && holder.knows_to_be_gone(by)
    {
        // Of several processes that see this, one changes the row.
        delete(connection, by).await?;
    }
    // It may be free now, also because it was given back after the first attempt.
    if insert(connection, holder).await? {
        return Ok(Taken::Ours);
    }
    let (by, until) = held.unwrap_or_else(|| (String::from("another"), String::new()));
    Ok(Taken::Held { by, until })
}

/// Makes the lease last longer, where it is still ours.
async fn renew(connection: &Connection, holder: &Holder) -> Result<bool, connection::Error> {
    let sql = format!(
        "UPDATE leases SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{EXPIRY}') WHERE name = ? AND holder = ?"
    );
    Ok(connection.execute(&sql, [WATCH, holder.as_str()]).await? > 0)
}

/// Whether the lease is ours; asked inside a transaction, the answer holds until it ends.
///
/// # Errors
///
/// The database's own.
pub async fn is_ours(connection: &Connection, holder: &Holder) -> Result<bool, connection::Error> {
    Ok(find(connection).await?.is_some_and(|(by, _)| by == holder.as_str()))
}

/// Gives the lease back.
///
/// # Errors
///
/// The database's own.
pub async fn give_back(connection: &Connection, holder: &Holder) -> Result<(), connection::Error> {
    delete(connection, holder.as_str()).await
}

async fn insert(connection: &Connection, holder: &Holder) -> Result<bool, connection::Error> {
    let sql = format!(
        "INSERT INTO leases (name, holder, expires_at) VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{EXPIRY}')) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
         WHERE leases.holder = excluded.holder OR leases.expires_at <= strftime('%Y-%m-%dT%H:%M:%fZ')"
    );
    Ok(connection.execute(&sql, [WATCH, holder.as_str()]).await? > 0)
}

async fn delete(connection: &Connection, holder: &str) -> Result<(), connection::Error> {
    let sql = "DELETE FROM leases WHERE name = ? AND holder = ?";
    connection.execute(sql, [WATCH, holder]).await?;
    Ok(())
}

async fn find(connection: &Connection) -> Result<Option<(String, String)>, connection::Error> {
    let sql = "SELECT holder, expires_at FROM leases WHERE name = ?";
    connection.first(sql, [WATCH], |row| Ok((row.get(0)?, row.get(1)?))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;

    #[tokio::test]
    async fn a_lease_is_one_holders_until_it_is_given_back_or_expires() {
        let database = Database::scratch().await.unwrap();
        let connection = database.connect().await.unwrap();
        let [one, other] = ["one", "other"].map(|name| Holder::named(name.into()));
        let take = async |holder| take(&connection, holder).await.unwrap();
        assert_eq!(take(&one).await, Taken::Ours);
        assert_eq!(take(&one).await, Taken::Ours);
        assert!(matches!(take(&other).await, Taken::Held { by, .. } if by == "one"));
        assert!(renew(&connection, &one).await.unwrap());
        assert!(!renew(&connection, &other).await.unwrap());
        give_back(&connection, &other).await.unwrap();
        assert!(is_ours(&connection, &one).await.unwrap());

        let long_ago = "UPDATE leases SET expires_at = '2020-01-01T00:00:00.000Z'";
        connection.execute(long_ago, ()).await.unwrap();
        assert_eq!(take(&other).await, Taken::Ours);
        assert!(!is_ours(&connection, &one).await.unwrap());
        give_back(&connection, &other).await.unwrap();
        assert_eq!(take(&one).await, Taken::Ours);
    }

    #[tokio::test]
    async fn a_holder_that_ended_on_this_machine_is_not_waited_for() {
        let database = Database::scratch().await.unwrap();
        let connection = database.connect().await.unwrap();
        let ended = Holder::gone();
        assert_eq!(take(&connection, &ended).await.unwrap(), Taken::Ours);
        let this = Holder::of_this_process();
        let taken = take(&connection, &this).await.unwrap();
        assert_eq!(taken, Taken::Ours, "{ended:?} {this:?}");
        assert!(!this.knows_to_be_gone(this.as_str()));
    }
}
