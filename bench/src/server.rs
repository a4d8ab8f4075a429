//! Runs a server as a child process: starts it, waits until it listens, reads its memory, stops it.

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

/// The memory of a server's processes, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    pub(crate) resident_bytes: u64,
    pub(crate) peak_bytes: u64,
    pub(crate) processes: usize,
}

impl Server {
    /// edge-host with the component of spin.toml, once it listens.
    pub(crate) fn edge_host(data_dir: &DataDir, arguments: &[&str]) -> Result<Server> {
        let mut command = program("edge-host")?;
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data_dir.0);
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
        // A full pipe would block edge-host.
        thread::spawn(move || lines.for_each(|line| eprintln!("edge-host: {line}")));
        Ok(server)
    }

    /// Any other server, once it accepts connections at the address that it was given. Its output goes to a file.
    pub(crate) fn start(mut command: Command, address: String, log: &Path) -> Result<Server> {
        let output = fs::File::create(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
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

    /// The memory of its child processes if it has any, as a server with workers does; else its own.
    pub(crate) fn memory(&self) -> Result<Memory> {
        let mut processes = children_of(self.child.id())?;
        if processes.is_empty() {
            processes.push(self.child.id());
        }
        let mut memory = Memory { processes: processes.len(), ..Memory::default() };
        for process in processes {
            // A process may have ended meanwhile.
            let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
            memory.resident_bytes += status_bytes(&status, "VmRSS:");
            memory.peak_bytes += status_bytes(&status, "VmHWM:");
        }
        Ok(memory)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, as an operator sends it, lets the server stop its workers and remove its files.
        let script = format!("kill -TERM {}", self.child.id());
        let _ = Command::new("sh").args(["-c", &script]).status();
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if began.elapsed() > STOPPING {
                let _ = self.child.kill();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A local address that is not in use.
pub(crate) fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// All descendants of a process.
fn children_of(parent: u32) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(process) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name, in brackets, may contain anything; the state and the parent follow it.
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        if after.split_whitespace().nth(1).and_then(|text| text.parse().ok()) == Some(parent) {
            found.push(process);
            found.extend(children_of(process)?);
        }
    }
    Ok(found)
}

/// A field of /proc/PID/status, whose unit is 1,024 bytes; 0 if it is missing.
pub(crate) fn status_bytes(status: &str, field: &str) -> u64 {
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
        assert_eq!(status_bytes(status, "VmRSS:"), 71_680_000);
        assert_eq!(status_bytes(status, "VmHWM:"), 73_012 << 10);
        assert_eq!(status_bytes(status, "VmSwap:"), 0);
        assert_eq!(status_bytes("Name:\ttrainer\n", "VmHWM:"), 0);
    }

    #[test]
    fn a_server_stops_together_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap 'kill $!; exit' TERM; sleep 600 & wait"]);
        let server = Server::start(shell, address, &folder.path().join("log")).unwrap();
        let memory = loop {
            let memory = server.memory().unwrap();
            // The shell itself counts until it has a child.
            if !children_of(server.child.id()).unwrap().is_empty() {
                break memory;
            }
        };
        assert_eq!(memory.processes, 1);
        let children = children_of(server.child.id()).unwrap();
        // The child is there a moment before the shell knows its number.
        thread::sleep(Duration::from_millis(200));
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
