//! Runs commands as named, timed steps; a failure says which step failed and what to do.

use std::collections::BTreeMap;
use std::io;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::repo;

/// The steps taken so far. Messages go to standard error; what commands print goes there too, unless
/// [`Steps::show_output`] was asked for.
pub(crate) struct Steps {
    began: Instant,
    taken: Vec<(String, Duration)>,
    output_shown: bool,
    plan: &'static [Planned],
    last: LastTimes,
}

/// A step that is to come, and how many seconds it takes on two cores where nothing was done yet.
pub(crate) type Planned = (&'static str, f64);

/// How many seconds each planned step took when it was last taken here, kept in the target folder.
#[derive(Default)]
struct LastTimes(BTreeMap<String, f64>);

impl Steps {
    /// Starts the clock.
    pub(crate) fn begin() -> Self {
        let (taken, plan, last) = (Vec::new(), [].as_slice(), LastTimes::default());
        Self { began: Instant::now(), taken, output_shown: false, plan, last }
    }

    /// Says of each step from now on which one of these it is, and how long it will take.
    pub(crate) fn follow(&mut self, plan: &'static [Planned]) {
        self.plan = plan;
        self.last = LastTimes::read();
    }

    /// Lets commands write to standard output, for verbs whose output is the commands' output.
    pub(crate) fn show_output(&mut self) {
        self.output_shown = true;
    }

    /// Runs a command as a step; `remedy` says what to do should it fail.
    pub(crate) fn run(&mut self, name: &str, command: &mut Command, remedy: &str) -> Result<()> {
        self.take(name, |steps| steps.succeed(name, command, remedy))
    }

    /// Runs a command that depends on a network: three attempts, a little apart.
    pub(crate) fn run_online(
        &mut self,
        name: &str,
        command: &mut Command,
        remedy: &str,
    ) -> Result<()> {
        self.take(name, |steps| steps.succeed_online(name, command, remedy))
    }

    /// Runs a command as a step while others are taken. Where both fail, the others' failure is the one that is returned.
    pub(crate) fn beside(
        &mut self,
        name: &str,
        mut command: Command,
        remedy: &str,
        others: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        eprintln!("== {}", self.heading(name));
        let began = Instant::now();
        let is_output_shown = self.output_shown;
        thread::scope(|scope| {
            let running = scope.spawn(|| {
                succeed(name, &mut command, remedy, is_output_shown).map(|()| began.elapsed())
            });
            let others = others(self);
            let took = running.join().map_err(|_| anyhow!("step `{name}` panicked"))?;
            others?;
            self.end(name, took?);
            Ok(())
        })
    }

    /// Times a step made of anything.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        action: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        eprintln!("== {}", self.heading(name));
        let began = Instant::now();
        let outcome = action(self)?;
        self.end(name, began.elapsed());
        Ok(outcome)
    }

    fn end(&mut self, name: &str, took: Duration) {
        eprintln!("== {name}: done in {:.1} s", took.as_secs_f64());
        self.taken.push((name.to_owned(), took));
        if self.plan.iter().any(|(planned, _)| *planned == name) {
            self.last.keep(name, took);
        }
    }

    /// The name of a step; of a planned one also its number, the time so far and the time to expect.
    fn heading(&self, name: &str) -> String {
        let Some(at) = self.plan.iter().position(|(planned, _)| *planned == name) else {
            return name.to_owned();
        };
        let expected = match self.last.0.get(name) {
            Some(seconds) => format!("last time {}", in_words(*seconds)),
            None => format!("about {} on two cores", in_words(self.plan[at].1)),
        };
        let (number, of) = (at + 1, self.plan.len());
        let so_far = in_words(self.began.elapsed().as_secs_f64());
        format!("{name}: step {number} of {of}, {so_far} so far; {expected}")
    }

    /// Like [`Steps::run_online`], within a step that is being timed already.
    pub(crate) fn succeed_online(
        &self,
        name: &str,
        command: &mut Command,
        remedy: &str,
    ) -> Result<()> {
        const PAUSES: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(15)];
        for pause in PAUSES {
            match self.succeed(name, command, remedy) {
                Ok(()) => return Ok(()),
                Err(error) => eprintln!("{error:#}; trying again in {} s", pause.as_secs()),
            }
            thread::sleep(pause);
        }
        self.succeed(name, command, remedy)
    }

    /// Like [`Steps::run`], within a step that is being timed already.
    pub(crate) fn succeed(&self, name: &str, command: &mut Command, remedy: &str) -> Result<()> {
        succeed(name, command, remedy, self.output_shown)
    }

    /// Every step with its time, and the sum.
    pub(crate) fn summary(&self) -> String {
        let mut lines: String =
            self.taken.iter().map(|(name, took)| line(took, name)).collect::<Vec<_>>().concat();
        lines.push_str(&line(&self.began.elapsed(), "in all"));
        lines
    }
}

fn succeed(name: &str, command: &mut Command, remedy: &str, is_output_shown: bool) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(if is_output_shown { Stdio::inherit() } else { io::stderr().into() })
        .status()
        .with_context(|| {
            format!("step `{name}`: {:?} could not be started; {remedy}", command.get_program())
        })?;
    if !status.success() {
        bail!("step `{name}` failed ({status}); {remedy}");
    }
    Ok(())
}

impl LastTimes {
    /// What was kept; nothing where that cannot be read.
    fn read() -> Self {
        let text = std::fs::read(repo::tools().join("step-seconds.json")).unwrap_or_default();
        Self(serde_json::from_slice(&text).unwrap_or_default())
    }

    /// A time that cannot be kept is not worth a failure.
    fn keep(&mut self, name: &str, took: Duration) {
        self.0.insert(name.to_owned(), took.as_secs_f64());
        if let Ok(text) = serde_json::to_vec(&self.0) {
            let _ = std::fs::write(repo::tools().join("step-seconds.json"), text);
        }
    }
}

/// `5 s`, `2 min 5 s`.
fn in_words(seconds: f64) -> String {
    match seconds.max(1.0).round() {
        seconds if seconds < 60.0 => format!("{seconds} s"),
        seconds => format!("{} min {} s", (seconds / 60.0).floor(), seconds % 60.0),
    }
}

fn line(took: &Duration, name: &str) -> String {
    format!("{:>8.1} s  {name}\n", took.as_secs_f64())
}

/// Runs a command for its standard output.
pub(crate) fn ask(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{:?} could not be started", command.get_program()))?;
    if !output.status.success() {
        bail!(
            "{:?} failed ({}): {}",
            command.get_program(),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_names_the_step_its_status_and_the_remedy() {
        let mut steps = Steps::begin();
        let error = steps.run("polish", &mut shell("exit 3"), "polish by hand").unwrap_err();
        assert_eq!(format!("{error:#}"), "step `polish` failed (exit status: 3); polish by hand");
        let error = steps.run("polish", &mut Command::new("/no/such"), "install it").unwrap_err();
        assert!(format!("{error:#}").contains("could not be started; install it"), "{error:#}");
    }

    #[test]
    fn a_planned_step_says_where_it_is() {
        let mut steps = Steps::begin();
        steps.plan = &[("first", 2.0), ("second", 125.0)];
        assert_eq!(
            steps.heading("second"),
            "second: step 2 of 2, 1 s so far; about 2 min 5 s on two cores"
        );
        steps.last.0.insert("second".into(), 7.4);
        assert_eq!(steps.heading("second"), "second: step 2 of 2, 1 s so far; last time 7 s");
        assert_eq!(steps.heading("another"), "another");
    }

    #[test]
    fn the_summary_lists_each_step_that_was_taken() {
        let mut steps = Steps::begin();
        steps.run("first", &mut shell("true"), "").unwrap();
        steps.run("second", &mut shell("true"), "").unwrap();
        let summary = steps.summary();
        let names: Vec<_> = summary.lines().map(|line| line[12..].to_owned()).collect();
        assert_eq!(names, ["first", "second", "in all"]);
    }

    #[test]
    fn a_step_that_needs_a_network_gets_a_second_chance() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("tried");
        let script = format!("test -e {0} || {{ touch {0}; exit 1; }}", mark.display());
        Steps::begin().run_online("download", &mut shell(&script), "look").unwrap();
    }

    #[test]
    fn a_question_gives_the_answer_or_the_complaint() {
        assert_eq!(ask(&mut shell("echo yes")).unwrap(), "yes\n");
        assert!(ask(&mut shell("echo no >&2; exit 1")).unwrap_err().to_string().ends_with(": no"));
    }
}
