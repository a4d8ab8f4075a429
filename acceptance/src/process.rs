//! A server's process, which can be restarted.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::concurrent::wait_for;

/// How long a server may take to be ready on a busy machine that compiles its component first.
const START_TIMEOUT: Duration = Duration::from_secs(300);

type Lines = Arc<Mutex<Vec<String>>>;

/// A process that is killed when it is dropped.
#[derive(Debug)]
pub struct Process {
    command: Command,
    child: Child,
    readers: Vec<JoinHandle<()>>,
    stdout: Lines,
    stderr: Lines,
    /// The lines of standard error that earlier processes wrote.
    earlier: usize,
}

impl Process {
    /// Starts a process and keeps what it writes.
    pub fn start(mut command: Command) -> Process {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = spawn(&mut command);
        let (readers, stdout, stderr) = Default::default();
        let mut process = Process { command, child, readers, stdout, stderr, earlier: 0 };
        process.read();
        process
    }

    /// Kills the process and starts another. What they write is kept together.
    pub fn restart(&mut self) {
        self.kill();
        self.earlier = self.stderr().len();
        self.child = spawn(&mut self.command);
        self.read();
    }

    /// Waits until a server is ready, which `find` tells.
    pub fn wait_until_ready<T>(&mut self, find: impl Fn(&Process) -> Option<T>) -> T {
        wait_for("the server is ready", START_TIMEOUT, || {
            let ended = self.child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the server has ended: {:?}", self.stderr());
            find(self)
        })
    }

    /// Waits until edge-host listens, and returns its host and port.
    pub fn wait_for_address(&mut self) -> String {
        self.wait_until_ready(|process| {
            let lines = process.stderr().split_off(process.earlier);
            lines.iter().find_map(|line| line.strip_prefix("listening http://").map(str::to_owned))
        })
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The lines of standard output so far.
    pub fn stdout(&self) -> Vec<String> {
        self.stdout.lock().expect("no thread panics while holding it").clone()
    }

    /// The lines of standard error so far.
    pub fn stderr(&self) -> Vec<String> {
        self.stderr.lock().expect("no thread panics while holding it").clone()
    }

    /// Kills the process.
    pub fn kill(&mut self) {
        self.child.kill().expect("a process can be killed");
        self.wait();
    }

    /// Sends SIGTERM, unless the process has ended.
    pub fn terminate(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let id = self.child.id().to_string();
            let status = Command::new("kill").args(["-TERM", &id]).status();
            assert!(status.is_ok_and(|status| status.success()), "{id} cannot be terminated");
        }
    }

    /// Waits until the process has ended and all that it wrote has been read.
    pub fn wait(&mut self) -> ExitStatus {
        let status = self.child.wait().expect("a child can be waited for");
        for reader in self.readers.drain(..) {
            reader.join().expect("a reader");
        }
        status
    }

    fn read(&mut self) {
        let stdout = self.child.stdout.take().expect("stdout is piped");
        let stderr = self.child.stderr.take().expect("stderr is piped");
        self.readers = vec![gather(stdout, &self.stdout), gather(stderr, &self.stderr)];
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            for line in self.stderr() {
                eprintln!("{:?}: {line:.300}", self.command.get_program());
            }
        }
    }
}

fn spawn(command: &mut Command) -> Child {
    let program = command.get_program().to_owned();
    command.spawn().unwrap_or_else(|error| panic!("{program:?} does not start: {error}"))
}

/// Reads the lines of a stream in a new thread, because the pipe must not fill up.
fn gather(stream: impl Read + Send + 'static, lines: &Lines) -> JoinHandle<()> {
    let lines = Arc::clone(lines);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            lines.lock().expect("no thread panics while holding it").push(line);
        }
    })
}
