use super::*;

const STONE: &str = r#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1"}"#;
const PRICED: &str = r#"{"price":2757.01,"warnings":[{"code":"measures_estimated","message":"not given, so estimated from the weight: x","fields":["x"]}]}"#;

/// A record as the service writes it.
fn record(route: &str, status: u16, media: Option<&str>, request: &str, response: &str) -> Record {
    let side = |media: Option<&str>, body: &str| Content {
        media: media.map(str::to_owned),
        kept: body.to_owned().into(),
        bytes: body.len() as u64,
        sha256: None,
    };
    Record {
        id: String::from("id"),
        received_at: String::from("2026-11-23T17:00:00.000Z"),
        method: String::from("POST"),
        path: route.to_owned(),
        route: Some(route.to_owned().into()),
        status,
        latency_us: 1,
        request: side(media, request),
        response: side(Some("application/json"), response),
        model_id: Some(String::from("model")),
        ..Record::default()
    }
}

/// The carats of the stones and what they were priced at.
fn carats(request: Option<AnsweredRequest>) -> Option<Vec<(usize, f64, Option<f64>)>> {
    let of = |stone: PricedStone| {
        let price = stone.answer.map(|answer| answer.price_usd);
        (stone.place, stone.diamond.carat.carats(), price)
    };
    request.map(|request| request.stones.into_iter().map(of).collect())
}

#[test]
fn every_route_is_read_as_it_is_written() {
    let check = |route: &str,
                 media: Option<&str>,
                 request: &str,
                 response: &str,
                 expected: &[(usize, f64, Option<f64>)]| {
        let mut tally = Tally::default();
        let found = carats(tally.read(record(route, 200, media, request, response)));
        assert_eq!(found.as_deref(), Some(expected), "{request}");
        assert_eq!((tally.priced, tally.stones), (1, expected.len() as u64));
    };
    let json = Some("application/json");
    check("/v1/predict", json, STONE, PRICED, &[(0, 0.7, Some(2757.01))]);
    check("/v1/predict", None, STONE, PRICED, &[(0, 0.7, Some(2757.01))]);
    let marked = format!("\u{feff}{STONE}");
    check("/v1/predict", json, &marked, PRICED, &[(0, 0.7, Some(2757.01))]);
    let batch = "/v1/predict/batch";
    check(
        batch,
        json,
        &format!(r#"{{"diamonds":[{STONE},{{"carat":-1}},7,{STONE}]}}"#),
        &format!(r#"{{"predictions":[{PRICED},{{"error":{{}}}},{{"error":{{}}}},{PRICED}]}}"#),
        &[(0, 0.7, Some(2757.01)), (3, 0.7, Some(2757.01))],
    );
    check(
        batch,
        Some("Text/CSV; charset=utf-8"),
        "cut,carat,clarity,color,shop\nIdeal, 0.5,VS1,d,7\n\"very good\",,VS1,E,\n",
        &format!(r#"{{"predictions":[{PRICED},{{"error":{{}}}}]}}"#),
        &[(0, 0.5, Some(2757.01))],
    );
    let tensors = |datatype: &str, carats: &str| {
        let text = |name: &str, grade: &str| {
            format!(
                r#"{{"name":"{name}","datatype":"BYTES","shape":[2],"data":["{grade}","{grade}"]}}"#
            )
        };
        format!(
            r#"{{"inputs":[{},{},{},{{"name":"carat","datatype":"{datatype}","shape":[2,1],"data":{carats}}}]}}"#,
            text("cut", "Ideal"),
            text("color", "G"),
            text("clarity", "IF")
        )
    };
    let infer = "/v2/models/diamonds/infer";
    check(
        infer,
        json,
        &tensors("FP32", "[[0.699999988079071],[1]]"),
        r#"{"outputs":[{"name":"low","data":[1,2]},{"name":"price","data":[3,4.5]}]}"#,
        &[(0, 0.7, Some(3.0)), (1, 1.0, Some(4.5))],
    );
    check(
        "/v2/models/diamonds/versions/{id}/infer",
        json,
        &tensors("FP64", "[0.25,3]"),
        r#"{"outputs":[{"name":"low","data":[1,2]}]}"#,
        &[(0, 0.25, None), (1, 3.0, None)],
    );
}

#[test]
fn what_cannot_be_used_is_counted_by_why() {
    let check = |change: &dyn Fn(&mut Record), expected: Tally| {
        let mut tally = Tally::default();
        let mut record = record("/v1/predict", 200, None, STONE, PRICED);
        change(&mut record);
        let found = tally.read(record);
        assert_eq!((found.is_some(), tally), (expected.priced == 1, expected));
    };
    let one = Tally { requests: 1, ..Tally::default() };
    let priced = Tally { priced: 1, stones: 1, ..one };
    check(&|_| {}, priced);
    check(&|record| record.status = 400, Tally { refused: 1, ..one });
    check(&|record| record.status = 503, Tally { failed: 1, ..one });
    check(&|record| record.request.bytes += 1, Tally { cut: 1, ..one });
    check(&|record| record.response.bytes += 1, priced);
    check(&|record| record.response.kept = Default::default(), priced);
    check(&|record| record.method = String::from("OPTIONS"), Tally::default());
    check(&|record| record.route = Some("/v1/similar".into()), Tally::default());
    let unreadable = Tally { unreadable: 1, ..one };
    let text = |text: &str| (text.to_owned().into(), text.len() as u64);
    check(&|record| (record.request.kept, record.request.bytes) = text("{"), unreadable);
    check(&|record| (record.request.kept, record.request.bytes) = text("{}"), unreadable);
    check(&|record| (record.response.kept, record.response.bytes) = text("{}"), unreadable);
}

#[test]
fn what_was_refused_is_read_with_its_fields() {
    let check =
        |route: &str, status: u16, request: &str, response: &str, expected: &[&[[&str; 2]]]| {
            let mut tally = Tally::default();
            let mut record = record(route, status, None, request, response);
            // An empty response is one that the journal does not hold.
            record.response.bytes = record.response.bytes.max(1);
            let found = tally.read(record).unwrap();
            let fields = |refusal: &[[&str; 2]]| {
                let field = |[name, value]: &[&str; 2]| WrongField {
                    name: (*name).to_owned(),
                    value: (*value).to_owned(),
                };
                Refusal(refusal.iter().map(field).collect())
            };
            let expected: Vec<Refusal> = expected.iter().map(|refusal| fields(refusal)).collect();
            assert_eq!(found.refusals, expected, "{response}");
            let count = expected.len() as u64;
            let counted = if status == 422 { tally.invalid } else { tally.stones_refused };
            assert_eq!(counted, count, "{tally:?}");
        };
    let color = r#"{"field":"color","message":"is not a known color","value":"K","allowed":"D"}"#;
    let no_carat = r#"{"field":"carat","message":"is required","value":"","allowed":"more"}"#;
    let both = format!(r#"{{"errors":[{color},{no_carat}]}}"#);
    check("/v1/predict", 422, "{}", &both, &[&[["color", "K"], ["carat", ""]]]);
    check("/v1/predict", 422, "{}", "", &[&[]]);
    check(
        "/v1/predict/batch",
        200,
        &format!(r#"{{"diamonds":[{STONE},7,{STONE}]}}"#),
        &format!(
            r#"{{"predictions":[{PRICED},{{"error":{{"errors":[{color}]}}}},{{"error":{both}}}]}}"#
        ),
        &[&[["color", "K"]], &[["color", "K"], ["carat", ""]]],
    );
    // The second diamond is none.
    check("/v1/predict/batch", 200, &format!(r#"{{"diamonds":[{STONE},7]}}"#), "", &[&[]]);
    let rows = color.replace("color\"", "color[3]\"");
    let again = color.replace("color\"", "color[5]\"");
    let infer = "/v2/models/diamonds/infer";
    check(infer, 422, "{}", &format!(r#"{{"errors":[{rows},{again}]}}"#), &[&[["color", "K"]]]);
}

#[test]
fn what_is_left_out_is_said_in_words() {
    let tally = Tally { cut: 2, refused: 3, stones_refused: 1, ..Tally::default() };
    assert_eq!(
        tally.left_out().unwrap(),
        "left out: requests refused by the service: 3; requests whose bodies the journal cut (`journal_bodies`): 2; stones refused within batches: 1"
    );
    assert_eq!(Tally { requests: 5, priced: 5, ..Tally::default() }.left_out(), None);
}
