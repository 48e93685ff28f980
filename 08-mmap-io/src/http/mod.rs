//! HTTP/1.1's rules, as far as files need them: from the bytes of a request to the decision what to
//! answer. Nothing here opens a file or knows of a socket.
//!
//! | rule | where |
//! |---|---|
//! | where a request ends, and what it may look like | [`Request`] |
//! | header fields as lists and single values | `fields` |
//! | whether a body follows, and how it would be framed | `framing` |
//! | which host is asked | `host` |
//! | the path of a file in a request's target, and back | `target` |
//! | what makes a version of a file recognisable | `validators` |
//! | If-Match and its like | `conditions` |
//! | Range | `range` |
//! | the head of an answer | [`Head`], [`Status`] |

mod conditions;
mod fields;
mod framing;
mod head;
mod host;
mod range;
mod request;
mod status;
mod target;
mod validators;

pub use conditions::{evaluate, range_applies};
pub use fields::Fields;
pub use head::Head;
pub use range::{Range, requested};
pub use request::{MAX_FIELDS, MAX_HEAD, MAX_LINE, Method, Persistence, Request};
pub use status::Status;
pub use target::{Target, location};
pub use validators::Validators;
