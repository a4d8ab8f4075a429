//! The JSON of Hrana over HTTP, version 2: one statement's pipeline, and the rows of its answer.
//!
//! <https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_2_SPEC.md>

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};

use crate::database::{Row, Value};

/// Servers leave the padding out and take both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The body of a request: runs one statement on a stream of its own and closes the stream.
pub(super) fn request(sql: &str, parameters: Vec<Value>) -> Result<Vec<u8>, String> {
    let args = parameters.into_iter().map(Cell::try_from).collect::<Result<_, _>>()?;
    let execute = Request::Execute { stmt: Statement { sql, args, want_rows: true } };
    serde_json::to_vec(&Pipeline { requests: [execute, Request::Close] })
        .map_err(|error| error.to_string())
}

/// The rows of the statement, or why there are none.
pub(super) fn rows(answer: &[u8]) -> Result<Vec<Row>, String> {
    let answer: PipelineResponse = serde_json::from_slice(answer)
        .map_err(|error| format!("its answer is not one of a libsql server: {error}"))?;
    match answer.results.into_iter().next() {
        Some(StepResult { error: Some(refusal), .. }) => Err(match refusal.code {
            Some(code) => format!("{} ({code})", refusal.message),
            None => refusal.message,
        }),
        Some(StepResult { response: Some(Response { result: Some(result) }), .. }) => {
            let row = |cells: Vec<Cell>| cells.into_iter().map(Value::try_from).collect();
            result.rows.into_iter().map(row).collect()
        }
        _ => Err("its answer says nothing of the statement".into()),
    }
}

#[derive(Serialize)]
struct Pipeline<'a> {
    requests: [Request<'a>; 2],
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Request<'a> {
    Execute { stmt: Statement<'a> },
    Close,
}

#[derive(Serialize)]
struct Statement<'a> {
    sql: &'a str,
    args: Vec<Cell>,
    want_rows: bool,
}

#[derive(Deserialize)]
struct PipelineResponse {
    results: Vec<StepResult>,
}

#[derive(Deserialize)]
struct StepResult {
    response: Option<Response>,
    error: Option<StepError>,
}

#[derive(Deserialize)]
struct Response {
    result: Option<ResultSet>,
}

#[derive(Deserialize)]
struct ResultSet {
    rows: Vec<Vec<Cell>>,
}

#[derive(Deserialize)]
struct StepError {
    message: String,
    code: Option<String>,
}

/// A value of SQLite. Integers are texts, for JSON's numbers end at 53 bits in many languages.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Cell {
    Null,
    Integer {
        value: String,
    },
    /// A server writes `null` for what is no number in JSON, such as infinity.
    Float {
        value: Option<f64>,
    },
    Text {
        value: String,
    },
    Blob {
        base64: String,
    },
}

impl TryFrom<Value> for Cell {
    type Error = String;

    fn try_from(value: Value) -> Result<Cell, String> {
        Ok(match value {
            Value::Null => Cell::Null,
            Value::Integer(integer) => Cell::Integer { value: integer.to_string() },
            Value::Real(real) if real.is_finite() => Cell::Float { value: Some(real) },
            Value::Real(real) => {
                return Err(format!("{real} cannot be sent; only finite numbers can"));
            }
            Value::Text(value) => Cell::Text { value },
            Value::Blob(bytes) => Cell::Blob { base64: BASE64.encode(bytes) },
        })
    }
}

impl TryFrom<Cell> for Value {
    type Error = String;

    fn try_from(cell: Cell) -> Result<Value, String> {
        Ok(match cell {
            Cell::Null => Value::Null,
            Cell::Integer { value } => Value::Integer(
                value.parse().map_err(|_| format!("its integer {value:?} is none of 64 bits"))?,
            ),
            Cell::Float { value: Some(real) } => Value::Real(real),
            Cell::Float { value: None } => {
                return Err("a column holds a number that is not finite".into());
            }
            Cell::Text { value } => Value::Text(value),
            Cell::Blob { base64 } => Value::Blob(
                BASE64
                    .decode(base64)
                    .map_err(|error| format!("its blob is not base64: {error}"))?,
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn answer(cell: &Json) -> Result<Vec<Row>, String> {
        let result =
            json!({ "cols": [{ "name": "v" }], "rows": [[cell]], "affected_row_count": 0 });
        let answer = json!({ "baton": null, "base_url": null, "results": [
            { "type": "ok", "response": { "type": "execute", "result": result } },
            { "type": "ok", "response": { "type": "close" } },
        ] });
        rows(answer.to_string().as_bytes())
    }

    /// The value goes out as this text and comes back from it.
    fn check(value: &Value, sent: &str) {
        let body = String::from_utf8(request("?", vec![value.clone()]).unwrap()).unwrap();
        assert!(body.contains(&format!("\"args\":[{sent}]")), "{value:?} went out as {body}");
        let cell = serde_json::from_str(sent).unwrap();
        assert_eq!(answer(&cell).unwrap(), [[value.clone()]]);
    }

    #[test]
    fn values_go_out_and_come_back_as_they_were() {
        check(&Value::Null, r#"{"type":"null"}"#);
        for integer in [0, i64::MIN, i64::MAX] {
            check(
                &Value::Integer(integer),
                &format!(r#"{{"type":"integer","value":"{integer}"}}"#),
            );
        }
        check(&Value::Real(1.0), r#"{"type":"float","value":1.0}"#);
        check(&Value::Real(0.1 + 0.2), r#"{"type":"float","value":0.30000000000000004}"#);
        check(
            &Value::Real(f64::MIN_POSITIVE),
            r#"{"type":"float","value":2.2250738585072014e-308}"#,
        );
        check(&Value::Text("\"é\n🪨".into()), r#"{"type":"text","value":"\"é\n🪨"}"#);
        check(&Value::Blob(vec![0, 255, 0, 255]), r#"{"type":"blob","base64":"AP8A/w"}"#);
        check(&Value::Blob(Vec::new()), r#"{"type":"blob","base64":""}"#);
    }

    #[test]
    fn what_other_servers_may_write_is_read_too() {
        assert_eq!(
            answer(&json!({ "type": "float", "value": 1 })),
            Ok(vec![vec![Value::Real(1.0)]])
        );
        let padded = json!({ "type": "blob", "base64": "AP8A/w==" });
        assert_eq!(answer(&padded), Ok(vec![vec![Value::Blob(vec![0, 255, 0, 255])]]));
    }

    #[test]
    fn what_cannot_be_is_an_error_that_shows_it() {
        for (cell, expected) in [
            (
                json!({ "type": "integer", "value": "9223372036854775808" }),
                "\"9223372036854775808\" is none of 64 bits",
            ),
            (json!({ "type": "float", "value": null }), "not finite"),
            (json!({ "type": "blob", "base64": "?" }), "not base64"),
            (json!({ "type": "date", "value": "today" }), "unknown variant `date`"),
        ] {
            let error = answer(&cell).unwrap_err();
            assert!(error.contains(expected), "{cell}: {error}");
        }
        for real in [f64::NAN, f64::INFINITY] {
            assert!(
                request("?", vec![Value::Real(real)]).unwrap_err().contains("only finite numbers")
            );
        }
    }
}
