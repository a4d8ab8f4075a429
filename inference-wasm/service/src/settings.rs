//! What an operator sets, by the variables of spin.toml.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use api::hex;

/// SQLite takes at most 32,766 parameters a statement; a record has 21.
const MAX_GROUP_ROWS: usize = 64;

/// What an operator sets.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Opens the routes that show the journal: `admin_token`. `None` where there are none.
    pub admin_token: Option<String>,
    /// SHA-256 of each key that opens the API: `api_keys`. Empty where it is open to everybody.
    pub api_keys: Vec<[u8; 32]>,
    /// The origins whose pages may call the API from a browser, such as `https://shop.example`, or `*` alone for all of
    /// them: `cors_origins`.
    pub cors_origins: Vec<String>,
    /// How hard a commit of the journal is pressed to disk: `journal_sync`.
    pub journal_sync: Durability,
    /// How many bytes of a body the journal keeps: `journal_bodies`.
    pub journal_body_bytes: usize,
    /// How long a request's body may take to arrive: `request_timeout`.
    pub request_timeout: Duration,
    /// How many records of the journal one statement takes at most, 1 to 64: `journal_group`.
    pub journal_group_rows: usize,
    /// The libsql server that is spoken to in place of the host's database: `libsql_url`, `libsql_token`.
    pub libsql: Option<LibsqlServer>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            admin_token: None,
            api_keys: Vec::new(),
            cors_origins: Vec::new(),
            journal_sync: Durability::Normal,
            journal_body_bytes: 65_536,
            request_timeout: Duration::from_secs(30),
            journal_group_rows: MAX_GROUP_ROWS,
            libsql: None,
        }
    }
}

impl Settings {
    /// The variables that [`Settings::parse`] reads.
    pub const VARIABLES: [&'static str; 9] = [
        "admin_token",
        "api_keys",
        "cors_origins",
        "journal_sync",
        "journal_bodies",
        "request_timeout",
        "journal_group",
        "libsql_url",
        "libsql_token",
    ];

    /// Reads the settings from variables by their names; one that is not set may be absent or empty.
    ///
    /// A value that makes no sense leaves its setting at the default, because a service that answers is worth more than
    /// one whose settings are right. But an `api_keys` without a single good hash lets no one in. What is wrong is
    /// returned as sentences that name the variable, its value unless it is a secret, and what is allowed.
    #[must_use]
    pub fn parse<V: AsRef<str>>(variables: &[(&str, V)]) -> (Settings, Vec<String>) {
        let mut reader = Reader { variables, wrong: Vec::new() };
        let default = Settings::default();
        let settings = Settings {
            admin_token: Some(reader.text("admin_token").to_owned()).filter(|it| !it.is_empty()),
            api_keys: reader.api_keys(),
            cors_origins: reader.cors_origins(),
            journal_sync: reader.journal_sync(),
            journal_body_bytes: reader
                .number("journal_bodies", 0..=u64::MAX, "bytes, 0 or more")
                .map_or(default.journal_body_bytes, |it| usize::try_from(it).unwrap_or(usize::MAX)),
            request_timeout: reader
                .number("request_timeout", 1..=3_600, "seconds, 1 to 3600")
                .map_or(default.request_timeout, Duration::from_secs),
            journal_group_rows: reader
                .number("journal_group", 1..=MAX_GROUP_ROWS, "rows, 1 to 64")
                .unwrap_or(default.journal_group_rows),
            libsql: reader.libsql(),
        };
        (settings, reader.wrong)
    }
}

/// The secrets are not shown: not the token, and not the hashes either, by which guesses could be tried.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("admin_token", &self.admin_token.as_ref().map(|_| "…"))
            .field("api_keys", &self.api_keys.len())
            .field("cors_origins", &self.cors_origins)
            .field("journal_sync", &self.journal_sync)
            .field("journal_body_bytes", &self.journal_body_bytes)
            .field("request_timeout", &self.request_timeout)
            .field("journal_group_rows", &self.journal_group_rows)
            .field("libsql", &self.libsql)
            .finish_non_exhaustive()
    }
}

/// How hard a commit is pressed to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Survives a killed process; the last commits can be lost with the power.
    #[default]
    Normal,
    /// Survives a power cut, at the price of a flush a commit.
    Full,
}

/// A libsql server and what lets us in.
#[derive(Clone, PartialEq, Eq)]
pub struct LibsqlServer {
    /// `http://…` or `https://…`, without a slash at its end.
    pub url: String,
    /// Sent as a bearer token; empty where the server asks for none.
    pub token: String,
}

impl fmt::Debug for LibsqlServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LibsqlServer").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Reads variables and collects what is wrong with them.
struct Reader<'a, V> {
    variables: &'a [(&'a str, V)],
    wrong: Vec<String>,
}

impl<'a, V: AsRef<str>> Reader<'a, V> {
    fn text(&self, name: &str) -> &'a str {
        let found = self.variables.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value.as_ref().trim())
    }

    /// What is separated by commas or white space.
    fn list(&self, name: &str) -> impl Iterator<Item = &'a str> + use<'a, V> {
        let is_separator = |character: char| character == ',' || character.is_whitespace();
        self.text(name).split(is_separator).filter(|part| !part.is_empty())
    }

    /// A whole number; `None` where it is not set.
    fn number<N>(&mut self, name: &str, range: RangeInclusive<N>, allowed: &str) -> Option<N>
    where
        N: FromStr + PartialOrd,
    {
        let text = self.text(name);
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() && !text.is_empty() {
            self.wrong.push(format!("{name} is {text:?}; allowed: a whole number of {allowed}"));
        }
        number
    }

    fn api_keys(&mut self) -> Vec<[u8; 32]> {
        let mut keys = Vec::new();
        for (at, hash) in self.list("api_keys").enumerate() {
            match hex::bytes(hash).and_then(|bytes| bytes.try_into().ok()) {
                Some(key) => keys.push(key),
                None => self.wrong.push(format!(
                    "entry {} of api_keys is no SHA-256; allowed: 64 hexadecimal digits each, such as `printf %s KEY | sha256sum` prints",
                    at + 1
                )),
            }
        }
        if keys.is_empty() && !self.text("api_keys").is_empty() {
            // No key has this hash, so no one is let in by a mistake.
            keys.push([0; 32]);
        }
        keys
    }

    fn cors_origins(&mut self) -> Vec<String> {
        let mut origins = Vec::new();
        for origin in self.list("cors_origins") {
            if origin == "*" {
                return vec![origin.to_owned()];
            }
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            match host {
                Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', '*']) => {
                    origins.push(origin.to_ascii_lowercase());
                }
                _ => self.wrong.push(format!(
                    "cors_origins has {origin:?}; allowed: origins such as https://shop.example, without a path, or *"
                )),
            }
        }
        origins
    }

    fn journal_sync(&mut self) -> Durability {
        match self.text("journal_sync") {
            "full" => return Durability::Full,
            "" | "normal" => {}
            other => self.wrong.push(format!("journal_sync is {other:?}; allowed: normal, full")),
        }
        Durability::Normal
    }

    /// `libsql://` is spoken to over TLS.
    fn libsql(&mut self) -> Option<LibsqlServer> {
        let url = match self.text("libsql_url") {
            "" => return None,
            url => {
                url.strip_prefix("libsql://").map_or(url.into(), |host| format!("https://{host}"))
            }
        };
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
            self.wrong.push(format!(
                "libsql_url is {url:?}; allowed: http://…, https://… or libsql://…; the host's database is used"
            ));
            return None;
        }
        let url = url.trim_end_matches('/').to_owned();
        Some(LibsqlServer { url, token: self.text("libsql_token").to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is set, what is said to be wrong: each sentence contains its text.
    fn check(set: &[(&str, &str)], expected: Settings, wrong: &[&str]) {
        let (settings, said) = Settings::parse(set);
        assert_eq!(settings, expected, "{set:?}");
        assert_eq!(said.len(), wrong.len(), "{said:?}");
        assert!(said.iter().zip(wrong).all(|(said, part)| said.contains(part)), "{said:?}");
    }

    const HASH: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    #[test]
    fn nothing_needs_to_be_set() {
        check(&[], Settings::default(), &[]);
    }

    #[test]
    fn every_variable_is_read() {
        let hash = hex::bytes(HASH).unwrap().try_into().unwrap();
        let expected = Settings {
            admin_token: Some("t".into()),
            api_keys: vec![hash, hash],
            cors_origins: vec!["https://shop.example".into(), "http://localhost:5173".into()],
            journal_sync: Durability::Full,
            journal_body_bytes: 10,
            request_timeout: Duration::from_secs(5),
            journal_group_rows: 1,
            libsql: Some(LibsqlServer { url: "https://db.example".into(), token: "s".into() }),
        };
        let set = [
            ("admin_token", " t "),
            ("api_keys", &format!("{HASH}, {}", HASH.to_uppercase())),
            ("cors_origins", "https://Shop.example http://localhost:5173"),
            ("journal_sync", "full"),
            ("journal_bodies", "10"),
            ("request_timeout", "5"),
            ("journal_group", "1"),
            ("libsql_url", "libsql://db.example/"),
            ("libsql_token", "s"),
        ];
        assert_eq!(set.map(|(name, _)| name), Settings::VARIABLES);
        check(&set, expected, &[]);
    }

    #[test]
    fn a_senseless_setting_is_named_and_the_others_hold() {
        let full = Settings { journal_sync: Durability::Full, ..Settings::default() };
        let set = [("journal_sync", "full"), ("journal_bodies", "64k")];
        check(&set, full, &["journal_bodies is \"64k\""]);
        let set = [
            ("journal_sync", "fast"),
            ("journal_bodies", "-1"),
            ("journal_group", "65"),
            ("cors_origins", "shop.example"),
            ("request_timeout", "0"),
            ("libsql_url", "db.example"),
        ];
        let wrong = [
            "cors_origins has \"shop.example\"",
            "journal_sync is \"fast\"",
            "journal_bodies",
            "request_timeout is \"0\"",
            "journal_group is \"65\"; allowed: a whole number of rows, 1 to 64",
            "libsql_url",
        ];
        check(&set, Settings::default(), &wrong);
    }

    #[test]
    fn keys_of_which_none_is_a_hash_let_nobody_in() {
        let nobody = Settings { api_keys: vec![[0; 32]], ..Settings::default() };
        check(&[("api_keys", "secret")], nobody, &["entry 1 of api_keys"]);
    }

    #[test]
    fn secrets_are_not_shown() {
        let (settings, said) = Settings::parse(&[
            ("admin_token", "hush"),
            ("api_keys", &format!("hush {HASH}")),
            ("libsql_url", "http://a"),
            ("libsql_token", "hush"),
        ]);
        let shown = format!("{said:?} {settings:?}");
        assert!(!shown.contains("hush") && !shown.contains(HASH) && !shown.contains("43, 184"));
        assert!(shown.contains("api_keys: 1"), "{shown}");
    }
}
