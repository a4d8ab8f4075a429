//! The caller's address, as the journal keeps it: a keyed hash that tells callers apart and names none.
//!
//! The key is in the same database (table `secrets`). A copy of the journal alone names nobody. A person who has the whole
//! database can try out addresses, until `trainer logs rotate-client-key` replaces the key.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, SocketAddr};

use hmac::{Hmac, Mac};
use http::HeaderMap;
use sha2::Sha256;

use api::hex::hexadecimal;

use crate::database::Database;
use crate::host::Host;
use crate::store::Store;

/// How much of the hash is kept: enough that no two of any number of callers share one.
const KEPT_BYTES: usize = 16;

/// How long to wait after a key could not be read before it is tried again.
const RETRY_AFTER_US: u64 = 2_000_000;

/// Hashes addresses by a key that is read from the database once an instance.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    key: RefCell<Option<Vec<u8>>>,
    failed_at_us: Cell<Option<u64>>,
}

impl Clients {
    /// HMAC-SHA256 of the address a request comes from, its first 16 bytes in hexadecimal digits; `None` where the host
    /// does not say it or the key cannot be read.
    pub(crate) async fn hash<D: Database>(
        &self,
        headers: &HeaderMap,
        store: &Store<D>,
        host: &impl Host,
    ) -> Option<String> {
        let address = address(headers)?;
        if self.key.borrow().is_none() {
            self.read(store, host.monotonic_us()).await;
        }
        self.key.borrow().as_deref().and_then(|key| keyed(key, address))
    }

    /// Requests that come while the key is read read it too, which is cheaper than to have them wait.
    async fn read<D: Database>(&self, store: &Store<D>, now_us: u64) {
        let failed = self.failed_at_us.get();
        if failed.is_some_and(|at| now_us.saturating_sub(at) < RETRY_AFTER_US) {
            return;
        }
        match store.client_key().await {
            Ok(Some(key)) if !key.is_empty() => {
                self.key.replace(Some(key));
            }
            _ => self.failed_at_us.set(Some(now_us)),
        }
    }
}

/// The address a request comes from, as the host says it. edge-host replaces what a caller sends under this name; Spin
/// puts its own behind it, so the last one is to be believed. Behind a proxy it is the proxy's.
fn address(headers: &HeaderMap) -> Option<IpAddr> {
    let text = headers.get_all("spin-client-addr").iter().next_back()?.to_str().ok()?;
    let address = text.parse::<SocketAddr>().map(|address| address.ip());
    Some(address.or_else(|_| text.parse::<IpAddr>()).ok()?.to_canonical())
}

fn keyed(key: &[u8], address: IpAddr) -> Option<String> {
    let mut hash = Hmac::<Sha256>::new_from_slice(key).ok()?;
    hash.update(address.to_string().as_bytes());
    hash.finalize().into_bytes().get(..KEPT_BYTES).map(hexadecimal)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_last_address_is_the_hosts() {
        let check = |sent: &[&'static str], expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append("spin-client-addr", HeaderValue::from_static(value));
            }
            let expected = expected.map(|text| text.parse::<IpAddr>().unwrap());
            assert_eq!(address(&headers), expected, "{sent:?}");
        };
        check(&["203.0.113.7:4711"], Some("203.0.113.7"));
        check(&["9.9.9.9:1", "203.0.113.7:4711"], Some("203.0.113.7"));
        check(&["[2001:db8::1]:443"], Some("2001:db8::1"));
        check(&["[::ffff:203.0.113.7]:443"], Some("203.0.113.7"));
        check(&["203.0.113.7"], Some("203.0.113.7"));
        check(&["9.9.9.9:1", "nonsense"], None);
        check(&[], None);
    }

    #[test]
    fn the_hash_is_hmac_sha256() {
        // printf %s 203.0.113.7 | openssl dgst -sha256 -hmac key
        let hash = keyed(b"key", "203.0.113.7".parse().unwrap());
        assert_eq!(hash.as_deref(), Some("df9ac6d8766d37aa28f482625dcd1e3c"));
    }
}
