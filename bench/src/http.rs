//! Measures how many requests the service answers per second and how soon, compared with the usual Python service.

mod servers;
mod load;
mod journal;
mod cold_start;

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;

use self::cold_start::ColdStart;
use self::journal::Tally;
use self::load::{Load, Turn};
use self::servers::{Running, ServerKind, Setup};
use crate::dataset::Dataset;
use crate::programs::{DataDir, empty_folder};
use crate::report::{Goal, Report, Table, Target};
use crate::request::{Request, Route};
use crate::rounds::{self, Contender, Series};

/// What is measured in addition to edge-host, if it is installed.
pub(crate) struct Peers<'a> {
    pub(crate) has_spin: bool,
    /// The Python of the environment in which the peer is installed.
    pub(crate) python: Option<&'a Path>,
    pub(crate) sqld: Option<&'a Path>,
}

/// One server at one route by so many connections.
type Key = (ServerKind, Route, u16);

struct Measurements {
    series: Vec<(Key, Series<Load>)>,
}

pub(crate) fn measure(
    dataset: &Dataset,
    (data, champion): (&Path, &Path),
    cache: &Path,
    peers: &Peers<'_>,
    rounds: usize,
    turn: Duration,
) -> Result<Report> {
    let folder = std::path::absolute(cache.join("http"))?;
    empty_folder(&folder)?;
    let setup = Setup {
        data: data.to_owned(),
        seeded: DataDir::fresh(folder.join("seeded"), data, champion)?,
        has_spin: peers.has_spin,
        python: peers.python.map(Path::to_owned),
        sqld: peers.sqld.map(Path::to_owned),
        folder,
    };
    let script = setup.folder.join("load.lua");
    fs::write(&script, load::SCRIPT)?;
    for route in Route::ALL {
        let lines: String = route.requests(&dataset.stones).iter().map(Request::to_line).collect();
        fs::write(setup.folder.join(format!("{route:?}.tsv")), lines)?;
    }
    let mut running: Vec<(ServerKind, Running)> = Vec::new();
    for kind in ServerKind::ALL.into_iter().filter(|kind| kind.is_available(&setup)) {
        eprintln!("starting {}", kind.name());
        running.push((kind, kind.start(&setup).with_context(|| kind.name())?));
    }
    let mut keys: Vec<Key> = Vec::new();
    for (kind, _) in &running {
        let (routes, connections) = kind.turns();
        let all = connections.iter().flat_map(|count| routes.iter().map(|route| (*route, *count)));
        keys.extend(all.map(|(route, count)| (*kind, route, count)));
    }
    // Those that are compared take their turns one after the other.
    keys.sort_by_key(|(_, route, connections)| (*connections, *route));
    let contenders = keys.iter().map(|&(kind, route, connections)| {
        let server = running.iter().find(|(other, _)| *other == kind);
        let (_, running) = server.context("a server was not started")?;
        let order = Turn {
            address: running.server.address(),
            script: &script,
            requests: setup.folder.join(format!("{route:?}.tsv")),
            connections,
            duration: turn,
        };
        let name = format!("{}, {}, {connections} connections", kind.name(), route.name());
        Ok(Contender::new(name, move |_| order.take()))
    });
    let series = rounds::run(contenders.collect::<Result<_>>()?, 1, rounds)?;
    let measurements = Measurements { series: keys.into_iter().zip(series).collect() };
    let (mut memory, mut journals) = (Vec::new(), Vec::new());
    for (kind, running) in running {
        let used = running.server.memory()?;
        memory.push(json!({
            "server": kind.name(),
            "processes": used.processes,
            "resident_bytes": used.resident_bytes,
            "peak_bytes": used.peak_bytes,
        }));
        let journal = running.journal.clone();
        eprintln!("stopping {}", kind.name());
        // A server writes its last rows before it stops.
        drop(running);
        if let Some(journal) = journal {
            journals.push(measurements.tally(kind).to_json(kind.name(), &journal)?);
        }
    }
    let cold = ColdStart::measure(&setup, dataset)?;
    let (answers, rows) = cold.answers_and_rows;
    journals.push(json!({
        "server": "edge-host, 16 callers that wait for every answer",
        "answers": answers,
        "cut_off_at_most": 0,
        "rows": rows,
        "adds_up": answers == rows,
    }));
    // The journals are hundreds of megabytes by now.
    fs::remove_dir_all(&setup.folder)?;
    let about = format!(
        "edge-host with the component, HTTP on this machine, load by wrk on the same machine; medians of {rounds} interleaved rounds of {} s a turn; ratios are of the \
         same round. Percentiles are wrk's, which count the requests that waited behind a slow answer. Every answer but those of \
         `/livez` is committed to the journal first. FastAPI is what a Python team would write: uvicorn with two workers, XGBoost, \
         SQLite with one row per request",
        turn.as_secs()
    );
    Ok(Report::new(
        about,
        [
            measurements.figures(),
            Table::of_goals("in the same rounds", measurements.goals(&cold)),
            Table::new(
                "memory",
                &[
                    ("server", "memory after the load"),
                    ("processes", "processes"),
                    ("resident_bytes", "resident bytes"),
                    ("peak_bytes", "peak bytes"),
                ],
                memory,
            ),
            cold.to_table(),
            Table::new(
                "journal",
                &[
                    ("server", "journal"),
                    ("answers", "answers that wrk counted"),
                    ("cut_off_at_most", "more at most, cut off at the end of a turn"),
                    ("rows", "rows"),
                    ("adds_up", "adds up"),
                ],
                journals,
            ),
        ],
    ))
}

impl Measurements {
    fn get(&self, kind: ServerKind, route: Route, connections: u16) -> Option<&Series<Load>> {
        let key = (kind, route, connections);
        self.series.iter().find(|(other, _)| *other == key).map(|(_, series)| series)
    }

    /// What the journal of a server must have, the warm-up included.
    fn tally(&self, kind: ServerKind) -> Tally {
        let mut tally = Tally::default();
        for ((server, route, connections), series) in &self.series {
            if *server == kind && route.is_journaled() {
                series
                    .warm_ups
                    .iter()
                    .chain(&series.turns)
                    .for_each(|load| tally.add(load, *connections));
            }
        }
        tally
    }

    fn figures(&self) -> Table {
        let rows = self.series.iter().map(|((kind, route, connections), series)| {
            let livez = self.get(*kind, Route::Live, *connections);
            let livez = livez.filter(|_| *route != Route::Live);
            let peer = self.get(ServerKind::FastApi, *route, *connections);
            let peer = peer.filter(|_| *kind != ServerKind::FastApi);
            let ratio = |other: &Series<Load>| series.ratio(other, Load::per_second);
            json!({
                "server": kind.name(),
                "route": route.name(),
                "connections": connections,
                "per_second": series.median(Load::per_second),
                "p50_ms": series.median(|load| load.p50_us) / 1e3,
                "p99_ms": series.median(|load| load.p99_us) / 1e3,
                "refusals": sum(series, |load| load.refusals),
                "failures": sum(series, |load| load.failures),
                "turns_without_answers": series.turns.iter().filter(|load| load.answers == 0).count(),
                "of_livez": livez.map(ratio),
                "times_fastapi": peer.map(ratio),
            })
        });
        let columns = [
            ("server", "server"),
            ("route", "route"),
            ("connections", "connections"),
            ("per_second", "answers per second"),
            ("p50_ms", "p50 ms"),
            ("p99_ms", "p99 ms"),
            ("refusals", "not 2xx"),
            ("failures", "failed"),
            ("turns_without_answers", "turns without answers"),
            ("of_livez", "of `/livez`"),
            ("times_fastapi", "times FastAPI"),
        ];
        Table::new("figures", &columns, rows)
    }

    fn goals(&self, cold: &ColdStart) -> Vec<Goal> {
        use Route::{Live, Predict, Similar};
        use ServerKind::{Delayed, EdgeHost, FastApi, Grouped, Single};
        let at_16 = |(kind, route)| self.get(kind, route, 16);
        let ratio = |name: &str, one, other, least| {
            let (one, other) = (at_16(one)?, at_16(other)?);
            let goal = Goal::new(name, one.ratio(other, Load::per_second), Target::AtLeast(least));
            Some(goal.only_if(is_complete(one) && is_complete(other)))
        };
        let (live, price) = ((EdgeHost, Live), (EdgeHost, Predict));
        let p99 = at_16(price).map(|series| {
            let ms = series.median(|load| load.p99_us) / 1e3;
            let goal = Goal::new("predict, p99 at 16 connections, ms", ms, Target::AtMost(10.0));
            goal.only_if(is_complete(series))
        });
        let goals = [
            ratio("predict, of `/livez` at 16 connections", price, live, 0.6),
            ratio("similar, of `/livez` at 16 connections", (EdgeHost, Similar), live, 0.5),
            ratio("predict, times FastAPI at 16 connections", price, (FastApi, Predict), 3.0),
            ratio("predict, without TCP_NODELAY / with it", (Delayed, Predict), price, 0.85),
            ratio("`/livez`, without TCP_NODELAY / with it", (Delayed, Live), live, 0.85),
            ratio(
                "predict over sqld, in groups / one row per request",
                (Grouped, Predict),
                (Single, Predict),
                4.0,
            ),
            p99,
            Some(Goal::new("cold start, ms", cold.instance_ms, Target::AtMost(10.0))),
            Some(Goal::new(
                "first price of a new server, ms",
                cold.server_ms,
                Target::AtMost(10.0),
            )),
        ];
        goals.into_iter().flatten().collect()
    }
}

fn sum(series: &Series<Load>, figure: impl Fn(&Load) -> u64) -> u64 {
    series.turns.iter().map(figure).sum()
}

/// Whether every request was answered, and well: a server that refuses is easily faster.
fn is_complete(series: &Series<Load>) -> bool {
    sum(series, |load| load.refusals + load.failures) == 0
        && series.turns.iter().all(|load| load.answers > 0)
}
