//! An HTTP client with one connection, which times one request after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::request::Request;

/// Longer than any measured answer takes.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A connection that stays open.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    address: String,
}

impl Client {
    pub(crate) fn connect(address: &str) -> Result<Client> {
        let stream = TcpStream::connect(address)
            .with_context(|| format!("http://{address} cannot be reached"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Client { stream: BufReader::new(stream), address: address.to_owned() })
    }

    /// Sends a request and waits for the whole response, which must be a 200. Returns how long that took.
    pub(crate) fn send(&mut self, request: &Request) -> Result<Duration> {
        let bytes = request.to_bytes(&self.address);
        let began = Instant::now();
        self.stream.get_mut().write_all(&bytes)?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.trim_end().to_owned();
        let mut length = 0;
        loop {
            line.clear();
            ensure!(self.stream.read_line(&mut line)? > 0, "{request}: the response ends early");
            let field = line.trim_end();
            if field.is_empty() {
                break;
            }
            if let Some(("content-length", value)) =
                field.split_once(':').map(|(name, value)| (name, value.trim()))
            {
                length = value.parse().with_context(|| field.to_owned())?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let took = began.elapsed();
        ensure!(
            status == "HTTP/1.1 200 OK",
            "{request}: {status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(took)
    }
}
