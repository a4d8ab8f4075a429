//! A libsql server that stops, comes back, is slow, hangs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use acceptance::{Loupe, Sqld};

use crate::load::{
    Exchange, JOURNAL, Journal, Load, ask_once, check_answers, check_journal, journal_of, prices,
    wait_until_journaled,
};

fn serve(url: &str, folder: &std::path::Path) -> Loupe {
    Loupe::start_in(folder, &["--variable", &format!("libsql_url={url}")])
}

fn journal(server: &Sqld) -> Journal {
    let whole = |mut row: Vec<serde_json::Value>| {
        row[1] = row[1].as_str().unwrap().parse::<u64>().unwrap().into();
        row
    };
    journal_of(server.rows(JOURNAL).into_iter().map(whole).collect())
}

fn dead_letters(exchanges: &[Exchange]) -> usize {
    exchanges.iter().filter(|exchange| exchange.is_dead_letter()).count()
}

#[test]
fn a_server_that_stops_and_comes_back_loses_no_record() {
    let [data, folder] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let server = Sqld::seeded(data.path());
    let loupe = serve(&server.url(), folder.path());
    let prices = prices(&loupe);
    let load = Load::start(&loupe, 8, Duration::from_millis(20));
    std::thread::sleep(Duration::from_millis(500));
    let server = server.restart(data.path(), || std::thread::sleep(Duration::from_secs(3)));
    wait_until_journaled(&loupe);
    std::thread::sleep(Duration::from_millis(300));
    let exchanges = load.stop();
    let afterwards = ask_once(&loupe);

    let count = dead_letters(&exchanges);
    assert!(count > 50 && count < exchanges.len(), "{count} of {}", exchanges.len());
    assert_eq!(dead_letters(&afterwards), 0);
    let longest = exchanges.iter().map(|exchange| exchange.answer.took).max().unwrap();
    println!("{} answers, {count} dead letters, longest {longest:?}", exchanges.len());
    assert!(longest < Duration::from_secs(5), "{longest:?}");
    let lines = loupe.dead_letters(count);
    check_answers(&exchanges, &prices, false);
    check_answers(&afterwards, &prices, true);
    // A record may be in both where the server took it and was killed before it said so: reading it back adds nothing.
    let mut journal = journal(&server);
    for exchange in exchanges.iter().filter(|exchange| exchange.is_dead_letter()) {
        journal.remove(exchange.answer.id());
    }
    check_journal(&exchanges, journal.clone(), &lines);
    check_journal(&afterwards, journal, &lines);
}

#[test]
fn a_slow_server_only_makes_responses_slow() {
    let [data, folder] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let server = Sqld::seeded(data.path());
    let proxy = Proxy::to(server.address());
    let loupe = serve(&proxy.url(), folder.path());
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
    check_journal(&exchanges, journal(&server), &[]);
}

#[test]
fn requests_to_a_hanging_server_time_out() {
    let [data, folder] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let server = Sqld::seeded(data.path());
    let proxy = Proxy::to(server.address());
    let loupe = serve(&proxy.url(), folder.path());
    let prices = prices(&loupe);
    proxy.delay(HANGS);
    let load = Load::start(&loupe, 4, Duration::from_millis(20));
    std::thread::sleep(Duration::from_secs(10));
    let exchanges = load.stop();
    proxy.delay(0);
    wait_until_journaled(&loupe);
    let afterwards = ask_once(&loupe);

    let mut took: Vec<Duration> = exchanges.iter().map(|exchange| exchange.answer.took).collect();
    took.sort_unstable();
    let (median, longest) = (took[took.len() / 2], took[took.len() - 1]);
    println!("{} answers: median {median:?}, longest {longest:?}", took.len());
    // A look at the registry and a commit, five seconds each at first and one later; the rest is for a busy machine.
    assert!(longest < Duration::from_secs(18), "{longest:?}");
    assert_eq!(dead_letters(&exchanges), exchanges.len());
    assert_eq!(dead_letters(&afterwards), 0);
    check_answers(&exchanges, &prices, false);
    check_answers(&afterwards, &prices, true);
    let lines = loupe.dead_letters(exchanges.len());
    let mut journal = journal(&server);
    // What the server was told before its answers stayed away may be there as well.
    for exchange in &exchanges {
        journal.remove(exchange.answer.id());
    }
    check_journal(&exchanges, journal.clone(), &lines);
    check_journal(&afterwards, journal, &lines);
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
