//! Replays the inputs that fuzzing found worth keeping: the same checks as in the fuzz targets of `fuzz/`, without a fuzzer.

#[path = "../../../fuzz/replay.rs"]
mod corpus;

#[path = "properties/stub.rs"]
mod stub;

#[path = "properties/exchange.rs"]
mod exchange;

#[test]
fn any_json_body_gets_one_whole_answer() {
    corpus::replay("http_json", exchange::json);
}

#[test]
fn any_query_gets_one_whole_answer() {
    corpus::replay("http_query", exchange::query);
}

#[test]
fn any_csv_gets_one_whole_answer() {
    corpus::replay("http_csv", exchange::csv);
}
