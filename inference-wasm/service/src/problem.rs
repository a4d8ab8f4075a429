//! Every error as an RFC 9457 problem: the one place where errors become statuses.

use http::{Method, StatusCode};
use inference::FieldError;
use inference::text::shortened;

use api::field_errors::field_error;
use api::{ErrorItem, ParseError, ProblemBody};

use crate::database::DatabaseError;

/// Why a request failed, for the caller.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Problem {
    /// The body is not what its content type says.
    NotParseable { detail: String },
    /// Well-formed, but these fields are wrong: all of them.
    Invalid { errors: Vec<FieldError> },
    /// The caller sent no key that opens this route.
    Unauthorized,
    /// The body did not arrive in time.
    BodyTimeout { bytes: u64, seconds: u64 },
    /// The path or the query is longer than is read.
    UriTooLong { part: &'static str, bytes: usize, limit: usize },
    /// There are more header fields than are read, or longer ones; `limits` are the largest count and size.
    FieldsTooLarge { count: usize, bytes: usize, limits: [usize; 2] },
    /// No route of this path.
    NoSuchRoute { path: String },
    /// No model of this id.
    NoSuchModel { id: String, why: &'static str },
    /// No row of the journal of this id.
    NoSuchRequest { id: String },
    /// The route does not take this method.
    MethodNotAllowed { method: Method, allowed: &'static [Method] },
    /// The caller accepts nothing that this route makes.
    NotAcceptable { accept: String, offered: &'static str },
    /// The body is longer than is answered.
    TooLarge { bytes: u64, limit: u64 },
    /// The body is of a type that this route does not read.
    UnsupportedMediaType { found: String, readable: &'static [&'static str] },
    /// The body is compressed, or coded in another way.
    UnsupportedContentCoding { found: String },
    /// No model can be served.
    NoModel,
    /// The model gives this stone no price.
    NoPrice { model_id: String },
    /// The model prices, but what explains its prices cannot be had.
    NoExplanation { model_id: String, why: String },
    /// The database cannot be read.
    NoDatabase { why: DatabaseError },
}

impl Problem {
    pub(crate) fn no_such_model(id: &str, why: &'static str) -> Problem {
        Problem::NoSuchModel { id: id.to_owned(), why }
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// A line for the operator's log with facts that the caller does not see, such as the database's own message.
    pub(crate) fn for_the_operator(&self) -> Option<String> {
        match self {
            Problem::NoDatabase { why } => Some(format!("the database cannot be read: {why}")),
            Problem::NoModel => Some("there is neither a champion nor a released model".into()),
            Problem::NoPrice { model_id } => {
                Some(format!("model {model_id} gives a stone no finite price; promote another"))
            }
            Problem::NoExplanation { model_id, why } => {
                Some(format!("the prices of model {model_id} cannot be explained: {why}"))
            }
            _ => None,
        }
    }

    /// The problem as it is written.
    pub(crate) fn body(self, request_id: &str) -> ProblemBody {
        let (status, r#type, title) = self.kind();
        let detail = self.detail();
        ProblemBody {
            r#type,
            title,
            status,
            detail,
            request_id: request_id.to_owned(),
            errors: self.into_errors().into_iter().map(ErrorItem::from).collect(),
            error: None,
        }
    }

    /// The status, the type and the title.
    fn kind(&self) -> (u16, &'static str, &'static str) {
        match self {
            Problem::NotParseable { .. } => (400, "/docs#not-parseable", "The body cannot be read"),
            Problem::Invalid { .. } => (422, "/docs#invalid", "Some fields are wrong"),
            Problem::Unauthorized => (401, "/docs#unauthorized", "A key is needed"),
            Problem::BodyTimeout { .. } => (408, "/docs#late", "The body did not arrive in time"),
            Problem::UriTooLong { .. } => (414, "/docs#uri-too-long", "The address is too long"),
            Problem::FieldsTooLarge { .. } => {
                (431, "/docs#fields-too-large", "The header fields are too many or too long")
            }
            Problem::NoSuchRoute { .. } => (404, "/docs#no-such-route", "There is nothing here"),
            Problem::NoSuchModel { .. } => (404, "/docs#no-such-model", "There is no such model"),
            Problem::NoSuchRequest { .. } => {
                (404, "/docs#no-such-request", "The journal has no such request")
            }
            Problem::MethodNotAllowed { .. } => {
                (405, "/docs#method-not-allowed", "This route does not take this method")
            }
            Problem::NotAcceptable { .. } => {
                (406, "/docs#not-acceptable", "No acceptable representation")
            }
            Problem::TooLarge { .. } => (413, "/docs#too-large", "The body is too large"),
            Problem::UnsupportedMediaType { .. } => (
                415,
                "/docs#unsupported-media-type",
                "The body is of a type this route does not read",
            ),
            Problem::UnsupportedContentCoding { .. } => (
                415,
                "/docs#unsupported-content-encoding",
                "The body is of a coding that is not read",
            ),
            Problem::NoModel => (503, "/docs#no-model", "No model is in service"),
            Problem::NoPrice { .. } => {
                (503, "/docs#no-price", "The model gives this stone no price")
            }
            Problem::NoExplanation { .. } => {
                (503, "/docs#no-explanation", "The model's prices cannot be explained")
            }
            Problem::NoDatabase { .. } => (503, "/docs#no-database", "The data set cannot be read"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Problem::NotParseable { detail } => detail.clone(),
            Problem::Invalid { errors } => {
                let first = errors.first().map(ToString::to_string).unwrap_or_default();
                match errors.len() {
                    0 | 1 => first,
                    count => format!("{count} fields are wrong; the first: {first}"),
                }
            }
            Problem::Unauthorized => {
                "send a key that opens this route, as authorization: Bearer KEY or x-api-key: KEY"
                    .into()
            }
            Problem::BodyTimeout { bytes, seconds } => {
                format!("{bytes} bytes arrived within {seconds} seconds, and the rest did not")
            }
            Problem::UriTooLong { part, bytes, limit } => {
                format!("the {part} has {bytes} bytes; at most {limit} are read")
            }
            Problem::FieldsTooLarge { count, bytes, limits: [max_count, max_bytes] } => format!(
                "there are {count} header fields of {bytes} bytes in all; at most {max_count} of {max_bytes} are read"
            ),
            Problem::NoSuchRoute { path } => {
                format!("there is nothing at {}; /docs lists every route", shortened(path.clone()))
            }
            Problem::NoSuchModel { id, why } => {
                format!("{} {why}; GET /v1/models lists every model", shortened(id.clone()))
            }
            Problem::NoSuchRequest { id } => format!(
                "the journal has no row {}; it is the x-request-id of an answer, and may have been pruned",
                shortened(id.clone())
            ),
            Problem::MethodNotAllowed { method, allowed } => {
                format!("{method} is not among {}", list(allowed))
            }
            Problem::NotAcceptable { accept, offered } => {
                format!("accept is {}; this route answers {offered}", shortened(accept.clone()))
            }
            Problem::TooLarge { bytes, limit } => {
                format!("the body has {bytes} bytes or more; at most {limit} are answered")
            }
            Problem::UnsupportedMediaType { found, readable } => format!(
                "content-type is {}; this route reads {}",
                if found.is_empty() { "missing".to_owned() } else { shortened(found.clone()) },
                readable.join(" or ")
            ),
            Problem::UnsupportedContentCoding { found } => format!(
                "content-encoding is {}; send the body as it is, with content-encoding identity or none",
                shortened(found.clone())
            ),
            Problem::NoModel => {
                "neither the registry nor the deployment holds a model; run `trainer train`".into()
            }
            Problem::NoPrice { model_id } => {
                format!("model {model_id} gives no finite number; ask another with ?model=")
            }
            Problem::NoExplanation { model_id, .. } => format!(
                "model {model_id} prices stones, but the registry's copy of what explains them cannot be read; ask without explain=true, or another model with ?model="
            ),
            Problem::NoDatabase { .. } => "try again in a moment; the operator can see why".into(),
        }
    }

    fn into_errors(self) -> Vec<FieldError> {
        match self {
            Problem::Invalid { errors } => errors,
            Problem::NoSuchModel { id, why } => {
                let allowed =
                    "champion, or an id from GET /v1/models, or a unique beginning of one";
                vec![field_error("model", shortened(id), why, allowed)]
            }
            Problem::UnsupportedContentCoding { found } => {
                let message = "is not decoded";
                vec![field_error(
                    "content-encoding",
                    shortened(found),
                    message,
                    "identity, or none",
                )]
            }
            _ => Vec::new(),
        }
    }
}

impl From<Vec<FieldError>> for Problem {
    fn from(errors: Vec<FieldError>) -> Problem {
        ParseError::from(errors).into()
    }
}

impl From<ParseError> for Problem {
    fn from(error: ParseError) -> Problem {
        match error {
            ParseError::NotParseable { detail } => Problem::NotParseable { detail },
            ParseError::Invalid { errors } => Problem::Invalid { errors },
        }
    }
}

impl From<DatabaseError> for Problem {
    fn from(why: DatabaseError) -> Problem {
        Problem::NoDatabase { why }
    }
}

/// Methods as the Allow header lists them.
pub(crate) fn list(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}
