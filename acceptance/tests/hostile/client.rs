//! Sends raw bytes and reads the responses until all expected ones have arrived.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// One response as it was received.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn body_text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("answers are UTF-8")
    }
}

/// Sends bytes over a new connection and reads one response for each request, or fewer if the server closes it.
pub(crate) fn send_raw(address: &str, bytes: &[u8], requests: usize) -> Vec<Answer> {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_nodelay(true).expect("a TCP option");
    // A server that hangs fails the test instead of hanging it.
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a TCP option");
    // A server may respond and close before it has read everything.
    let _ = stream.write_all(bytes);
    let is_head = bytes.starts_with(b"HEAD ");
    let (mut received, mut answers) = (Vec::new(), Vec::new());
    let mut piece = vec![0; 1 << 16];
    // If no response is expected, wait for one or for the end of the connection.
    while answers.len() < requests.max(1) {
        if let Some((answer, length)) = first(&received, is_head) {
            received.drain(..length);
            answers.push(answer);
            continue;
        }
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => received.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&received)),
        }
    }
    answers
}

/// The first complete response in the received bytes, and its length.
fn first(received: &[u8], is_head: bool) -> Option<(Answer, usize)> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(head_bytes) = head.parse(received).expect("an answer is HTTP")
    else {
        return None;
    };
    let status = head.code.expect("an answer has a status");
    let fields: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|field| {
            let value = std::str::from_utf8(field.value).expect("fields are text");
            (field.name.to_ascii_lowercase(), value.to_owned())
        })
        .collect();
    let length = fields.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().expect("a length is a number"));
    let length = if is_head { 0 } else { length };
    let body = received.get(head_bytes..head_bytes + length)?.to_vec();
    Some((Answer { status, fields, body }, head_bytes + length))
}
