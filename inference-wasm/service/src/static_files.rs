//! Serves the web demo's files: `/` and its assets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::Bytes;
use http::Method;

use crate::headers;
use crate::host::Host;
use crate::negotiate::takes_coding;
use crate::request::Request;
use crate::response::{RouteResponse, etag};

/// The methods that files take.
pub(crate) const METHODS: &[Method] = &[Method::GET];

/// The files of the web demo that this instance has read, each with the hash of its content. They do not change while an
/// instance lives, and there are few of them.
#[derive(Debug, Default)]
pub(crate) struct StaticFiles {
    files: RefCell<BTreeMap<String, File>>,
    /// Their compressed copies by the copy's name; `None` if there is no such copy.
    copies: RefCell<BTreeMap<String, Option<File>>>,
}

/// The codings of compressed copies, the smallest first, with the ending of their names. The build makes the copies; a
/// service has no time to.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

#[derive(Debug, Clone)]
struct File {
    body: Bytes,
    etag: Rc<str>,
}

impl StaticFiles {
    /// The file at a request's path, if the web demo has it.
    pub(crate) fn file(&self, request: &Request, host: &impl Host) -> Option<RouteResponse> {
        let path = match request.path.strip_prefix('/')? {
            "" => "index.html",
            path => path,
        };
        if !is_plain(path) {
            return None;
        }
        let media = media_of(path)?;
        let whole = self.read(path, host)?;
        let copy = CODINGS.into_iter().find_map(|(coding, ending)| {
            let copy = takes_coding(request, coding).then(|| self.copy(path, ending, host))??;
            Some((Some(coding), copy))
        });
        let (coding, File { body, etag }) = copy.unwrap_or((None, whole));
        // Vite names assets by their content, so they never change; the page that names them does.
        let is_asset = path.starts_with("assets/");
        let cache = if is_asset { "public, max-age=31536000, immutable" } else { "no-cache" };
        Some(RouteResponse {
            cache,
            etag: Some(etag),
            coding,
            vary: Some("accept-encoding"),
            policy: headers::OWN_FILES,
            ..RouteResponse::of(media, body)
        })
    }

    fn read(&self, path: &str, host: &impl Host) -> Option<File> {
        if let Some(file) = self.files.borrow().get(path) {
            return Some(file.clone());
        }
        let file = File::of(host.file(&format!("web/{path}"))?);
        self.files.borrow_mut().insert(path.to_owned(), file.clone());
        Some(file)
    }

    /// The copy of a file that is there.
    fn copy(&self, path: &str, ending: &str, host: &impl Host) -> Option<File> {
        let name = format!("web/{path}{ending}");
        let mut copies = self.copies.borrow_mut();
        copies.entry(name).or_insert_with_key(|name| host.file(name).map(File::of)).clone()
    }
}

impl File {
    fn of(content: Vec<u8>) -> File {
        let body = Bytes::from(content);
        File { etag: etag(&body), body }
    }
}

/// Only letters, digits, `-`, `_`, `.` and `/`, and no segment that is empty or starts with a dot: nothing that
/// leads out of the folder, and nothing encoded.
fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    path.split('/').all(|segment| {
        !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(plain)
    })
}

/// The type of a file by its ending; a file of another type is not the demo's.
fn media_of(path: &str) -> Option<&'static str> {
    let (_, ending) = path.rsplit_once('.')?;
    Some(match ending {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "loupe" => "application/octet-stream",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let check = |path: &str, expected: bool| assert_eq!(is_plain(path), expected, "{path}");
        check("index.html", true);
        check("assets/index-B4x_9.js", true);
        check("../spin.toml", false);
        check("assets/../../x", false);
        check("assets//x.js", false);
        check(".env", false);
        check("%2e%2e/x", false);
        check("a\\b", false);
        check("a\0b", false);
    }
}
