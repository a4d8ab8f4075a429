//! `trainer watch`: ingests, checks and trains on files delivered to a folder, round after round.

mod round;

mod files;

mod training;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};

use self::round::Round;
use super::stop::Stop;
use super::{Context, Failure};
use crate::cli::WatchArgs;
use data::dataset;
use data::stone::hex;
use monitoring::inbox::{Inbox, InboxError, Readiness};
use monitoring::inspection::Limits;
use registry::Registry;
use registry::database::Database;
use registry::lease::{self, Holder, LeaseRenewer, Taken};
use registry::store;

/// What every round has.
struct Watch<'a> {
    context: &'a Context,
    args: &'a WatchArgs,
    inbox: Inbox,
    limits: Limits,
    holder: Holder,
    stop: Arc<Stop>,
}

pub(super) async fn run(context: &Context, args: &WatchArgs) -> Result<()> {
    let inbox = Inbox::open(&args.folder).map_err(|error| match error {
        InboxError::Folder { .. } => Failure::Usage(error.to_string()).into(),
        other => anyhow!(other),
    })?;
    let limits = Limits {
        bad_rows: args.max_rejected,
        shift: args.max_shift,
        price_level: args.max_price_shift,
    };
    let holder = Holder::of_this_process();
    let first = |signal: &str| {
        // A closed output does not keep the program from ending.
        let _ = writeln!(
            std::io::stderr(),
            "ending after this step, because of {signal}; once more ends at once"
        );
    };
    let stop = Stop::listen(first, || std::process::exit(130))?;
    let watch = Watch { context, args, inbox, limits, holder, stop };
    if args.once { watch.once().await } else { watch.on().await }
}

impl Watch<'_> {
    /// One round, which waits once for files that may still be written to.
    async fn once(&self) -> Result<()> {
        let mut readiness = Readiness::new(self.args.settle);
        let (_, waiting) = readiness.sort(self.inbox.arrivals()?.0);
        if let Some(longest) = waiting.iter().map(|file| file.remaining).max() {
            self.stop.pause(longest).await;
        }
        let mut round = Round::default();
        let outcome = self.run_round(&mut readiness, &mut round).await;
        if outcome.is_ok() || round.has_news() {
            self.context.print(&round.to_json(), || round.to_text())?;
        }
        outcome?;
        round.failure().map_or(Ok(()), Err)
    }

    /// Round after round, until it is asked to end. What fails is tried again in the next one.
    async fn on(&self) -> Result<()> {
        let mut readiness = Readiness::new(self.args.settle);
        let mut said_before = String::new();
        while !self.stop.interruption.is_asked() {
            let mut round = Round::default();
            if let Err(error) = self.run_round(&mut readiness, &mut round).await {
                round.error = Some(crate::sentence(&error));
            }
            // What was said is not said again every minute.
            let said = round.to_text();
            if self.context.json || round.has_news() || said != said_before {
                self.context.print_one(&round.to_json(), &said)?;
            }
            said_before = said;
            // A file that is nearly whole is not let wait for the next minute.
            let soonest = round.waiting.iter().map(|file| file.remaining).min();
            let pause = soonest.unwrap_or(Duration::MAX).max(Duration::from_millis(100));
            self.stop.pause(pause.min(self.args.every)).await;
        }
        Ok(())
    }

    /// Does one round, unless another process does it. Where it fails, the round has what was done until then, and
    /// whatever was not is done by a later one.
    async fn run_round(&self, readiness: &mut Readiness, round: &mut Round) -> Result<()> {
        let database = Database::open_or_make(&self.context.place).await?;
        let connection = database.connect().await?;
        if let Taken::Held { by, until } = lease::take(&connection, &self.holder).await? {
            if self.args.once {
                bail!(
                    "{by} watches this database already, and has the lease until {until}; nothing was done"
                );
            }
            round.held_by = Some(by);
            return Ok(());
        }
        let renewer = LeaseRenewer::start(self.context.place.clone(), self.holder.clone())?;
        let outcome = self.work(readiness, round, &database, &renewer).await;
        drop(renewer);
        let given_back = async {
            lease::give_back(&database.connect().await?, &self.holder).await?;
            Ok(())
        };
        outcome.and(given_back.await)
    }

    async fn work(
        &self,
        readiness: &mut Readiness,
        round: &mut Round,
        database: &Database,
        renewer: &LeaseRenewer,
    ) -> Result<()> {
        let progress = Context::progress();
        round.began_at = Registry::new(database.connect().await?).now().await?;
        self.inbox.sweep();
        let (arrivals, ignored) = self.inbox.arrivals()?;
        let (ready, waiting) = readiness.sort(arrivals);
        (round.ignored, round.waiting) = (ignored, waiting);
        files::take_in(self, database, ready, &progress, round).await?;
        if self.stop.interruption.is_asked() || renewer.is_lost() {
            return Ok(());
        }
        let (rows, sha256) = store::summary(&database.connect().await?).await?;
        round.dataset = Some(dataset::summary(rows, &sha256));
        let training = training::run(self, database, (rows, &hex(&sha256)), &progress).await;
        progress.finish();
        let training = round.training.insert(training?);
        if let Some((name, text)) = training.report() {
            self.inbox.leave(&name, &text, &format!("{:#}\n", training.to_json()))?;
        }
        Ok(())
    }
}
