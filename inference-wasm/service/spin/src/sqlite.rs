//! Spin's SQLite storage as the service's database.

use std::cell::RefCell;
use std::rc::Rc;

use service::{Database, DatabaseError, Row, Value};
use spin_sdk::sqlite::{Connection, Error, Value as SpinValue};
use spin_sdk::wasip3::wit_bindgen::StreamResult;

/// How many rows are asked for at a time; more than most answers have.
const ROWS_AT_ONCE: usize = 128;

/// One connection of this instance, opened when it is first needed.
#[derive(Default)]
pub(crate) struct SpinSqlite {
    connection: RefCell<Option<Rc<Connection>>>,
}

impl SpinSqlite {
    async fn connection(&self) -> Result<Rc<Connection>, DatabaseError> {
        if let Some(connection) = self.connection.borrow().as_ref() {
            return Ok(Rc::clone(connection));
        }
        let opened = Rc::new(Connection::open_default().await.map_err(|error| refused(&error))?);
        // Another request may have opened one meanwhile; the first is kept.
        Ok(Rc::clone(self.connection.borrow_mut().get_or_insert(opened)))
    }
}

impl Database for SpinSqlite {
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        let connection = self.connection().await?;
        let parameters: Vec<SpinValue> = parameters.into_iter().map(to_spin).collect();
        let result = connection.execute(sql, parameters).await.map_err(|error| refused(&error))?;
        let (columns, mut stream, end) = result.into_inner();
        let mut rows = Vec::new();
        // A statement without columns has no rows, and asking for them would cost as much as the statement.
        let mut is_over = columns.is_empty();
        while !is_over {
            rows.reserve(ROWS_AT_ONCE);
            let (state, read) = stream.read(rows).await;
            rows = read;
            is_over = !matches!(state, StreamResult::Complete(_));
        }
        drop(stream);
        // A failure comes last, an INSERT's too.
        end.await.map_err(|error| refused(&error))?;
        Ok(rows.into_iter().map(|row| row.values.into_iter().map(from_spin).collect()).collect())
    }

    fn reopen(&self) {
        self.connection.replace(None);
    }
}

fn to_spin(value: Value) -> SpinValue {
    match value {
        Value::Null => SpinValue::Null,
        Value::Integer(integer) => SpinValue::Integer(integer),
        Value::Real(real) => SpinValue::Real(real),
        Value::Text(text) => SpinValue::Text(text),
        Value::Blob(bytes) => SpinValue::Blob(bytes),
    }
}

fn from_spin(value: SpinValue) -> Value {
    match value {
        SpinValue::Null => Value::Null,
        SpinValue::Integer(integer) => Value::Integer(integer),
        SpinValue::Real(real) => Value::Real(real),
        SpinValue::Text(text) => Value::Text(text),
        SpinValue::Blob(bytes) => Value::Blob(bytes),
    }
}

fn refused(error: &Error) -> DatabaseError {
    DatabaseError(match error {
        Error::NoSuchDatabase => {
            "there is no database named default; spin.toml must list it".into()
        }
        Error::AccessDenied => "spin.toml does not give this component the database default".into(),
        Error::InvalidConnection => "the connection is not valid any more".into(),
        Error::DatabaseFull => "the database is full".into(),
        Error::Io(words) => words.clone(),
    })
}
