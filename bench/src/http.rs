//! How many requests the service answers a second and how soon, beside the usual Python service.

mod report;

mod contender;
mod route;
mod rounds;
mod load;
mod journal;
mod cold;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use self::cold::Cold;
use self::contender::Site;
pub(crate) use self::rounds::Pace;
use self::rounds::{Held, Series};
pub(crate) use self::route::{Request, similar};
use crate::programs::DataDir;
use crate::table::Table;

/// Everything that was measured.
pub(crate) struct Http {
    pace: Pace,
    series: Vec<Series>,
    held: Vec<Held>,
    cold: Cold,
}

/// What is measured beside edge-host, where it is there.
pub(crate) struct Beside<'a> {
    pub(crate) has_spin: bool,
    /// The Python of the environment that the peer is installed in.
    pub(crate) python: Option<&'a Path>,
    pub(crate) sqld: Option<&'a Path>,
}

impl Http {
    pub(crate) fn take(
        table: &Table,
        (data, champion): (&Path, &Path),
        kept: &Path,
        beside: &Beside<'_>,
        pace: Pace,
    ) -> Result<Http> {
        let folder: PathBuf = std::path::absolute(kept.join("http"))?;
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let seeded = DataDir::fresh(folder.join("seeded"), data, champion)?;
        let site = Site {
            table: data.to_owned(),
            seeded,
            has_spin: beside.has_spin,
            python: beside.python.map(Path::to_owned),
            sqld: beside.sqld.map(Path::to_owned),
            folder,
        };
        let (series, held) = rounds::run(&site, table, pace)?;
        let cold = Cold::take(&site, table)?;
        // The journals are hundreds of megabytes by now.
        fs::remove_dir_all(&site.folder)?;
        Ok(Http { pace, series, held, cold })
    }
}
