//! Runs commands as named, timed steps; a failure says which step failed and what to do.

use std::io;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The steps taken so far. Messages go to standard error; what commands print goes there too, unless
/// [`Steps::show_output`] was asked for.
pub(crate) struct Steps {
    began: Instant,
    taken: Vec<(String, Duration)>,
    output_shown: bool,
}

impl Steps {
    /// Starts the clock.
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), taken: Vec::new(), output_shown: false }
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

    /// Times a step made of anything.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        action: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        eprintln!("== {name}");
        let began = Instant::now();
        let outcome = action(self)?;
        let took = began.elapsed();
        eprintln!("== {name}: done in {:.1} s", took.as_secs_f64());
        self.taken.push((name.to_owned(), took));
        Ok(outcome)
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
        let status = command
            .stdin(Stdio::null())
            .stdout(if self.output_shown { Stdio::inherit() } else { io::stderr().into() })
            .status()
            .with_context(|| {
                format!("step `{name}`: {:?} could not be started; {remedy}", command.get_program())
            })?;
        if !status.success() {
            bail!("step `{name}` failed ({status}); {remedy}");
        }
        Ok(())
    }

    /// Every step with its time, and the sum.
    pub(crate) fn summary(&self) -> String {
        let mut lines: String =
            self.taken.iter().map(|(name, took)| line(took, name)).collect::<Vec<_>>().concat();
        lines.push_str(&line(&self.began.elapsed(), "in all"));
        lines
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
