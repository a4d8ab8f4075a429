//! The rows of a statement, one after the other.

use std::sync::Arc;

use crate::connection::from_libsql;
use crate::error::Error;
use crate::row::Row;
use crate::server::Cursor;

/// The rows of a statement, read as they are asked for.
pub struct Rows {
    names: Arc<[String]>,
    kind: Kind,
}

enum Kind {
    File(libsql::Rows),
    Server(Box<Cursor>),
}

impl Rows {
    pub(crate) fn of_file(rows: libsql::Rows) -> Rows {
        let name = |at| rows.column_name(at).unwrap_or_default().to_owned();
        let names = (0..rows.column_count()).map(name).collect();
        Rows { names, kind: Kind::File(rows) }
    }

    pub(crate) fn of_server(cursor: Cursor) -> Rows {
        Rows { names: cursor.names().into(), kind: Kind::Server(Box::new(cursor)) }
    }

    /// The next row; `None` behind the last.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn next(&mut self) -> Result<Option<Row>, Error> {
        let values = match &mut self.kind {
            Kind::File(rows) => match rows.next().await? {
                Some(row) => {
                    let value = |at| row.get_value(at).map(from_libsql);
                    Some((0..row.column_count()).map(value).collect::<Result<_, _>>()?)
                }
                None => None,
            },
            Kind::Server(cursor) => cursor.next_row()?,
        };
        Ok(values.map(|values| Row { names: Arc::clone(&self.names), values }))
    }
}
