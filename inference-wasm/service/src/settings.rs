//! What an operator sets, by the variables of spin.toml.

/// What an operator sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How hard a commit of the journal is pressed to disk: `journal_sync`.
    pub journal_sync: Sync,
    /// How many bytes of a body the journal keeps: `journal_bodies`.
    pub journal_body_bytes: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { journal_sync: Sync::Normal, journal_body_bytes: 65_536 }
    }
}

impl Settings {
    /// Reads the settings as Spin variables carry them. One that makes no sense is left at its default, for a service
    /// that answers is worth more than one that is right about its settings; what is wrong with it is returned as a
    /// sentence that names the variable, its value and what is allowed.
    #[must_use]
    pub fn parse(journal_sync: &str, journal_bodies: &str) -> (Settings, Vec<String>) {
        let mut settings = Settings::default();
        let mut wrong = Vec::new();
        match journal_sync.trim() {
            "" | "normal" => settings.journal_sync = Sync::Normal,
            "full" => settings.journal_sync = Sync::Full,
            other => wrong.push(format!("journal_sync is {other:?}; allowed: normal, full")),
        }
        match (journal_bodies.trim(), journal_bodies.trim().parse::<u64>()) {
            ("", _) => {}
            (_, Ok(bytes)) => {
                settings.journal_body_bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            }
            (other, Err(_)) => wrong.push(format!(
                "journal_bodies is {other:?}; allowed: a whole number of bytes, 0 or more"
            )),
        }
        (settings, wrong)
    }
}

/// How hard a commit is pressed to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sync {
    /// Survives a killed process; the last commits can be lost with the power.
    #[default]
    Normal,
    /// Survives a power cut, at the price of a flush a commit.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_senseless_setting_is_named_and_the_others_hold() {
        let defaults = Settings::default();
        let check = |sync: &str, bodies: &str, expected: (Sync, usize), wrong: &[&str]| {
            let (settings, said) = Settings::parse(sync, bodies);
            assert_eq!((settings.journal_sync, settings.journal_body_bytes), expected);
            assert_eq!(said.len(), wrong.len());
            assert!(said.iter().zip(wrong).all(|(said, name)| said.starts_with(name)), "{said:?}");
        };
        check("", "", (Sync::Normal, defaults.journal_body_bytes), &[]);
        check("full", "10", (Sync::Full, 10), &[]);
        check("full", "64k", (Sync::Full, defaults.journal_body_bytes), &["journal_bodies"]);
        check(
            "fast",
            "-1",
            (Sync::Normal, defaults.journal_body_bytes),
            &["journal_sync", "journal_bodies"],
        );
    }
}
