//! A keep-alive connection that sends exactly the given bytes.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// One connection to a server.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What has been received of the next response.
    received: Vec<u8>,
    /// Whether the last request was a HEAD, whose response has no body.
    is_head: bool,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// From the first byte sent to the last received.
    pub took: Duration,
    /// Whether head and body arrived together.
    pub in_one_piece: bool,
}

impl Answer {
    /// A header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The id of the exchange.
    pub fn id(&self) -> &str {
        self.header("x-request-id").expect("every response carries x-request-id")
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// The body as JSON.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The head of a request, such as `GET /livez`, with more header fields, each ended by CR LF.
pub fn head(line: &str, fields: &str) -> String {
    format!("{line} HTTP/1.1\r\nhost: loupe\r\n{fields}\r\n")
}

/// A request with a body and its length.
pub fn request(line: &str, fields: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let fields = format!("content-length: {}\r\n{fields}", body.len());
    [head(line, &fields).as_bytes(), body].concat()
}

/// A POST of JSON.
pub fn post(target: &str, body: &str) -> Vec<u8> {
    request(&format!("POST {target}"), "content-type: application/json\r\n", body)
}

impl Connection {
    /// Opens a connection to a host and port.
    pub fn open(address: &str) -> Connection {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a TCP option");
        // A server that hangs fails the test instead of hanging it.
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a TCP option");
        Connection { stream, received: Vec::new(), is_head: false }
    }

    /// Sends a GET.
    pub fn get(&mut self, target: &str) -> Answer {
        self.send(head(&format!("GET {target}"), ""))
    }

    /// Sends a POST with a JSON body.
    pub fn post(&mut self, target: &str, body: &str) -> Answer {
        self.send(post(target, body))
    }

    /// Sends raw bytes and reads one response.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> Answer {
        self.try_send(bytes).expect("the server answers")
    }

    /// Sends raw bytes to a server that may be killed, and reads one response.
    ///
    /// # Errors
    ///
    /// A connection that breaks before the response is complete.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<Answer> {
        let bytes = bytes.as_ref();
        let began = Instant::now();
        self.write(bytes)?;
        let answer = self.read()?;
        assert!(answer.header("content-length").is_some(), "content-length is always there");
        Ok(Answer { took: began.elapsed(), ..answer })
    }

    /// Sends raw bytes.
    ///
    /// # Errors
    ///
    /// A connection that the server has closed.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.is_head = bytes.starts_with(b"HEAD ");
        self.stream.write_all(bytes)
    }

    /// Reads one response.
    ///
    /// # Errors
    ///
    /// A connection that breaks before the response is complete.
    pub fn read(&mut self) -> io::Result<Answer> {
        let mut piece = [0; 1 << 16];
        let mut pieces = 0;
        loop {
            if let Some((answer, length)) = parse(&self.received, self.is_head) {
                self.received.drain(..length);
                return Ok(Answer { in_one_piece: pieces == 1, ..answer });
            }
            let count = self.stream.read(&mut piece)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            pieces += 1;
            self.received.extend_from_slice(&piece[..count]);
        }
    }
}

/// The first response in the received bytes and its length, if it is complete.
fn parse(received: &[u8], is_head: bool) -> Option<(Answer, usize)> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut fields);
    let parsed = head.parse(received).expect("a response is HTTP");
    let httparse::Status::Complete(head_bytes) = parsed else { return None };
    let headers = head.headers.iter().map(|field| {
        let value = std::str::from_utf8(field.value).expect("fields are text");
        (field.name.to_ascii_lowercase(), value.to_owned())
    });
    let mut answer = Answer {
        status: head.code.expect("a parsed response has a status"),
        headers: headers.collect(),
        body: Vec::new(),
        took: Duration::ZERO,
        in_one_piece: false,
    };
    let rest = &received[head_bytes..];
    let mut length = 0;
    if answer.header("transfer-encoding").is_some() {
        (answer.body, length) = chunks(rest)?;
    } else if !is_head {
        let value = answer.header("content-length").expect("content-length is always there");
        length = value.parse().expect("a content-length is a number");
        answer.body = rest.get(..length)?.to_vec();
    }
    Some((answer, head_bytes + length))
}

/// The body that is sent as chunks and the length of all of them, if they are complete.
fn chunks(received: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let parsed = httparse::parse_chunk_size(&received[at..]).expect("a chunk has a size");
        let httparse::Status::Complete((start, size)) = parsed else { return None };
        let size = usize::try_from(size).expect("a chunk fits into memory");
        let end = at + start + size;
        // CR LF follows the chunk.
        body.extend_from_slice(received.get(at + start..end + 2)?.get(..size)?);
        at = end + 2;
        if size == 0 {
            return Some((body, at));
        }
    }
}
