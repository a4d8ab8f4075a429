//! A libsql server that stops, restarts, is slow or hangs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use acceptance::{Loupe, Sqld};

use crate::load::{
    Exchange, JOURNAL, Journal, Load, Prices, ask_once, check_answers, check_journal, dead_letters,
    journal_of, prices, times, wait_until_journaled,
};

fn serve(url: &str) -> Loupe {
    Loupe::start_with(&["--variable", &format!("libsql_url={url}")])
}

fn journal(server: &Sqld) -> Journal {
    let whole = |mut row: Vec<serde_json::Value>| {
        row[1] = row[1].as_str().unwrap().parse::<u64>().unwrap().into();
        row
    };
    journal_of(server.rows(JOURNAL).into_iter().map(whole).collect())
}

/// Checks everything during and after a fault of the server. A record may be in the journal although its response says that it
/// is on standard error, if the server committed it and did not respond; recovering it adds nothing.
fn check(server: &Sqld, loupe: &Loupe, prices: &Prices, [during, afterwards]: [&[Exchange]; 2]) {
    assert_eq!(dead_letters(afterwards), 0);
    check_answers(during, prices, false);
    check_answers(afterwards, prices, true);
    let mut journal = journal(server);
    for exchange in during.iter().filter(|exchange| exchange.is_dead_letter()) {
        journal.remove(exchange.answer.id());
    }
    check_journal(loupe, during, journal.clone());
    check_journal(loupe, afterwards, journal);
}

#[test]
fn a_server_that_restarts_loses_no_record() {
    let mut server = Sqld::seeded();
    let loupe = serve(&server.url());
    let prices = prices(&loupe);
    let load = Load::start(&loupe, 8, Duration::from_millis(20));
    std::thread::sleep(Duration::from_millis(500));
    server.restart(|| std::thread::sleep(Duration::from_secs(3)));
    wait_until_journaled(&loupe);
    std::thread::sleep(Duration::from_millis(300));
    let exchanges = load.stop();
    let afterwards = ask_once(&loupe);

    let count = dead_letters(&exchanges);
    assert!(count > 50 && count < exchanges.len(), "{count} of {}", exchanges.len());
    let (_, longest) = times(&exchanges);
    assert!(longest < Duration::from_secs(5), "{longest:?}");
    check(&server, &loupe, &prices, [&exchanges, &afterwards]);
}

#[test]
fn a_slow_server_only_makes_responses_slow() {
    let server = Sqld::seeded();
    let proxy = Proxy::to(server.address());
    let loupe = serve(&proxy.url());
    let prices = prices(&loupe);
    proxy.delay(300);
    let load = Load::start(&loupe, 8, Duration::from_millis(20));
    std::thread::sleep(Duration::from_secs(5));
    let exchanges = load.stop();
    proxy.delay(0);
    println!("{} answers in five seconds", exchanges.len());
    assert!(exchanges.len() >= 8, "not every caller was answered");
    assert_eq!(dead_letters(&exchanges), 0);
    check_answers(&exchanges, &prices, true);
    check_journal(&loupe, &exchanges, journal(&server));
}

#[test]
fn requests_to_a_hanging_server_time_out() {
    let server = Sqld::seeded();
    let proxy = Proxy::to(server.address());
    let loupe = serve(&proxy.url());
    let prices = prices(&loupe);
    proxy.delay(HANGS);
    let load = Load::start(&loupe, 4, Duration::from_millis(20));
    std::thread::sleep(Duration::from_secs(10));
    let exchanges = load.stop();
    proxy.delay(0);
    wait_until_journaled(&loupe);
    let afterwards = ask_once(&loupe);

    let (_, longest) = times(&exchanges);
    // A check of the registry and a commit take five seconds each at first and one later; the rest is for a busy machine.
    assert!(longest < Duration::from_secs(18), "{longest:?}");
    assert_eq!(dead_letters(&exchanges), exchanges.len());
    check(&server, &loupe, &prices, [&exchanges, &afterwards]);
}

/// A delay that means no response at all.
const HANGS: u64 = u64::MAX;

/// A TCP proxy to a server that can delay its responses.
struct Proxy {
    address: String,
    delay_ms: Arc<AtomicU64>,
}

impl Proxy {
    fn to(server: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (server, delay_ms) = (server.to_owned(), Arc::new(AtomicU64::new(0)));
        let delay = Arc::clone(&delay_ms);
        std::thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                let (back, forth) = (caller.try_clone().unwrap(), server.try_clone().unwrap());
                let delay = Arc::clone(&delay);
                std::thread::spawn(move || copy(caller, forth, &AtomicU64::new(0)));
                std::thread::spawn(move || copy(server, back, &delay));
            }
        });
        Proxy { address, delay_ms }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn delay(&self, milliseconds: u64) {
        self.delay_ms.store(milliseconds, Ordering::Relaxed);
    }
}

/// Copies bytes until one end is closed.
fn copy(mut from: TcpStream, mut to: TcpStream, delay_ms: &AtomicU64) {
    let mut piece = [0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        while delay_ms.load(Ordering::Relaxed) == HANGS {
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(delay_ms.load(Ordering::Relaxed)));
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
