//! What an operator sets, by the variables of spin.toml.

use std::fmt;
use std::time::Duration;

/// SQLite takes at most 32,766 parameters a statement; a record has 21.
const MAX_GROUP_ROWS: usize = 64;

/// What an operator sets.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Opens the routes that show the journal: `admin_token`. `None` where there are none.
    pub admin_token: Option<String>,
    /// SHA-256 of each key that opens the API: `api_keys`. Empty where it is open to everybody.
    pub api_keys: Vec<[u8; 32]>,
    /// The origins whose pages may call the API from a browser: `cors_origins`.
    pub cors_origins: CorsOrigins,
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
            cors_origins: CorsOrigins::Listed(Vec::new()),
            journal_sync: Durability::Normal,
            journal_body_bytes: 65_536,
            request_timeout: Duration::from_secs(30),
            journal_group_rows: MAX_GROUP_ROWS,
            libsql: None,
        }
    }
}

impl Settings {
    /// The variables that [`Settings::parse`] asks for.
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

    /// Reads the settings as Spin variables carry them; `variable` is asked for each of [`Settings::VARIABLES`] and
    /// says the empty text of one that is not set.
    ///
    /// One that makes no sense is left at its default, for a service that answers is worth more than one that is right
    /// about its settings, but one that would close a door closes it: an `api_keys` without a single good hash lets
    /// nobody in. What is wrong is returned as sentences that name the variable, its value unless it is a secret, and
    /// what is allowed.
    #[must_use]
    pub fn parse(variable: impl Fn(&str) -> String) -> (Settings, Vec<String>) {
        let mut settings = Settings::default();
        let mut wrong = Vec::new();
        let text = |name: &str| variable(name).trim().to_owned();

        settings.admin_token = Some(text("admin_token")).filter(|token| !token.is_empty());
        settings.api_keys = api_keys(&text("api_keys"), &mut wrong);
        settings.cors_origins = CorsOrigins::parse(&text("cors_origins"), &mut wrong);
        match text("journal_sync").as_str() {
            "" | "normal" => settings.journal_sync = Durability::Normal,
            "full" => settings.journal_sync = Durability::Full,
            other => wrong.push(format!("journal_sync is {other:?}; allowed: normal, full")),
        }
        let bodies = text("journal_bodies");
        match bodies.parse::<u64>() {
            Ok(bytes) => settings.journal_body_bytes = usize::try_from(bytes).unwrap_or(usize::MAX),
            Err(_) if bodies.is_empty() => {}
            Err(_) => wrong.push(format!(
                "journal_bodies is {bodies:?}; allowed: a whole number of bytes, 0 or more"
            )),
        }
        let timeout = text("request_timeout");
        match timeout.parse::<u64>() {
            Ok(seconds @ 1..=3_600) => settings.request_timeout = Duration::from_secs(seconds),
            _ if timeout.is_empty() => {}
            _ => wrong.push(format!(
                "request_timeout is {timeout:?}; allowed: a whole number of seconds, 1 to 3600"
            )),
        }
        let group = text("journal_group");
        match group.parse() {
            Ok(rows) if (1..=MAX_GROUP_ROWS).contains(&rows) => settings.journal_group_rows = rows,
            _ if group.is_empty() => {}
            _ => wrong.push(format!(
                "journal_group is {group:?}; allowed: a whole number of rows, 1 to {MAX_GROUP_ROWS}"
            )),
        }
        settings.libsql =
            LibsqlServer::parse(&text("libsql_url"), &text("libsql_token"), &mut wrong);
        (settings, wrong)
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

/// Hashes, separated by commas or white space.
fn api_keys(text: &str, wrong: &mut Vec<String>) -> Vec<[u8; 32]> {
    let separators = |character: char| character == ',' || character.is_whitespace();
    let mut keys = Vec::new();
    for (place, hash) in text.split(separators).filter(|hash| !hash.is_empty()).enumerate() {
        match sha256(hash) {
            Some(key) => keys.push(key),
            None => wrong.push(format!(
                "entry {} of api_keys is no SHA-256; allowed: 64 hexadecimal digits each, such as `printf %s KEY | sha256sum` prints",
                place + 1
            )),
        }
    }
    if keys.is_empty() && !text.is_empty() {
        // No key has this hash, so nobody is let in by a mistake.
        keys.push([0; 32]);
    }
    keys
}

fn sha256(hexadecimal: &str) -> Option<[u8; 32]> {
    let digits = hexadecimal.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// Whose pages may call the API from a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOrigins {
    /// Everybody's: `*`.
    Any,
    /// Those of these origins, such as `https://shop.example`.
    Listed(Vec<String>),
}

impl CorsOrigins {
    /// Origins, separated by commas or white space, or `*`.
    fn parse(text: &str, wrong: &mut Vec<String>) -> CorsOrigins {
        let separators = |character: char| character == ',' || character.is_whitespace();
        let mut origins = Vec::new();
        for origin in text.split(separators).filter(|origin| !origin.is_empty()) {
            if origin == "*" {
                return CorsOrigins::Any;
            }
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            match host {
                Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', '*']) => {
                    origins.push(origin.to_ascii_lowercase());
                }
                _ => wrong.push(format!(
                    "cors_origins has {origin:?}; allowed: origins such as https://shop.example, without a path, or *"
                )),
            }
        }
        CorsOrigins::Listed(origins)
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

impl LibsqlServer {
    /// `libsql://` is spoken to over TLS.
    fn parse(url: &str, token: &str, wrong: &mut Vec<String>) -> Option<LibsqlServer> {
        let url = match url.strip_prefix("libsql://") {
            Some(host) => format!("https://{host}"),
            None => url.to_owned(),
        };
        if url.is_empty() {
            return None;
        }
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
            wrong.push(format!(
                "libsql_url is {url:?}; allowed: http://…, https://… or libsql://…; the host's database is used"
            ));
            return None;
        }
        Some(LibsqlServer { url: url.trim_end_matches('/').to_owned(), token: token.to_owned() })
    }
}

impl fmt::Debug for LibsqlServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LibsqlServer").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(set: &[(&str, &str)]) -> (Settings, Vec<String>) {
        Settings::parse(|name| {
            let value = set.iter().find(|(set, _)| *set == name);
            value.map_or(String::new(), |(_, value)| (*value).to_owned())
        })
    }

    /// What is set, what is said to be wrong: each sentence contains its text.
    fn check(set: &[(&str, &str)], expected: Settings, wrong: &[&str]) {
        let (settings, said) = parse(set);
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
        let hash = sha256(HASH).unwrap();
        let expected = Settings {
            admin_token: Some("t".into()),
            api_keys: vec![hash, hash],
            cors_origins: CorsOrigins::Listed(vec![
                "https://shop.example".into(),
                "http://localhost:5173".into(),
            ]),
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
        check(
            &[("journal_sync", "full"), ("journal_bodies", "64k")],
            full,
            &["journal_bodies is \"64k\""],
        );
        let set = [
            ("journal_sync", "fast"),
            ("journal_bodies", "-1"),
            ("journal_group", "65"),
            ("cors_origins", "shop.example"),
            ("request_timeout", "0"),
            ("libsql_url", "db.example"),
        ];
        check(
            &set,
            Settings::default(),
            &[
                "cors_origins has \"shop.example\"",
                "journal_sync is \"fast\"",
                "journal_bodies",
                "request_timeout is \"0\"",
                "journal_group is \"65\"; allowed: a whole number of rows, 1 to 64",
                "libsql_url",
            ],
        );
    }

    #[test]
    fn keys_of_which_none_is_a_hash_let_nobody_in() {
        let nobody = Settings { api_keys: vec![[0; 32]], ..Settings::default() };
        check(&[("api_keys", "secret")], nobody, &["entry 1 of api_keys"]);
    }

    #[test]
    fn secrets_are_not_shown() {
        let (settings, said) = parse(&[
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
