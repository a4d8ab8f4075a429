//! `trainer watch`: what is delivered to a folder is taken in, checked and trained on, round after round.

mod round;

mod files;

mod training;

mod stop;

use std::time::Duration;

use anyhow::Result;

use self::round::Round;
use self::stop::Stop;
use super::{Context, Failure};
use crate::cli::WatchArgs;
use crate::inbox::{Inbox, InboxError, Readiness};
use crate::inspection::Limits;
use crate::lease::Holder;

/// What every round has.
struct Watch<'a> {
    context: &'a Context,
    args: &'a WatchArgs,
    inbox: Inbox,
    limits: Limits,
    holder: Holder,
    stop: Stop,
}

pub(super) async fn run(context: &Context, args: &WatchArgs) -> Result<()> {
    let inbox = Inbox::open(&args.folder).map_err(|error| match error {
        InboxError::Folder { .. } => Failure::Usage(error.to_string()),
        other => Failure::Failed(other.to_string()),
    })?;
    let limits = Limits {
        bad_rows: args.max_rejected,
        shift: args.max_shift,
        price_level: args.max_price_shift,
    };
    let holder = Holder::of_this_process();
    let watch = Watch { context, args, inbox, limits, holder, stop: Stop::listen()? };
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
        let outcome = round::run(self, &mut readiness, &mut round).await;
        if outcome.is_ok() || round.has_news() {
            self.context.print(&round.to_json(), || round.to_text())?;
        }
        outcome?;
        round.failure().map_or(Ok(()), Err)
    }

    /// Round after round, until somebody ends it. What fails is tried again in the next one.
    async fn on(&self) -> Result<()> {
        let mut readiness = Readiness::new(self.args.settle);
        let mut said_before = String::new();
        while !self.stop.is_asked() {
            let mut round = Round::default();
            if let Err(error) = round::run(self, &mut readiness, &mut round).await {
                round.error = Some(crate::sentence(&error));
            }
            // What was said is not said again every minute.
            let said = round.to_text();
            if self.context.json || round.has_news() || said != said_before {
                self.context.print_one(&round.to_json(), || said.clone())?;
            }
            said_before = said;
            // A file that is nearly whole is not let wait for the next minute.
            let soonest = round.waiting.iter().map(|file| file.remaining).min();
            let pause = soonest.unwrap_or(Duration::MAX).max(Duration::from_millis(100));
            self.stop.pause(pause.min(self.args.every)).await;
        }
        Ok(())
    }
}
