//! Head and body of a response leave in one TCP segment, even without `TCP_NODELAY`, which Spin does not set.

use acceptance::{Connection, Loupe, STONE, head, post};

const ROUNDS: usize = 50;

fn check(connection: &mut Connection, bytes: &[u8]) {
    connection.send(bytes);
    let together = (0..ROUNDS).filter(|_| connection.send(bytes).in_one_piece).count();
    // A body whose write starts after the head has left is late every time: 0 of 50. On a busy machine the server's
    // flush now and then is faster than its own read of a ready body: 43 of 50 was seen while two compilers ran.
    let bytes = String::from_utf8_lossy(bytes);
    assert!(together > ROUNDS / 2, "{together} of {ROUNDS} answers arrived in one piece: {bytes}");
}

#[test]
fn responses_leave_in_one_segment_without_nodelay() {
    let loupe = Loupe::start_with(&["--no-nodelay"]);
    let mut connection = loupe.connect();
    check(&mut connection, &post("/v1/predict", STONE));
    for target in ["/livez", "/v1/similar?carat=0.7&cut=Ideal&color=G&clarity=VS1&n=5", "/nope"] {
        check(&mut connection, head(&format!("GET {target}"), "").as_bytes());
    }
}
