//! Which host a request is for. There is only one here, but somebody on the way may read an unclear
//! request in another sense.

use std::net::Ipv6Addr;

use crate::{Fields, Status};

/// Checks the Host field: exactly one, and a valid one. HTTP/1.0 may do without (RFC 9112, section 3.2).
///
/// # Errors
///
/// Returns 400.
pub(crate) fn check(http_1_1: bool, fields: Fields) -> Result<(), Status> {
    let mut hosts = fields.all("host");
    let valid = match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_valid(host),
        (None, _) => !http_1_1,
        _ => false,
    };
    valid.then_some(()).ok_or(Status::BadRequest)
}

/// Returns whether `host` is a name or an address, perhaps with a port (RFC 3986, section 3.2.2). It may
/// be empty.
pub(crate) fn is_valid(host: &[u8]) -> bool {
    let (name, port) = match host.strip_prefix(b"[") {
        Some(rest) => {
            let Some(end) = rest.iter().position(|&byte| byte == b']') else {
                return false;
            };
            let (address, port) = rest.split_at(end);
            if !is_ipv6(address) {
                return false;
            }
            (&b""[..], &port[1..])
        }
        None => {
            let colon = host.iter().position(|&byte| byte == b':');
            host.split_at(colon.unwrap_or(host.len()))
        }
    };
    let is_port = match port {
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        rest => rest.is_empty(),
    };
    is_port && is_name(name)
}

fn is_ipv6(address: &[u8]) -> bool {
    let address = str::from_utf8(address).unwrap_or_default();
    address.parse::<Ipv6Addr>().is_ok()
}

/// Returns whether `name` has only unreserved characters, sub-delimiters, and bytes that are encoded.
fn is_name(mut name: &[u8]) -> bool {
    while let Some((byte, rest)) = name.split_first() {
        name = match byte {
            b'%' => match rest {
                [high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    rest
                }
                _ => return false,
            },
            b'-' | b'.' | b'_' | b'~' => rest,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => rest,
            byte if byte.is_ascii_alphanumeric() => rest,
            _ => return false,
        }
    }
    true
}
