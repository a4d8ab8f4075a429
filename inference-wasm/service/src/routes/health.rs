//! `/livez` and `/readyz`: whether the service runs, and whether it should be sent requests.

use http::StatusCode;
use serde::Serialize;

use super::Answer;
use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::workshop::Workshop;

#[derive(Serialize)]
struct Live<'a> {
    status: &'static str,
    request_id: &'a str,
}

#[derive(Serialize)]
struct Ready<'a> {
    status: &'static str,
    /// The model that answers.
    model: Option<String>,
    database: &'static str,
    /// Where this instance's last records went; `None` where it has none yet.
    journal: Option<&'static str>,
    /// What keeps the registry's champion from answering.
    trouble: Option<String>,
    request_id: &'a str,
}

pub(super) fn live(id: &str) -> Result<Answer, Problem> {
    Ok(fresh(Answer::json(&Live { status: "alive", request_id: id })))
}

/// Ready means that a model answers and the database can be asked. While records go to standard error the answers are
/// good, so that is told and is no reason to send requests elsewhere.
pub(super) async fn ready<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    id: &str,
) -> Result<Answer, Problem> {
    let model = workshop.champion().await.ok().map(|served| served.id.clone());
    workshop.store.look_afresh();
    let database = workshop.store.champion_id().await.is_ok();
    let ready = model.is_some() && database;
    let answer = Answer::json(&Ready {
        status: if ready { "ready" } else { "not ready" },
        model,
        database: if database { "ok" } else { "cannot be read" },
        journal: workshop
            .store
            .commits()
            .map(|goes_on| if goes_on { "ok" } else { "standard error" }),
        trouble: workshop.champion.trouble(),
        request_id: id,
    });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(Answer { status, ..fresh(answer) })
}

fn fresh(answer: Answer) -> Answer {
    Answer { cache: Some("no-store"), ..answer }
}
