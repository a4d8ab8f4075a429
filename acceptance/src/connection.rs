//! A keep-alive connection that sends exactly the given bytes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// One connection to a server.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
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
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The id of the exchange.
    #[must_use]
    pub fn id(&self) -> &str {
        self.header("x-request-id").expect("every response carries x-request-id")
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Connection {
    /// Opens a connection to a host and port.
    ///
    /// # Panics
    ///
    /// If nothing listens there.
    #[must_use]
    pub fn open(address: &str) -> Connection {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a TCP option");
        // A server that hangs fails the test instead of hanging it.
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a TCP option");
        Connection { stream }
    }

    /// Sends a GET.
    pub fn get(&mut self, target: &str) -> Answer {
        self.send(format!("GET {target} HTTP/1.1\r\nhost: loupe\r\n\r\n"))
    }

    /// Sends a POST with a JSON body.
    pub fn post(&mut self, target: &str, body: &str) -> Answer {
        let length = body.len();
        self.send(format!(
            "POST {target} HTTP/1.1\r\nhost: loupe\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
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
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<Answer> {
        let bytes = bytes.as_ref();
        let began = Instant::now();
        self.stream.write_all(bytes)?;
        let answer = self.read_answer(bytes.starts_with(b"HEAD "))?;
        Ok(Answer { took: began.elapsed(), ..answer })
    }

    /// Sends as many raw bytes as the server accepts, and reads the response.
    pub fn send_partially(&mut self, bytes: &[u8]) -> Answer {
        // A server may close its end early; the rest cannot be sent then.
        let _ = self.stream.write_all(bytes);
        self.read_answer(false).expect("the server answers")
    }

    fn read_answer(&mut self, is_head: bool) -> std::io::Result<Answer> {
        let mut received = Vec::new();
        let mut piece = [0; 1 << 16];
        let mut pieces = 0;
        loop {
            let count = self.stream.read(&mut piece)?;
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            pieces += 1;
            received.extend_from_slice(&piece[..count]);
            let mut fields = [httparse::EMPTY_HEADER; 64];
            let mut head = httparse::Response::new(&mut fields);
            let Ok(httparse::Status::Complete(head_bytes)) = head.parse(&received) else {
                continue;
            };
            let headers: Vec<(String, String)> = head
                .headers
                .iter()
                .map(|field| {
                    (
                        field.name.to_ascii_lowercase(),
                        String::from_utf8_lossy(field.value).into_owned(),
                    )
                })
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length =
                length.map(|(_, value)| value.parse().expect("a content-length is a number"));
            let body_bytes: usize =
                if is_head { 0 } else { length.expect("content-length is always there") };
            if received.len() < head_bytes + body_bytes {
                continue;
            }
            let status = head.code.expect("a parsed response has a status");
            let body = received[head_bytes..].to_vec();
            return Ok(Answer {
                status,
                headers,
                body,
                took: Duration::ZERO,
                in_one_piece: pieces == 1,
            });
        }
    }
}
