//! A page of the journal: rows in key order that fit a filter, at a bounded price.

use api::journal::StatusFilter;

use super::row::{RequestRow, columns, request_row};
use super::{BEFORE_ALL, BEHIND_ALL};
use crate::database::{Cells, Database, DatabaseError, Value};
use crate::store::Store;

/// How many rows a page is looked for in at most.
const LOOKED_AT: usize = 20_000;

/// The same where their bodies are searched, up to 128 KiB a row.
const SEARCHED: usize = 2_000;

/// How many characters of a text, or bytes of anything else, a page shows of a body.
const SHOWN: usize = 2_048;

/// Which rows, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    /// How many rows a page has at most.
    pub(crate) limit: usize,
    pub(crate) order: Order,
    /// The last id of the page before.
    pub(crate) after: Option<String>,
    /// Rows behind this key.
    pub(crate) since: Option<String>,
    /// Rows before this key.
    pub(crate) until: Option<String>,
    pub(crate) status: Option<StatusFilter>,
    pub(crate) route: Option<RouteFilter>,
    pub(crate) method: Option<String>,
    /// A model's id, or the beginning of one.
    pub(crate) model: Option<String>,
    /// A text within the path, the query or a body.
    pub(crate) search: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Newest,
    Oldest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RouteFilter {
    Pattern(&'static str),
    /// Paths that led nowhere.
    None,
}

/// Rows, and where the next page begins: after this id. `None` where there is no more.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) rows: Vec<RequestRow>,
    pub(crate) next: Option<String>,
}

impl<D: Database> Store<D> {
    /// A page. It may come out short, even empty, where few rows fit: no more than 20,000 are looked at a page, and 2,000
    /// where bodies are searched. `next` leads on in any case.
    pub(crate) async fn page(&self, filter: &Filter) -> Result<Page, DatabaseError> {
        let (sql, parameters) = filter.page_sql();
        let rows = self.reader.query(&sql, parameters).await?;
        let rows = rows.into_iter().map(|row| request_row(row.into()));
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        let has_more = rows.len() > filter.limit;
        rows.truncate(filter.limit);
        let last = rows.last().map(|row| row.id.clone());
        let next = if has_more {
            last
        } else if filter.chooses() {
            // A row that was committed meanwhile must not lead back to before what is on this page.
            self.horizon(filter).await?.map(|horizon| filter.order.later(horizon, last))
        } else {
            None
        };
        Ok(Page { rows, next })
    }

    /// The last row that a page looked at, if there may be more behind it.
    async fn horizon(&self, filter: &Filter) -> Result<Option<String>, DatabaseError> {
        let (sql, parameters) = filter.horizon_sql();
        let rows = self.reader.query(&sql, parameters).await?;
        rows.into_iter().next().map(|row| Cells::from(row).text()).transpose()
    }
}

impl Order {
    fn sql(self) -> &'static str {
        match self {
            Order::Newest => "DESC",
            Order::Oldest => "ASC",
        }
    }

    /// Whichever comes later in this order.
    fn later(self, horizon: String, last: Option<String>) -> String {
        match (self, last) {
            (_, None) => horizon,
            (Order::Newest, Some(last)) => horizon.min(last),
            (Order::Oldest, Some(last)) => horizon.max(last),
        }
    }
}

impl Filter {
    /// Whether there are rows between the bounds that do not fit.
    fn chooses(&self) -> bool {
        let Filter { status, route, method, model, search, .. } = self;
        status.is_some()
            || route.is_some()
            || method.is_some()
            || model.is_some()
            || search.is_some()
    }

    fn looked_at(&self) -> usize {
        if self.search.is_some() { SEARCHED } else { LOOKED_AT }
    }

    /// The rows between the bounds, in order: by their key, or by that of the failed ones alone. The caller's `SELECT`
    /// stands before it and a `LIMIT` behind it.
    fn walk_sql(&self) -> String {
        let failed = self.status.is_some_and(StatusFilter::is_of_failures);
        // The planner would rather go by the primary key, which has the columns beside it, and pass over all that is well.
        let (index, failed) =
            if failed { ("INDEXED BY requests_failed", "status >= 400 AND") } else { ("", "") };
        format!(
            "FROM requests {index} WHERE {failed} id > ?1 AND id < ?2 ORDER BY id {}",
            self.order.sql()
        )
    }

    fn bounds(&self) -> [Value; 2] {
        let after = self.after.as_deref();
        let mut low = self.since.as_deref().unwrap_or(BEFORE_ALL);
        let mut high = self.until.as_deref().unwrap_or(BEHIND_ALL);
        match self.order {
            Order::Newest => high = high.min(after.unwrap_or(BEHIND_ALL)),
            Order::Oldest => low = low.max(after.unwrap_or(BEFORE_ALL)),
        }
        [low, high].map(|bound| Value::Text(bound.into()))
    }

    /// Walks over the narrow columns first and fetches bodies only of rows that fit. One row more than the page has, to
    /// see whether there is one.
    fn page_sql(&self) -> (String, Vec<Value>) {
        let count = |count: usize| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
        let mut parameters: Vec<Value> = self.bounds().into();
        parameters.extend([count(self.looked_at()), count(self.limit + 1)]);
        let mut conditions = vec!["TRUE".to_owned()];
        let mut choose = |condition: &str, value: Value| {
            parameters.push(value);
            conditions.push(condition.replace('?', &format!("?{}", parameters.len())));
        };
        match self.status {
            Some(StatusFilter::One(status)) => {
                choose("looked_at.status = ?", Value::Integer(status.into()));
            }
            Some(StatusFilter::Class(class)) => {
                choose("looked_at.status / 100 = ?", Value::Integer(class.into()));
            }
            None => {}
        }
        if let Some(route) = &self.route {
            let pattern = match route {
                RouteFilter::Pattern(pattern) => Value::Text((*pattern).into()),
                RouteFilter::None => Value::Null,
            };
            choose("looked_at.route IS ?", pattern);
        }
        if let Some(method) = &self.method {
            choose("looked_at.method = ?", Value::Text(method.clone()));
        }
        if let Some(model) = &self.model {
            choose("substr(looked_at.model_id, 1, length(?)) = ?", Value::Text(model.clone()));
        }
        if let Some(search) = &self.search {
            let within = ["path", "query", "request_body", "response_body"]
                .map(|column| format!("instr({column}, ?) > 0"));
            choose(&format!("({})", within.join(" OR ")), Value::Text(search.clone()));
        }
        let cut = |body: &str| format!("substr({body}, 1, {SHOWN})");
        let sql = format!(
            "SELECT {} FROM (SELECT id AS key, status, route, method, model_id {} LIMIT ?3) AS looked_at
            CROSS JOIN requests ON requests.id = looked_at.key WHERE {} LIMIT ?4",
            columns(&cut("request_body"), &cut("response_body")),
            self.walk_sql(),
            conditions.join(" AND ")
        );
        (sql, parameters)
    }

    fn horizon_sql(&self) -> (String, Vec<Value>) {
        let offset = i64::try_from(self.looked_at() - 1).unwrap_or(i64::MAX);
        let mut parameters: Vec<Value> = self.bounds().into();
        parameters.push(Value::Integer(offset));
        (format!("SELECT id {} LIMIT 1 OFFSET ?3", self.walk_sql()), parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::plan;

    async fn plan((sql, parameters): (String, Vec<Value>)) -> Vec<String> {
        plan::steps(&plan::empty_database().await, &sql, parameters).await
    }

    fn filter(order: Order, status: Option<StatusFilter>) -> Filter {
        Filter {
            limit: 50,
            order,
            after: Some("01".into()),
            since: Some("00".into()),
            until: None,
            status,
            route: Some(RouteFilter::Pattern("/v1/predict")),
            method: Some("GET".into()),
            model: Some("ab".into()),
            search: Some("Ideal".into()),
        }
    }

    #[tokio::test]
    async fn a_page_is_a_walk_along_a_key_and_sorts_nothing() {
        let by_key = "SEARCH requests USING INDEX sqlite_autoindex_requests_1 (id>? AND id<?)";
        let by_failures = "SEARCH requests USING INDEX requests_failed (id>? AND id<?)";
        let cases = [
            (None, by_key),
            (Some(StatusFilter::One(200)), by_key),
            (Some(StatusFilter::Class(2)), by_key),
            (Some(StatusFilter::One(404)), by_failures),
            (Some(StatusFilter::Class(5)), by_failures),
        ];
        for (status, walk) in cases {
            for order in [Order::Newest, Order::Oldest] {
                let filter = filter(order, status);
                let steps = plan(filter.page_sql()).await;
                assert_eq!(
                    steps,
                    [
                        "CO-ROUTINE looked_at",
                        walk,
                        "SCAN looked_at",
                        "SEARCH requests USING INDEX sqlite_autoindex_requests_1 (id=?)"
                    ],
                    "{filter:?}"
                );
                let steps = plan(filter.horizon_sql()).await;
                let covering = walk.replace("USING INDEX", "USING COVERING INDEX");
                assert!(steps == [walk] || steps == [covering], "{steps:?}");
            }
        }
    }
}
