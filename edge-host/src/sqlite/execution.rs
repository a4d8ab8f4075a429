//! A statement that was started: its columns, its rows and how it ends.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::lost;
use crate::bindings::sqlite::{Error, RowResult};

/// A statement that was started, and may be over.
pub(crate) struct Execution {
    /// The names of the columns; empty for a statement that returns no rows.
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Rows,
    pub(crate) end: End,
}

/// The rows of a statement: those that are there, then those to come.
pub(crate) struct Rows {
    there: VecDeque<RowResult>,
    /// The channel is as short as Spin's: a guest that does not read holds the statement up.
    to_come: Option<mpsc::Receiver<RowResult>>,
}

/// How a statement ends.
pub(crate) enum End {
    /// It is over.
    Known(Result<(), Error>),
    /// It runs yet.
    ToCome(JoinHandle<Result<(), Error>>),
}

impl Rows {
    /// The rows of a statement that is over.
    pub(super) fn there(rows: Vec<RowResult>) -> Self {
        Self { there: rows.into(), to_come: None }
    }

    /// The rows of a statement that runs yet.
    pub(super) fn to_come(rows: mpsc::Receiver<RowResult>) -> Self {
        Self { there: VecDeque::new(), to_come: Some(rows) }
    }

    /// Up to `wanted` rows as soon as there is one; none at the end.
    pub(super) fn poll_some(
        &mut self,
        context: &mut Context<'_>,
        wanted: usize,
    ) -> Poll<Vec<RowResult>> {
        let count = wanted.min(self.there.len());
        let mut rows: Vec<_> = self.there.drain(..count).collect();
        match &mut self.to_come {
            Some(to_come) if rows.is_empty() => {
                match to_come.poll_recv_many(context, &mut rows, wanted) {
                    Poll::Ready(0) => {
                        self.to_come = None;
                        Poll::Ready(rows)
                    }
                    Poll::Ready(_) => Poll::Ready(rows),
                    Poll::Pending => Poll::Pending,
                }
            }
            _ => Poll::Ready(rows),
        }
    }

    /// Whether it is known that there are no more.
    pub(super) fn is_over(&self) -> bool {
        self.there.is_empty() && self.to_come.is_none()
    }

    /// The next row.
    pub(super) async fn next(&mut self) -> Option<RowResult> {
        poll_fn(|context| self.poll_some(context, 1)).await.pop()
    }
}

impl End {
    /// How the statement ended, once it did.
    pub(super) async fn outcome(self) -> Result<(), Error> {
        match self {
            Self::Known(outcome) => outcome,
            Self::ToCome(work) => work.await.unwrap_or_else(|_| Err(lost())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::sqlite::Value;

    fn row(number: i64) -> RowResult {
        RowResult { values: vec![Value::Integer(number)] }
    }

    /// Reads in pieces of `wanted`; the numbers of each piece.
    async fn pieces(mut rows: Rows, wanted: usize) -> Vec<Vec<i64>> {
        let mut pieces = Vec::new();
        loop {
            let piece = poll_fn(|context| rows.poll_some(context, wanted)).await;
            let number = |row: RowResult| match row.values[0] {
                Value::Integer(number) => number,
                _ => panic!("a number was sent"),
            };
            let piece: Vec<i64> = piece.into_iter().map(number).collect();
            if piece.is_empty() {
                assert!(rows.is_over());
                return pieces;
            }
            pieces.push(piece);
        }
    }

    #[tokio::test]
    async fn rows_come_in_order_and_in_pieces_of_what_was_asked_for() {
        let there = Rows::there((1..=5).map(row).collect());
        assert_eq!(pieces(there, 2).await, [vec![1, 2], vec![3, 4], vec![5]]);

        let (sender, receiver) = mpsc::channel(4);
        for number in 1..=3 {
            sender.send(row(number)).await.unwrap();
        }
        drop(sender);
        assert_eq!(pieces(Rows::to_come(receiver), 2).await, [vec![1, 2], vec![3]]);
        assert_eq!(pieces(Rows::there(Vec::new()), 2).await, [[0; 0]; 0]);
    }
}
