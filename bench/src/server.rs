//! A server as a process of its own: started, waited for, looked at, stopped.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::programs::{DataDir, program};

/// How long a server may take until it listens.
const STARTING: Duration = Duration::from_secs(60);
/// How long it may take to stop before it is killed.
const STOPPING: Duration = Duration::from_secs(10);

/// A running server.
pub(crate) struct Server {
    child: Child,
    address: String,
}

/// What a server's processes hold in memory, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// Now.
    pub(crate) resident_bytes: u64,
    /// The most there ever was.
    pub(crate) peak_bytes: u64,
    pub(crate) processes: usize,
}

impl Server {
    /// edge-host with the component that spin.toml names, once it listens.
    pub(crate) fn edge_host(data_dir: &DataDir, arguments: &[String]) -> Result<Server> {
        let mut command = program("edge-host")?;
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir.folder());
        let mut child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("edge-host cannot be started")?;
        let stderr = child.stderr.take().context("edge-host has no standard error")?;
        let mut server = Server { child, address: String::new() };
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let listening = lines
            .by_ref()
            .inspect(|line| eprintln!("edge-host: {line}"))
            .find_map(|line| line.strip_prefix("listening http://").map(str::to_owned));
        server.address = listening.context("edge-host did not listen; see its message above")?;
        // Nobody may wait because the pipe is full.
        thread::spawn(move || lines.for_each(|line| eprintln!("edge-host: {line}")));
        Ok(server)
    }

    /// Any other server, once something accepts connections at the address that it was told; what it says goes to a
    /// file.
    pub(crate) fn of(mut command: Command, address: String, log: &Path) -> Result<Server> {
        let said = fs::File::create(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()
            .with_context(|| format!("{:?} cannot be started", command.get_program()))?;
        let mut server = Server { child, address };
        let began = Instant::now();
        while TcpStream::connect(&server.address).is_err() {
            let status = server.child.try_wait()?;
            ensure!(status.is_none(), "{:?} ended; see {}", command.get_program(), log.display());
            if began.elapsed() > STARTING {
                bail!("{:?} does not listen; see {}", command.get_program(), log.display());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Of what it started where it started something, as a server with workers does; else its own.
    pub(crate) fn memory(&self) -> Result<Memory> {
        let mut processes = started_by(self.child.id())?;
        if processes.is_empty() {
            processes.push(self.child.id());
        }
        let mut memory = Memory { processes: processes.len(), ..Memory::default() };
        for process in processes {
            // One may have ended meanwhile.
            let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
            memory.resident_bytes += bytes(&status, "VmRSS:");
            memory.peak_bytes += bytes(&status, "VmHWM:");
        }
        Ok(memory)
    }

    fn signal(&self, name: &str) {
        let script = format!("kill -{name} {}", self.child.id());
        let _ = Command::new("sh").args(["-c", &script]).status();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // As an operator stops it, so that it stops its workers and clears away what it made.
        self.signal("TERM");
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if began.elapsed() > STOPPING {
                let _ = self.child.kill();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// An address of this machine that nobody listens at.
pub(crate) fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// Every process below this one.
fn started_by(parent: u32) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(process) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name, in brackets, may hold anything; after it come the state and the parent.
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        if after.split_whitespace().nth(1).and_then(|text| text.parse().ok()) == Some(parent) {
            found.push(process);
            found.extend(started_by(process)?);
        }
    }
    Ok(found)
}

/// A line of /proc/PID/status, which is in units of 1,024 bytes.
fn bytes(status: &str, field: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    1024 * number.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        let status = "Name:\tedge-host\nVmHWM:\t   73012 kB\nVmRSS:\t   70000 kB\n";
        assert_eq!(bytes(status, "VmRSS:"), 71_680_000);
        assert_eq!(bytes(status, "VmSwap:"), 0);
    }

    #[test]
    fn a_server_is_known_with_what_it_started_and_stops_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap 'kill $!; exit' TERM; sleep 600 & wait"]);
        let server = Server::of(shell, address, &folder.path().join("log")).unwrap();
        let memory = loop {
            let memory = server.memory().unwrap();
            // The shell itself counts until it has started something.
            if !started_by(server.child.id()).unwrap().is_empty() {
                break memory;
            }
        };
        assert_eq!(memory.processes, 1);
        let children = started_by(server.child.id()).unwrap();
        drop(server);
        let is_gone = |process: &u32| {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            stat.is_empty() || stat.contains(") Z ")
        };
        assert!((0..500).any(|_| {
            thread::sleep(Duration::from_millis(10));
            children.iter().all(is_gone)
        }));
    }
}
