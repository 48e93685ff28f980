//! HTTP/1.1's rules for a server of files: from the bytes of a request to the head of its answer.
//!
//! Nothing here opens a file, or knows of a socket. A server takes three steps:
//!
//! 1. [`Request::parse`] finds out where the request ends, and whether it is well formed.
//! 2. [`Request::target`] names the path that the client asks for. The server looks there.
//! 3. [`Answer`] turns what the server found (a [`File`], a directory, or a [`Status`] that says why
//!    there is nothing to send) into a head, and says which part of the file follows.
//!
//! | rule | where |
//! |---|---|
//! | where a request ends, how long it may be, whether another one may follow | `request` |
//! | the first line: method, target and version | `line` |
//! | header fields as single values and as lists | `fields` |
//! | whether a body follows, and whether its end is clear | `framing` |
//! | which host is asked | `host` |
//! | a request's target as a path, and a path as a target | `target` |
//! | what HTTP has to know of a file, and its media type | `file` |
//! | what makes a version of a file recognisable | `validators` |
//! | If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, If-Range | `conditions` |
//! | Range | `range` |
//! | status codes | `status` |
//! | a head, line by line | `head` |
//! | the answer: the file, a part of it, a redirect, a refusal | `answer` |

mod answer;
mod conditions;
mod fields;
mod file;
mod framing;
mod head;
mod host;
mod line;
mod range;
mod request;
mod status;
mod target;
mod validators;

pub use answer::Answer;
pub use file::File;
pub use line::MAX_LINE;
pub use request::{MAX_FIELDS, MAX_HEAD, Method, Persistence, Request, Storage};
pub use status::Status;
pub use target::Target;

use fields::Fields;
use line::Line;
use validators::Validators;
