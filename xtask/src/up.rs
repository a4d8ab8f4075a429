//! `cargo xtask up`: from whatever state the clone is in to a served Loupe.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::host::{self, Host};
use crate::steps::Steps;
use crate::{build, repo, setup};

/// What `trainer` answers where there is no such model.
const NO_SUCH_MODEL: i32 = 4;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The folder for the database, created where missing [default: .spin in the repository]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// What serves [default: spin if Spin 4.1 or newer is on PATH, else embedded]
    #[arg(long, value_enum)]
    host: Option<Host>,
    /// Serve the released model even where no model was trained yet
    #[arg(long)]
    no_train: bool,
}

/// Prepares everything, then serves until interrupted.
pub(crate) fn run(steps: &mut Steps, arguments: &Arguments) -> Result<()> {
    let port = arguments.port;
    check_free(port)?;
    let host = Host::choose(arguments.host)?;
    let data_dir = match &arguments.data_dir {
        Some(folder) => std::path::absolute(folder)?,
        None => repo::at(".spin"),
    };

    setup::run(steps, setup::Purpose::Serve)?;
    build::run(steps)?;
    prepare_database(steps, &data_dir, arguments.no_train)?;

    check_free(port)?;
    let stopped = on_signal()?;
    let began = Instant::now();
    let mut server = Server::start(host.command(port, &data_dir))?;
    while !is_live(port) {
        if stopped.load(Ordering::Relaxed) {
            return server.stop();
        }
        if let Some(status) = server.has_ended()? {
            bail!(
                "step `serve`: the host ended before it was ready ({status}); see its message above"
            );
        }
        if began.elapsed() > Duration::from_secs(120) {
            server.stop()?;
            bail!("step `serve`: http://127.0.0.1:{port}/livez did not answer within two minutes");
        }
        thread::sleep(Duration::from_millis(50));
    }
    eprintln!("{}Ctrl-C stops it", steps.summary());
    println!("ready http://127.0.0.1:{port}");
    io::stdout().flush()?;

    while !stopped.load(Ordering::Relaxed) {
        if let Some(status) = server.has_ended()? {
            bail!("step `serve`: the host ended by itself ({status}); see its message above");
        }
        thread::sleep(Duration::from_millis(100));
    }
    server.stop()
}

/// Migrates, adds the default data set where there are no diamonds, and trains where there is no champion.
fn prepare_database(steps: &mut Steps, data_dir: &std::path::Path, no_train: bool) -> Result<()> {
    let database = host::database(data_dir);
    std::fs::create_dir_all(data_dir)
        .with_context(|| format!("--data-dir {} cannot be created", data_dir.display()))?;
    let trainer = |arguments: &[&str]| {
        let mut command = Command::new(repo::program("trainer"));
        command.current_dir(repo::root()).arg("--db").arg(&database).args(arguments);
        command
    };
    let remedy = "see trainer's message above; `trainer doctor` may know more";
    steps.run("migrate", &mut trainer(&["migrate"]), remedy)?;
    let data = repo::at("data/diamonds.csv");
    if true {
        steps.run("seed", trainer(&["ingest"]).arg(data), remedy)?;
    }
    if !no_train && has_no_champion(trainer(&["show", "champion", "--json"]))? {
        steps.run("train", &mut trainer(&["train"]), remedy)?;
    }
    Ok(())
}

fn has_no_champion(mut show: Command) -> Result<bool> {
    let output = show.stdin(Stdio::null()).output()?;
    match output.status.code() {
        Some(0) => Ok(false),
        Some(NO_SUCH_MODEL) => Ok(true),
        _ => bail!("step `train`: {}", String::from_utf8_lossy(&output.stderr).trim()),
    }
}

fn check_free(port: u16) -> Result<()> {
    TcpListener::bind(("127.0.0.1", port)).map(drop).with_context(|| {
        format!(
            "port {port} cannot be used; stop what listens there, or choose another with --port"
        )
    })
}

/// Whether `/livez` answers 200.
fn is_live(port: u16) -> bool {
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

/// Turns true when the terminal or another process asks for an end.
fn on_signal() -> Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in
        [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP]
    {
        signal_hook::flag::register(signal, Arc::clone(&stopped))?;
    }
    Ok(stopped)
}

/// The host in a process group of its own, so that whatever it starts ends with it.
struct Server {
    child: Child,
}

impl Server {
    fn start(mut command: Command) -> Result<Self> {
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(io::stderr())
            .spawn()
            .with_context(|| {
                format!("step `serve`: {:?} cannot be started", command.get_program())
            })?;
        Ok(Self { child })
    }

    fn has_ended(&mut self) -> Result<Option<std::process::ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks for an end, and insists after ten seconds.
    fn stop(mut self) -> Result<()> {
        self.signal("TERM")?;
        let began = Instant::now();
        while self.has_ended()?.is_none() {
            if began.elapsed() > Duration::from_secs(10) {
                eprintln!("the host does not stop; it is killed");
                self.signal("KILL")?;
                self.child.wait()?;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn signal(&self, name: &str) -> Result<()> {
        let script = format!("kill -{name} -{}", self.child.id());
        Command::new("sh").args(["-c", &script]).status()?;
        Ok(())
    }
}
