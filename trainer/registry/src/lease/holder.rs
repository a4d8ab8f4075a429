//! Identifies the process that holds a lease.

use std::fs;

use sha2::{Digest, Sha256};

use data::stone::hex;

/// A process, such as `1234@machine/8d1f0c2a9b3e/77031`: its number, its machine, the hash of that machine's boot and
/// process table, and when it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder(String);

impl Holder {
    /// This process.
    pub fn of_this_process() -> Holder {
        let process = std::process::id();
        Holder::of_process(process).unwrap_or_else(|| Holder(format!("{process}@{}", machine())))
    }

    /// A process that runs on this machine; none where it does not, or where the system does not say.
    fn of_process(process: u32) -> Option<Holder> {
        let began = began(process)?;
        Some(Holder(format!("{process}@{}/{}/{began}", machine(), table()?)))
    }

    #[cfg(test)]
    pub(super) fn named(name: String) -> Holder {
        Holder(name)
    }

    /// As this process, if it had begun at another time: that one is over.
    #[cfg(test)]
    pub(super) fn gone() -> Holder {
        Holder(format!("{}0", Holder::of_this_process().0))
    }

    /// The name of the holder.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a holder was a process of this very machine that has ended. Of others nothing is known: their leases expire.
    pub(super) fn knows_to_be_gone(&self, other: &str) -> bool {
        let (Some((process, place)), Some((_, own))) =
            (other.split_once('@'), self.0.split_once('@'))
        else {
            return false;
        };
        let table_of = |place: &str| place.rsplit_once('/').map(|(table, _)| table.to_owned());
        if table_of(place).is_none() || table_of(place) != table_of(own) {
            return false;
        }
        process.parse().is_ok_and(|process| {
            Holder::of_process(process).is_none_or(|running| running.0 != other)
        })
    }
}

fn machine() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => String::from("this-machine"),
        name => name.replace(['/', '@'], "-"),
    }
}

/// In which process table numbers are unique: one boot of a machine, and there one container.
fn table() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let container = fs::read_link("/proc/self/ns/pid").ok()?;
    let digest = Sha256::digest(format!("{} {}", boot.trim(), container.display()));
    Some(hex(&digest)[..12].to_owned())
}

/// When a process began, in ticks since the machine did: field 22 of its stat, counted behind the name, which may hold
/// anything.
fn began(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    // A process that ended and was not yet waited for has ended.
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    (!matches!(state, "Z" | "X")).then(|| fields.nth(18)?.parse().ok())?
}
