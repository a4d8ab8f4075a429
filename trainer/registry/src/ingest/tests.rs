//! Tests that few rows and many rows give the same table.

use super::*;
use crate::database::Database;
use data::dataset::Dataset;
use data::delivery::Delivery;
use data::list_rule::ListRule;
use data::stone::Stone;

/// All rows of a table that ids do not decide.
async fn contents(connection: &Connection) -> Vec<String> {
    let sql = "SELECT hex(row_hash) || copy || ' ' || carat || cut || color || clarity || ' ' || depth || ' ' || \"table\" || ' ' || price || ' ' || x || ' ' || y || ' ' || z || ' ' || coalesce(price_list, '') FROM diamonds ORDER BY row_hash, copy";
    connection.all(sql, (), |row| row.get(0)).await.unwrap()
}

async fn indexes(connection: &Connection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_schema WHERE tbl_name = 'diamonds' AND sql IS NOT NULL ORDER BY name";
    connection.all(sql, (), |row| row.get(0)).await.unwrap()
}

/// Rows in runs of so many.
fn sorted(stored: &[StoredRow], rows_per_run: usize) -> Sorted {
    let mut runs = ExternalSort::of(rows_per_run);
    for row in stored {
        runs.push(*row).unwrap();
    }
    runs.finish().unwrap()
}

#[tokio::test]
async fn sorted_and_unsorted_ingest_give_the_same_table() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/diamonds.csv");
    let delivery = Delivery::read(&file).unwrap();
    // A third of the rows is in no list; equal rows are alike.
    let listed = |(_, stone): &(u64, Stone)| {
        let is_plain = stone.identity.0[31].is_multiple_of(3);
        let rule = if is_plain { ListRule::AsStated } else { ListRule::Orientation };
        StoredRow::of(&rule.apply(stone.clone()))
    };
    let stored: Vec<StoredRow> = delivery.stones.iter().take(5000).map(listed).collect();
    // Every tenth row three times, and some of the rows before the others.
    let twice = stored.iter().step_by(10).copied();
    let all: Vec<StoredRow> = stored.iter().copied().chain(twice.clone()).chain(twice).collect();
    let mut tables = Vec::new();
    for is_sorted in [false, true] {
        let database = Database::scratch().await.unwrap();
        let connection = database.connect().await.unwrap();
        let before = indexes(&connection).await;
        let transaction = connection.transaction().await.unwrap();
        let batch = store::record(&transaction, &file, "", None).await.unwrap();
        assert_eq!(add_few(&transaction, batch, all[..1000].to_vec()).await.unwrap(), 1000);
        let added = if is_sorted {
            let Sorted::Many(rows) = sorted(&all, 700) else { panic!("runs of 700") };
            add_many(&transaction, batch, rows, all.len() as u64).await.unwrap()
        } else {
            let Sorted::Few(rows) = sorted(&all, 1 << 20) else { panic!("one run") };
            add_few(&transaction, batch, rows).await.unwrap()
        };
        assert_eq!(added, 5000);
        transaction.commit().await.unwrap();
        assert_eq!(indexes(&connection).await, before);
        let (rows, sha256) = store::summary(&connection).await.unwrap();
        let dataset = store::load(&connection, String::new()).await.unwrap();
        assert_eq!((rows, sha256), (6000, Dataset::sha256(&dataset)));
        tables.push(contents(&connection).await);
    }
    assert_eq!(tables[0], tables[1]);
}

#[test]
fn a_row_is_the_same_after_a_temporary_file() {
    for (line, stone) in Dataset::diamonds(500).rows() {
        let name = ["", "A", "a name of 24 letters ..."][usize::try_from(line % 3).unwrap()];
        let mut row = StoredRow::of(stone);
        row.price_list = name.parse().ok();
        assert_eq!(StoredRow::from_bytes(&row.to_bytes()), row);
    }
}
