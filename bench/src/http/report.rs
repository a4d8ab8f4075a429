//! The figures as tables and as JSON.

use std::fmt::Write;

use anyhow::Result;
use serde_json::{Value, json};

use super::Http;
use super::contender::Contender;
use super::rounds::Series;
use super::route::Route;
use crate::sizes::reached;
use crate::target::Target;

/// A figure that is to reach something.
struct Goal {
    name: &'static str,
    value: f64,
    target: Target,
    /// Whether everybody in it answered every request, and well.
    is_sound: bool,
}

impl Goal {
    fn is_reached(&self) -> bool {
        self.is_sound && self.target.is_reached(self.value)
    }
}

impl Http {
    pub(crate) fn to_markdown(&self) -> Result<String> {
        let mut text = String::new();
        writeln!(
            text,
            "HTTP on this machine, load by wrk beside it; medians of {} interleaved rounds of {} s a turn; ratios are of the \
             same round; percentiles are wrk's, with what waited for a slow answer counted in; every answer but /livez's is committed to the journal first\n",
            self.pace.rounds,
            self.pace.turn.as_secs()
        )?;
        writeln!(
            text,
            "| server | route | connections | req/s | p50 ms | p99 ms | not 2xx | turns without answers | of /livez | times FastAPI |"
        )?;
        writeln!(text, "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")?;
        for series in &self.series {
            let optional =
                |ratio: Option<f64>| ratio.map_or(String::new(), |it| format!("{it:.2}"));
            writeln!(
                text,
                "| {} | {} | {} | {:.0} | {:.2} | {:.2} | {} | {} | {} | {} |",
                series.contender.name(),
                series.route.name(),
                series.connections,
                series.per_second(),
                series.p50_us() / 1e3,
                series.p99_us() / 1e3,
                series.refusals() + series.failures(),
                series.stalls(),
                optional(self.of_live(series)),
                optional(self.times_peer(series)),
            )?;
        }
        writeln!(text, "\n| in the same rounds | | target |\n|---|---:|---|")?;
        for Goal { name, value, target, is_sound } in self.goals() {
            let doubt = if is_sound { "" } else { ", MISSED: not every request was answered well" };
            writeln!(text, "| {name} | {value:.2} | {}{doubt} |", target.to_text(value))?;
        }
        writeln!(text, "\n| memory after the load | processes | resident MB | peak MB |")?;
        writeln!(text, "|---|---:|---:|---:|")?;
        for held in &self.held {
            let mb = |bytes: u64| bytes as f64 / 1e6;
            let memory = held.memory;
            writeln!(
                text,
                "| {} | {} | {:.0} | {:.0} |",
                held.contender.name(),
                memory.processes,
                mb(memory.resident_bytes),
                mb(memory.peak_bytes)
            )?;
        }
        let cold = &self.cold;
        writeln!(text, "\n| cold start | ms |\n|---|---:|")?;
        for (what, ms) in [
            ("first price of a server that has just started", cold.started_ms),
            ("first price of an instance", cold.first_ms),
            ("of that: the instance is made", cold.instance_ms),
            ("of that: the database is opened, the champion fetched and decoded", cold.model_ms),
            ("a later price", cold.later_ms),
        ] {
            writeln!(text, "| {what} | {ms:.2} |")?;
        }
        writeln!(
            text,
            "\n| journal | answers that wrk counted | more at most, cut off at a turn's end | rows | |"
        )?;
        writeln!(text, "|---|---:|---:|---:|---|")?;
        for held in &self.held {
            let Some(tally) = held.tally else { continue };
            let verdict = if tally.adds_up() { "adds up" } else { "DOES NOT ADD UP" };
            writeln!(
                text,
                "| {} | {} | {} | {} | {verdict} |",
                held.contender.name(),
                tally.answers,
                tally.unheard,
                tally.rows
            )?;
        }
        let (answers, rows) = cold.exact;
        writeln!(
            text,
            "\n16 callers that heard all of their {answers} answers: {rows} rows ({}).",
            reached(answers == rows)
        )?;
        Ok(text)
    }

    pub(crate) fn to_json(&self) -> Value {
        let figures = self.series.iter().map(|series| {
            json!({
                "server": series.contender.name(),
                "route": series.route.name(),
                "connections": series.connections,
                "per_second": series.per_second(),
                "p50_ms": series.p50_us() / 1e3,
                "p99_ms": series.p99_us() / 1e3,
                "refusals": series.refusals(),
                "failures": series.failures(),
                "turns_without_answers": series.stalls(),
                "of_livez": self.of_live(series),
                "times_fastapi": self.times_peer(series),
            })
        });
        let goals = self.goals().into_iter().map(|goal| {
            json!({
                "name": goal.name,
                "value": goal.value,
                "target": goal.target.bound(),
                "sound": goal.is_sound,
                "reached": goal.is_reached(),
            })
        });
        let memory = self.held.iter().map(|held| {
            json!({
                "server": held.contender.name(),
                "processes": held.memory.processes,
                "resident_bytes": held.memory.resident_bytes,
                "peak_bytes": held.memory.peak_bytes,
            })
        });
        let journals = self.held.iter().filter_map(|held| {
            let tally = held.tally?;
            Some(json!({
                "server": held.contender.name(),
                "answers": tally.answers,
                "unheard_at_most": tally.unheard,
                "rows": tally.rows,
                "adds_up": tally.adds_up(),
            }))
        });
        let cold = &self.cold;
        json!({
            "rounds": self.pace.rounds,
            "turn_seconds": self.pace.turn.as_secs(),
            "figures": figures.collect::<Vec<_>>(),
            "goals": goals.collect::<Vec<_>>(),
            "memory": memory.collect::<Vec<_>>(),
            "cold_start": {
                "server_ms": cold.started_ms,
                "instance_ms": cold.first_ms,
                "of_that_making_it_ms": cold.instance_ms,
                "of_that_database_and_model_ms": cold.model_ms,
                "later_ms": cold.later_ms,
            },
            "journal": journals.collect::<Vec<_>>(),
            "journal_to_the_row": { "answers": cold.exact.0, "rows": cold.exact.1 },
        })
    }

    /// What is to be reached, of what was measured.
    fn goals(&self) -> Vec<Goal> {
        let at_16 = |contender, route| self.series(contender, route, 16);
        let edge_host = |route| at_16(Contender::EdgeHost, route);
        let (live, price) = (edge_host(Route::Live), edge_host(Route::Predict));
        let peer = at_16(Contender::FastApi, Route::Predict);
        let delayed = |route| at_16(Contender::Delayed, route);
        let grouped = at_16(Contender::Grouped, Route::Predict);
        let single = at_16(Contender::Single, Route::Predict);
        let ratios = [
            ("predict, of /livez at 16 connections", price, live, 0.6),
            ("similar, of /livez at 16 connections", edge_host(Route::Similar), live, 0.5),
            ("predict, times FastAPI at 16 connections", price, peer, 3.0),
            ("predict, without TCP_NODELAY / with it", delayed(Route::Predict), price, 0.85),
            ("/livez, without TCP_NODELAY / with it", delayed(Route::Live), live, 0.85),
            ("predict over sqld, in groups / one row a request", grouped, single, 4.0),
        ];
        let ratios = ratios.into_iter().filter_map(|(name, one, other, least)| {
            let (one, other) = (one?, other?);
            Some(Goal {
                name,
                value: one.times(other),
                target: Target::AtLeast(least),
                is_sound: one.is_sound() && other.is_sound(),
            })
        });
        let times = [
            (
                "predict, p99 in ms at 16 connections",
                price.map(Series::p99_us).map(|us| us / 1e3),
                price.is_some_and(Series::is_sound),
            ),
            ("cold start in ms", Some(self.cold.first_ms), true),
            ("first price of a new server, in ms", Some(self.cold.started_ms), true),
        ];
        let times = times.into_iter().filter_map(|(name, ms, is_sound)| {
            Some(Goal { name, value: ms?, target: Target::AtMost(10.0), is_sound })
        });
        ratios.chain(times).collect()
    }

    /// Beside `/livez` of the same server, where it has been asked that.
    fn of_live(&self, series: &Series) -> Option<f64> {
        let live = self.series(series.contender, Route::Live, series.connections)?;
        (series.route != Route::Live).then(|| series.times(live))
    }

    /// Beside the Python service, where that has been asked the same.
    fn times_peer(&self, series: &Series) -> Option<f64> {
        let peer = self.series(Contender::FastApi, series.route, series.connections)?;
        (series.contender != Contender::FastApi).then(|| series.times(peer))
    }

    fn series(&self, contender: Contender, route: Route, connections: u16) -> Option<&Series> {
        self.series.iter().find(|series| {
            (series.contender, series.route, series.connections) == (contender, route, connections)
        })
    }
}
