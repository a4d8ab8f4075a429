use super::*;
use registry::database::{Database, Place};

async fn journal() -> (tempfile::TempDir, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("a.db"));
    let database = Database::open_or_make(&place).await.unwrap();
    (folder, Journal::new(database.connect().await.unwrap()))
}

async fn plan(journal: &Journal, filter: &Filter) -> Vec<String> {
    let (walk, parameters) = filter.sql();
    let sql = format!("EXPLAIN QUERY PLAN SELECT * {walk} ORDER BY id DESC LIMIT 5");
    journal.connection.all(&sql, parameters, |row| row.get(3)).await.unwrap()
}

#[tokio::test]
async fn every_filter_walks_along_a_key_and_sorts_nothing() {
    let (_folder, journal) = journal().await;
    let by_key = "SEARCH requests USING INDEX sqlite_autoindex_requests_1 (id>? AND id<?)";
    let by_failures = "SEARCH requests USING INDEX requests_failed (id>? AND id<?)";
    for (status, expected) in [
        (None, by_key),
        (Some(StatusFilter::One(200)), by_key),
        (Some(StatusFilter::Class(3)), by_key),
        (Some(StatusFilter::One(404)), by_failures),
        (Some(StatusFilter::Class(5)), by_failures),
    ] {
        for route in [
            None,
            Some(RouteFilter::Nowhere),
            Some(RouteFilter::Pattern("/docs".into())),
            Some(RouteFilter::AnyOf(&["/docs", "/v1/models"])),
        ] {
            let filter = Filter { status, route, ..Filter::default() };
            assert_eq!(plan(&journal, &filter).await, [expected], "{filter:?}");
        }
    }
}
