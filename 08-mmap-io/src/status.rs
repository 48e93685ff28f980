//! How a request is answered.

use std::io;

/// The status of an answer (RFC 9110, section 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 200
    Ok,
    /// 400
    BadRequest,
    /// 403
    Forbidden,
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 431
    HeadTooLarge,
    /// 503
    Unavailable,
    /// 505
    VersionNotSupported,
}

impl Status {
    /// The code and its reason phrase.
    pub const fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::BadRequest => "400 Bad Request",
            Self::Forbidden => "403 Forbidden",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::HeadTooLarge => "431 Request Header Fields Too Large",
            Self::Unavailable => "503 Service Unavailable",
            Self::VersionNotSupported => "505 HTTP Version Not Supported",
        }
    }

    /// The head of an answer with a body of `length` bytes.
    pub fn head(self, length: usize, keep_alive: bool) -> String {
        let allow = match self {
            Self::MethodNotAllowed => "Allow: GET\r\n",
            _ => "",
        };
        let connection = if keep_alive { "keep-alive" } else { "close" };
        format!(
            "HTTP/1.1 {}\r\nContent-Length: {length}\r\n{allow}Connection: {connection}\r\n\r\n",
            self.line()
        )
    }
}

impl From<io::Error> for Status {
    /// What a client is told when its file cannot be opened or mapped.
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::EACCES | libc::EPERM) => Self::Forbidden,
            Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EAGAIN) => Self::Unavailable,
            _ => Self::NotFound,
        }
    }
}
