//! A small HTTP/1.1 client that returns the response as it was received.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any request here; a request that hangs fails the test.
const TIMEOUT: Duration = Duration::from_secs(30);

/// One response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {} {:?}", self.status, self.text()))
    }
}

/// Sends a request with a host and a body over a new connection.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> Reply {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    send_raw(address, &[head.as_bytes(), body].concat(), method == "HEAD")
}

/// Sends raw bytes and reads one response.
pub(crate) fn send_raw(address: SocketAddr, bytes: &[u8], is_head: bool) -> Reply {
    let mut stream = connect(address);
    stream.write_all(bytes).unwrap();
    read(&mut BufReader::new(stream), is_head)
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream
}

fn read(stream: &mut impl BufRead, is_head: bool) -> Reply {
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let first = line();
    let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.unwrap_or_else(|| panic!("not a status line: {first:?}"));
    let headers = std::iter::from_fn(|| {
        let line = line();
        line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
    });
    let mut reply = Reply { status, headers: headers.collect(), body: Vec::new() };
    if is_head {
        stream.read_to_end(&mut reply.body).unwrap();
    } else if let Some(length) =
        reply.header("content-length").and_then(|length| length.parse().ok())
    {
        reply.body = vec![0; length];
        stream.read_exact(&mut reply.body).unwrap();
    } else if reply.header("transfer-encoding").is_some() {
        reply.body = read_chunks(stream);
    }
    reply
}

fn read_chunks(stream: &mut impl BufRead) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        stream.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&chunk[..size]);
    }
}
