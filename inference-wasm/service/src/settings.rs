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
    /// Reads the settings as Spin variables carry them.
    ///
    /// # Errors
    ///
    /// A sentence that names the variable, its value and what is allowed.
    pub fn parse(journal_sync: &str, journal_bodies: &str) -> Result<Settings, String> {
        let defaults = Settings::default();
        Ok(Settings {
            journal_sync: match journal_sync.trim() {
                "" => defaults.journal_sync,
                "normal" => Sync::Normal,
                "full" => Sync::Full,
                other => return Err(format!("journal_sync is {other:?}; allowed: normal, full")),
            },
            journal_body_bytes: match journal_bodies.trim() {
                "" => defaults.journal_body_bytes,
                number => number.parse().map_err(|_| {
                    format!(
                        "journal_bodies is {number:?}; allowed: a whole number of bytes, 0 or more"
                    )
                })?,
            },
        })
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
    fn settings_say_what_is_allowed() {
        assert_eq!(Settings::parse("", ""), Ok(Settings::default()));
        assert_eq!(Settings::parse("full", "10").unwrap().journal_body_bytes, 10);
        assert!(Settings::parse("fast", "").unwrap_err().contains("allowed: normal, full"));
        assert!(Settings::parse("", "-1").unwrap_err().contains("journal_bodies"));
    }
}
