//! The path in a request's target, and a path as a target (RFC 9112, section 3.2; RFC 3986).

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, percent_encode, utf8_percent_encode,
};

use crate::{Status, host};

/// What may not stand in a path as it is: all but the unreserved characters, and what divides it.
const NOT_IN_PATH: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// What may not stand in a query; it is encoded already, as far as it was meant to be.
const NOT_IN_QUERY: AsciiSet = CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\');

/// The file that a directory is asked for.
const INDEX: &str = "index.html";

/// What a request's target names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The path: decoded, relative, of plain names only. It is empty for the root.
    pub path: PathBuf,
    /// Whether it has a `/` at its end: then it names a directory.
    pub is_directory: bool,
    /// What stands behind `?`, as it came.
    pub query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Takes a target apart.
    ///
    /// It is decoded once: `%252e` is the name `%2e`. Empty segments and `.` are left out, so that each
    /// file has one path here. `..` is refused, because clients resolve it themselves (RFC 3986, section
    /// 5.2.4). That is a matter of form. A symbolic link leads out of a directory without `..`, so
    /// whatever opens the path has to see to it that it stays beneath the root.
    ///
    /// # Errors
    ///
    /// Returns 400 for what is no target of a file, and 404 for a path that no file can have.
    pub fn parse(target: &'a str) -> Result<Self, Status> {
        let target = origin_form(target)?;
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let path = OsString::from_vec(decode(path)?);
        let mut plain = PathBuf::new();
        for component in Path::new(&path).components() {
            match component {
                Component::Normal(name) => plain.push(name),
                Component::ParentDir => return Err(Status::NotFound),
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
        let ends_with = |end: &str| path.as_bytes().ends_with(end.as_bytes());
        Ok(Self {
            path: plain,
            is_directory: ends_with("/") || ends_with("/."),
            query,
        })
    }

    /// Returns the path of the file to send: for a directory, that of its index.
    pub fn file(&self) -> Cow<'_, Path> {
        if self.is_directory {
            self.path.join(INDEX).into()
        } else {
            (&*self.path).into()
        }
    }

    /// Returns where a client finds the directory that it named without a `/` at the end. The location
    /// begins with a single `/` and holds no character with a meaning of its own, so that it stays on
    /// this host.
    pub fn location(&self) -> String {
        let path = percent_encode(self.path.as_os_str().as_bytes(), &NOT_IN_PATH);
        match self.query {
            Some(query) => format!("/{path}/?{}", utf8_percent_encode(query, &NOT_IN_QUERY)),
            None => format!("/{path}/"),
        }
    }
}

/// Returns the part of a target that begins with the path. A client may send a whole URI, as to a proxy
/// (absolute-form); the host in it then has to be valid.
fn origin_form(target: &str) -> Result<&str, Status> {
    if target.contains('#') {
        return Err(Status::BadRequest);
    }
    if target.starts_with('/') {
        return Ok(target);
    }
    let after = |scheme: &str| {
        let start = target.get(..scheme.len())?;
        let matches = start.eq_ignore_ascii_case(scheme);
        matches.then(|| &target[scheme.len()..])
    };
    let rest = after("http://").or_else(|| after("https://"));
    let rest = rest.ok_or(Status::BadRequest)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let is_named = !authority.is_empty() && !authority.starts_with(':');
    if !is_named || !host::is_valid(authority.as_bytes()) {
        return Err(Status::BadRequest);
    }
    let has_path = rest.starts_with('/');
    Ok(if has_path { rest } else { "/" })
}

/// Decodes once what `%` begins. NUL cannot be in a path.
fn decode(path: &str) -> Result<Vec<u8>, Status> {
    let is_hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let bytes = path.as_bytes();
    let mut encoded = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'%');
    if !encoded.all(|(at, _)| is_hex(bytes.get(at + 1)) && is_hex(bytes.get(at + 2))) {
        return Err(Status::BadRequest);
    }
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    if decoded.contains(&0) {
        return Err(Status::BadRequest);
    }
    Ok(decoded)
}
