//! Rounds in which everybody takes a turn: what disturbs the machine for a while disturbs all of them, and a ratio is of
//! turns of the same round.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use super::contender::{Contender, Running, Site};
use super::journal::Tally;
use super::load::{Load, Order, SCRIPT};
use super::route::Route;
use crate::rounds::{median, ratio};
use crate::server::Memory;
use crate::table::Table;

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) rounds: usize,
    pub(crate) turn: Duration,
}

/// What one contender did at one route by so many connections, a load a round.
pub(super) struct Series {
    pub(super) contender: Contender,
    pub(super) route: Route,
    pub(super) connections: u16,
    pub(super) loads: Vec<Load>,
}

/// A contender after the last round.
pub(super) struct Held {
    pub(super) contender: Contender,
    pub(super) memory: Memory,
    pub(super) tally: Option<Tally>,
}

/// Starts everybody that is here and takes all rounds.
pub(super) fn run(site: &Site, table: &Table, pace: Pace) -> Result<(Vec<Series>, Vec<Held>)> {
    let script = site.folder.join("load.lua");
    fs::write(&script, SCRIPT)?;
    let requests = |route: Route| site.folder.join(format!("{route:?}.tsv"));
    for route in Route::ALL {
        let lines = route.requests(&table.stones);
        let lines: String = lines.iter().map(super::Request::to_line).collect();
        fs::write(requests(route), lines)?;
    }
    let mut running: Vec<(Contender, Running, Tally)> = Vec::new();
    for contender in Contender::ALL.into_iter().filter(|contender| contender.is_here(site)) {
        eprintln!("starting {}", contender.name());
        let started = contender.start(site).with_context(|| contender.name())?;
        running.push((contender, started, Tally::default()));
    }
    let mut take = |contender: Contender, route, connections, duration| -> Result<Load> {
        let (_, started, tally) = running
            .iter_mut()
            .find(|(other, ..)| *other == contender)
            .context("who was not started has no turn")?;
        let load = Load::take(&Order {
            address: started.server.address(),
            script: &script,
            requests: &requests(route),
            connections,
            duration,
        })
        .with_context(|| format!("{}, {}", contender.name(), route.name()))?;
        tally.add(route, connections, &load);
        Ok(load)
    };

    let mut series = lineup(site);
    for Series { contender, route, connections, .. } in &series {
        // The first requests meet an empty house.
        take(*contender, *route, *connections, Duration::from_secs(1))?;
    }
    for round in 0..pace.rounds {
        eprintln!("round {} of {}, {} turns", round + 1, pace.rounds, series.len());
        let turns = series.len();
        for place in 0..turns {
            // Neighbours stay neighbours, for their ratios; who begins changes.
            let Series { contender, route, connections, loads } =
                &mut series[(place + round * 7) % turns];
            loads.push(take(*contender, *route, *connections, pace.turn)?);
        }
    }

    let mut held = Vec::new();
    for (contender, started, mut tally) in running {
        let memory = started.server.memory()?;
        let journal = started.journal.clone();
        eprintln!("stopping {}", contender.name());
        // What a server is still writing, it has written once it has stopped.
        drop(started);
        let tally = journal.map(|journal| tally.close(&journal).map(|()| tally)).transpose()?;
        held.push(Held { contender, memory, tally });
    }
    Ok((series, held))
}

/// All turns of a round: by connections, then by route, so that what is compared comes one after the other.
fn lineup(site: &Site) -> Vec<Series> {
    let mut series: Vec<Series> = Contender::ALL
        .into_iter()
        .filter(|contender| contender.is_here(site))
        .flat_map(|contender| contender.turns().into_iter().map(move |turn| (contender, turn)))
        .map(|(contender, (route, connections))| Series {
            contender,
            route,
            connections,
            loads: Vec::new(),
        })
        .collect();
    series.sort_by_key(|series| {
        (series.connections, Route::ALL.iter().position(|route| *route == series.route))
    });
    series
}

impl Series {
    pub(super) fn per_second(&self) -> f64 {
        median(self.rates())
    }

    pub(super) fn p50_us(&self) -> f64 {
        median(self.loads.iter().map(|load| load.p50_us))
    }

    pub(super) fn p99_us(&self) -> f64 {
        median(self.loads.iter().map(|load| load.p99_us))
    }

    pub(super) fn refusals(&self) -> u64 {
        self.loads.iter().map(|load| load.refusals).sum()
    }

    pub(super) fn failures(&self) -> u64 {
        self.loads.iter().map(|load| load.failures).sum()
    }

    /// Turns in which nobody was answered at all.
    pub(super) fn stalls(&self) -> usize {
        self.loads.iter().filter(|load| load.answers == 0).count()
    }

    /// Whether every request was answered, and well: who answers nothing is easily beaten.
    pub(super) fn is_sound(&self) -> bool {
        self.refusals() == 0 && self.failures() == 0 && self.stalls() == 0
    }

    /// How many times as many requests a second as another answers, in the same rounds.
    pub(super) fn times(&self, other: &Series) -> f64 {
        ratio(&self.rates(), &other.rates())
    }

    fn rates(&self) -> Vec<f64> {
        self.loads.iter().map(Load::per_second).collect()
    }
}
