//! Reports progress on standard error, with a bar only on a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Says what is going on.
#[derive(Debug, Clone)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar on a terminal, plain lines elsewhere.
    #[expect(clippy::new_without_default, reason = "it looks at the terminal")]
    pub fn new() -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(1);
        // The template is a constant that parses; the plain bar would do as well.
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len} {elapsed}")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress(bar)
    }

    /// A line that stays.
    pub fn say(&self, message: &str) {
        self.0.suspend(|| eprintln!("{message}"));
    }

    /// What is being done now, and how far it is; seen only on a terminal.
    pub fn step(&self, done: usize, of: usize, message: &str) {
        self.0.set_length(of as u64);
        self.0.set_position(done as u64);
        self.0.set_message(message.to_owned());
    }

    /// Clears the bar.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
