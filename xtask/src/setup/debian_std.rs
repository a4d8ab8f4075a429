//! Installs the standard library's source from Debian, for machines that cannot reach rustup's server.
//!
//! Debian's backports carry `rust-src` of recent Rust versions and a `wasi-libc` to match. Both are downloaded
//! through a private apt configuration, from the mirror that the machine uses anyway, and unpacked into the
//! toolchain, where `cargo -Z build-std` looks for them. Nothing of the system's own packages changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{WASIP2, rustlib};
use crate::repo;
use crate::steps::{Steps, ask};

/// The Debian release whose backports are used; the packages are not tied to the machine's own release.
const RELEASE: &str = "trixie";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const REACHABLE: &str = "Debian's mirror must be reachable";

/// Unpacks the library's source and wasi-libc into the toolchain.
pub(super) fn install(steps: &Steps) -> Result<()> {
    let rustc = ask(Command::new("rustc").current_dir(repo::root()).arg("--version"))?;
    let rust = rust_version(&rustc)?;
    let apt = PrivateApt::configure(steps, &repo::tools().join("debian"))?;
    let mut update = apt.command("apt-get");
    steps.succeed_online("apt-get update", update.args(["--quiet", "update"]), REACHABLE)?;
    let listing = ask(apt.command("apt-cache").args(["madison", "rust-src"]))?;
    let lack = format!("Debian {RELEASE} and its backports carry no rust-src {rust}");
    let source = package_version(&listing, &rust)
        .with_context(|| format!("{lack}; they carry:\n{listing}"))?;
    let mut download = apt.command("apt-get");
    download.args(["--quiet", "download", &format!("rust-src={source}")]);
    download.arg(format!("wasi-libc/{RELEASE}-backports"));
    steps.succeed_online("apt-get download", &mut download, REACHABLE)?;
    apt.unpack_all(steps)?;

    let rustlib = rustlib()?;
    let unpacked = apt.folder.join("unpacked");
    let library = unpacked.join(format!("usr/src/rustc-{rust}/library"));
    copy_folder(steps, &library, &rustlib.join("src/rust/library"))?;
    let libc = unpacked.join("usr/lib").join(WASIP2);
    copy_folder(steps, &libc, &rustlib.join(WASIP2).join("lib/self-contained"))?;
    fs::remove_dir_all(&apt.folder)?;
    Ok(())
}

/// An apt with its own lists, cache and sources, below one folder.
struct PrivateApt {
    folder: PathBuf,
}

impl PrivateApt {
    fn configure(steps: &Steps, folder: &Path) -> Result<Self> {
        repo::remove_folder(folder)?;
        for path in ["state/lists/partial", "cache/archives/partial", "unpacked"] {
            fs::create_dir_all(folder.join(path))?;
        }
        let apt = Self { folder: folder.to_owned() };
        let mirror = apt.mirror(steps)?;
        let sources = [RELEASE.to_owned(), format!("{RELEASE}-backports")]
            .map(|suite| format!("deb [signed-by={KEYRING}] {mirror} {suite} main\n"))
            .concat();
        fs::write(folder.join("sources.list"), sources)?;
        Ok(apt)
    }

    /// The mirror of the machine's own sources. Apt names it only once it has read the mirror's lists, so where
    /// the machine has none they are downloaded to the side.
    fn mirror(&self, steps: &Steps) -> Result<String> {
        let own = fs::read_to_string("/etc/os-release").context("this is no Debian")?;
        let indices = |mut apt_get: Command| {
            let format = "$(RELEASE) $(REPO_URI)";
            ask(apt_get.args(["indextargets", "--format", format, "Created-By: Packages"]))
        };
        if let Some(mirror) = debian_mirror(&own, &indices(Command::new("apt-get"))?) {
            return Ok(mirror);
        }
        let mut update = self.with_own_state("apt-get");
        steps.succeed_online("apt-get update", update.args(["--quiet", "update"]), REACHABLE)?;
        debian_mirror(&own, &indices(self.with_own_state("apt-get"))?)
            .context("the machine's apt sources name no Debian mirror for its own release")
    }

    /// An apt program over the release whose packages are wanted.
    fn command(&self, program: &str) -> Command {
        let mut command = self.with_own_state(program);
        let sources = self.folder.join("sources.list");
        command.arg("-o").arg(format!("Dir::Etc::sourcelist={}", sources.display()));
        for option in ["sourceparts", "preferences", "preferencesparts"] {
            command.arg("-o").arg(format!("Dir::Etc::{option}=/dev/null"));
        }
        command
    }

    /// An apt program that leaves the system's lists and cache alone. The machine's proxies, credentials and
    /// certificates stay in force.
    fn with_own_state(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let at = |path: &str| self.folder.join(path).display().to_string();
        for (option, value) in [
            ("Dir::State", at("state")),
            ("Dir::State::status", "/dev/null".to_owned()),
            ("Dir::Cache", at("cache")),
            ("APT::Sandbox::User", "root".to_owned()),
        ] {
            command.arg("-o").arg(format!("{option}={value}"));
        }
        command.current_dir(&self.folder);
        command
    }

    fn unpack_all(&self, steps: &Steps) -> Result<()> {
        for file in fs::read_dir(&self.folder)? {
            let file = file?.path();
            if file.extension().is_some_and(|extension| extension == "deb") {
                let mut unpack = Command::new("dpkg-deb");
                unpack.arg("-x").arg(&file).arg(self.folder.join("unpacked"));
                steps.succeed("dpkg-deb", &mut unpack, "is the disk full?")?;
            }
        }
        Ok(())
    }
}

/// `1.95.0` of `rustc 1.95.0 (59807616e 2026-04-14)`.
fn rust_version(rustc: &str) -> Result<String> {
    match rustc.split_whitespace().nth(1) {
        Some(version) if !version.contains('-') => Ok(version.to_owned()),
        _ => bail!("`rustc --version` says {rustc:?}; Debian carries only released versions"),
    }
}

/// The newest packaging of a version in `apt-cache madison`'s listing, which has the newest first.
fn package_version(listing: &str, version: &str) -> Option<String> {
    let prefix = format!("{version}+");
    listing
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .find(|candidate| candidate.starts_with(&prefix))
        .map(str::to_owned)
}

/// The mirror from which the machine takes its own release, out of lines of release and address.
fn debian_mirror(os_release: &str, indices: &str) -> Option<String> {
    let codename = os_release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="))?;
    indices.lines().find_map(|line| {
        let (release, address) = line.split_once(' ')?;
        (release == codename.trim_matches('"')).then(|| address.to_owned())
    })
}

/// Copies files and folders; a symbolic link arrives as what it points to.
fn copy_folder(steps: &Steps, from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{} cannot be created", to.display()))?;
    let mut copy = Command::new("cp");
    copy.args(["--recursive", "--dereference", "--no-target-directory"]).arg(from).arg(to);
    steps.succeed("cp", &mut copy, "see its message above")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_released_rust_has_a_version_debian_could_carry() {
        assert_eq!(rust_version("rustc 1.95.0 (59807616e 2026-04-14)\n").unwrap(), "1.95.0");
        assert!(rust_version("rustc 1.97.0-nightly (abc 2026-05-01)\n").is_err());
        assert!(rust_version("").is_err());
    }

    #[test]
    fn the_package_of_the_very_same_version_is_chosen() {
        let listing = "\
  rust-src | 1.96.1+dfsg1-2~bpo13+1 | http://mirror.example/debian trixie-backports/main amd64 Packages
  rust-src | 1.95.0+dfsg1-3~bpo13+1 | http://mirror.example/debian trixie-backports/main amd64 Packages
  rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://mirror.example/debian trixie-backports/main amd64 Packages
  rust-src | 1.85.1+dfsg1-1+deb13u1 | http://mirror.example/debian trixie/main amd64 Packages
";
        assert_eq!(package_version(listing, "1.95.0").as_deref(), Some("1.95.0+dfsg1-3~bpo13+1"));
        assert_eq!(package_version(listing, "1.9"), None, "a version is not a prefix");
    }

    #[test]
    fn the_mirror_is_the_one_the_machine_uses_for_its_own_release() {
        let os_release = "ID=debian\nVERSION_CODENAME=bookworm\n";
        let indices = "bookworm-security http://mirror.example/debian-security/\n\
                       bookworm-updates http://mirror.example/debian/\n\
                       bookworm http://mirror.example/debian/\n";
        let mirror = debian_mirror(os_release, indices);
        assert_eq!(mirror.as_deref(), Some("http://mirror.example/debian/"));
        assert_eq!(debian_mirror("ID=alpine\n", indices), None);
        assert_eq!(debian_mirror(os_release, "jammy http://mirror.example/ubuntu/\n"), None);
    }

    #[test]
    fn a_copy_has_every_file_of_every_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::write(from.join("a/b/c"), "kept").unwrap();
        copy_folder(&Steps::begin(), &from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/b/c")).unwrap(), "kept");
    }
}
