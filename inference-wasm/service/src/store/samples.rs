//! The stones of the data set.

use std::fmt::Display;
use std::str::FromStr;

use inference::similar;
use inference::{Clarity, Color, Cut, PriceList};

use api::{Listing, Number, Stone};

use super::Store;
use crate::database::{Cells, Database, DatabaseError, Value};

impl<D: Database> Store<D> {
    /// The `n` stones of this cut, color and clarity whose carat is nearest, in the order of
    /// [`similar::order`]: at most `n` of each side by a range scan of an index, then merged. Each has its other listings.
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
        let mut stones = similar::nearest(carat, stones, n);
        self.list_others(&mut stones).await?;
        Ok(stones)
    }

    /// Adds to each stone its other listings, by id.
    async fn list_others(&self, stones: &mut [Stone]) -> Result<(), DatabaseError> {
        if stones.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = stones.iter().map(|stone| stone.id).collect();
        let parameters = vec![Value::Text(format!("{ids:?}"))];
        for row in self.reader.query(ALSO_LISTED, parameters).await? {
            let mut row = Cells::from(row);
            let id = row.integer()?;
            if let Some(stone) = stones.iter_mut().find(|stone| stone.id == id) {
                stone.also_listed.push(listing(row)?);
            }
        }
        Ok(())
    }
}

const SIMILAR: &str = include_str!("similar.sql");

const ALSO_LISTED: &str = include_str!("also_listed.sql");

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
        price_list: price_list(&mut row)?,
        also_listed: Vec::new(),
    })
}

fn listing(mut row: Cells) -> Result<Listing, DatabaseError> {
    Ok(Listing {
        id: row.integer()?,
        price_list: price_list(&mut row)?,
        cut: parsed::<Cut>(&row.text()?)?.as_str(),
        price: Number(row.number()?),
    })
}

fn price_list(row: &mut Cells) -> Result<Option<PriceList>, DatabaseError> {
    row.optional_text()?.as_deref().map(parsed).transpose()
}

fn parsed<T: FromStr>(text: &str) -> Result<T, DatabaseError>
where
    T::Err: Display,
{
    text.parse().map_err(|error| DatabaseError(format!("{text:?}: {error}")))
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
    async fn other_listings_are_found_by_the_index_of_the_rows_hash() {
        let connection = plan::empty_database().await;
        let steps = plan::steps(&connection, ALSO_LISTED, ["[1]"]).await;
        let searched = |table: &str| format!("SEARCH {table} USING ");
        let expected = ["SCAN asked", &searched("stone"), &searched("listing")];
        for (step, expected) in steps.iter().zip(expected) {
            assert!(step.starts_with(expected), "{steps:#?}");
        }
        assert!(steps[2].contains("(row_hash>? AND row_hash<?)"), "{steps:#?}");
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
