//! The stones of the data set.

use inference::similar;
use inference::{Clarity, Color, Cut};

use api::{Number, Stone};

use super::Store;
use crate::database::{Cells, Database, DatabaseError, Value};

impl<D: Database> Store<D> {
    /// The `n` stones of this cut, color and clarity whose carat is nearest, in the order of
    /// [`similar::order`]: at most `n` of each side by a range scan of an index, then merged.
    pub(crate) async fn similar(
        &self,
        (cut, color, clarity): (Cut, Color, Clarity),
        carat: f64,
        n: usize,
    ) -> Result<Vec<Stone>, DatabaseError> {
        let parameters = vec![
            Value::Text(cut.as_str().into()),
            Value::Text(color.as_str().into()),
            Value::Text(clarity.as_str().into()),
            Value::Real(carat),
            Value::Integer(i64::try_from(n).unwrap_or(i64::MAX)),
        ];
        let rows = self.reader.query(SIMILAR, parameters).await?;
        let kind = (cut.as_str(), color.as_str(), clarity.as_str());
        let stones =
            rows.into_iter().map(|row| stone(kind, row.into())).collect::<Result<Vec<_>, _>>()?;
        Ok(similar::nearest(carat, stones, n))
    }
}

const SIMILAR: &str = include_str!("similar.sql");

fn stone(
    (cut, color, clarity): (&'static str, &'static str, &'static str),
    mut row: Cells,
) -> Result<Stone, DatabaseError> {
    Ok(Stone {
        id: row.integer()?,
        carat: Number(row.number()?),
        cut,
        color,
        clarity,
        depth: Number(row.number()?),
        table: Number(row.number()?),
        price: Number(row.number()?),
        x: Number(row.number()?),
        y: Number(row.number()?),
        z: Number(row.number()?),
        carat_difference: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::plan;

    /// The plan of the query, where ANALYZE has left these statistics or, without any, has never run.
    async fn check(statistics: &[(&str, &str)]) {
        let connection = plan::empty_database().await;
        if !statistics.is_empty() {
            connection.execute_batch("ANALYZE").await.unwrap();
            for row in statistics {
                let sql = "INSERT INTO sqlite_stat1 VALUES ('diamonds', ?, ?)";
                connection.execute(sql, [row.0, row.1]).await.unwrap();
            }
            // Makes the planner read them.
            connection.execute_batch("ANALYZE sqlite_schema").await.unwrap();
        }
        let parameters = connection::params!["Ideal", "E", "VS1", 1.0, 5_i64];
        let steps = plan::steps(&connection, SIMILAR, parameters).await;
        for index in ["diamonds_by_kind_and_carat", "diamonds_by_kind_and_carat_down"] {
            let arm = format!(
                "SEARCH diamonds USING COVERING INDEX {index} (cut=? AND color=? AND clarity=? AND carat"
            );
            assert_eq!(steps.iter().filter(|step| step.starts_with(&arm)).count(), 1, "{steps:#?}");
        }
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
    }

    #[tokio::test]
    async fn similar_is_two_range_scans_and_sorts_nothing() {
        check(&[]).await;
        // What ANALYZE finds in the public table, and in ten million rows made of it.
        for [by_kind, by_content] in [
            ["53940 10788 1542 196 4 1", "53940 1 1"],
            ["10000000 2000000 285715 36232 212 1", "10000000 1 1"],
        ] {
            check(&[
                ("diamonds_by_kind_and_carat", by_kind),
                ("diamonds_by_kind_and_carat_down", by_kind),
                ("sqlite_autoindex_diamonds_1", by_content),
            ])
            .await;
        }
    }
}
