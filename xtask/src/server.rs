//! Starts a server as a child process, waits for it, and stops it with all its own children.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The host in a process group of its own, so that whatever it starts ends with it.
pub(crate) struct Server {
    child: Child,
}

impl Server {
    /// Starts it; what it prints goes to standard error.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(io::stderr())
            .spawn()
            .with_context(|| format!("{:?} cannot be started", command.get_program()))?;
        Ok(Self { child })
    }

    /// Waits until it answers. Returns whether it does; it does not where `is_stopped` first.
    pub(crate) fn wait_until_live(
        &mut self,
        port: u16,
        is_stopped: impl Fn() -> bool,
    ) -> Result<bool> {
        let began = Instant::now();
        while !is_live(port) {
            if is_stopped() {
                return Ok(false);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the host ended before it was ready ({status}); see its message above");
            }
            if began.elapsed() > Duration::from_secs(120) {
                bail!("http://127.0.0.1:{port}/livez did not answer within two minutes");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(true)
    }

    /// Lets it run until `is_stopped`.
    pub(crate) fn run_until(&mut self, is_stopped: impl Fn() -> bool) -> Result<()> {
        while !is_stopped() {
            if let Some(status) = self.child.try_wait()? {
                bail!("the host ended by itself ({status}); see its message above");
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Signals it and whatever it started, which may live on without it.
    fn signal(&self, name: &str) -> Result<ExitStatus> {
        let script = format!("kill -{name} -{}", self.child.id());
        Ok(Command::new("sh").args(["-c", &script]).status()?)
    }

    /// Asks for an end, and insists after ten seconds.
    fn stop(&mut self) -> Result<()> {
        self.signal("TERM")?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > Duration::from_secs(10) {
                eprintln!("the host does not stop; it is killed");
                self.signal("KILL")?;
                self.child.wait()?;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("the host cannot be stopped: {error:#}");
        }
    }
}

/// Refuses a port that something else listens on.
pub(crate) fn check_free(port: u16) -> Result<()> {
    let remedy = "stop what listens there, or choose another with --port";
    TcpListener::bind(("127.0.0.1", port))
        .map(drop)
        .with_context(|| format!("port {port} cannot be used; {remedy}"))
}

/// Whether `/livez` answers 200.
pub(crate) fn is_live(port: u16) -> bool {
    let ask = || -> io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let request =
            format!("GET /livez HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut status_line = [0; 12];
        stream.read_exact(&mut status_line)?;
        Ok(&status_line == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_server_leaves_no_process_behind() {
        let folder = tempfile::tempdir().unwrap();
        let grandchild = folder.path().join("grandchild");
        let script = format!("sleep 600 & echo $! > {}; wait", grandchild.display());
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]);
        let server = Server::start(shell).unwrap();
        let pid = loop {
            match std::fs::read_to_string(&grandchild) {
                Ok(pid) if pid.ends_with('\n') => break pid,
                _ => thread::sleep(Duration::from_millis(10)),
            }
        };
        drop(server);
        let ended = (0..100).any(|_| {
            thread::sleep(Duration::from_millis(20));
            // A zombie still has an entry; one that runs or sleeps has not ended.
            std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()))
                .map_or(true, |stat| stat.contains(") Z "))
        });
        assert!(ended, "{pid} still runs");
    }

    #[test]
    fn a_port_in_use_is_refused_with_a_remedy() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = check_free(port).unwrap_err();
        assert!(error.to_string().contains("choose another with --port"), "{error}");
        drop(listener);
        check_free(port).unwrap();
    }

    #[test]
    fn only_a_200_means_ready() {
        let answers = |status: &'static str| {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = thread::spawn(move || {
                let mut request = [0; 256];
                // Another program may just have given the port up, and its clients may still call it.
                let (mut stream, read) = loop {
                    let (mut stream, _) = listener.accept().unwrap();
                    match stream.read(&mut request) {
                        Ok(read) if read > 0 => break (stream, read),
                        _ => {}
                    }
                };
                assert!(request[..read].starts_with(b"GET /livez HTTP/1.1\r\n"));
                // In one write: the client closes as soon as it has the status.
                let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(response.as_bytes()).unwrap();
            });
            let live = is_live(port);
            server.join().unwrap();
            live
        };
        assert!(answers("200 OK"));
        assert!(!answers("503 Service Unavailable"));
    }
}
