//! The header fields of a request.

use httparse::Header;

/// Header fields, as they came (RFC 9110, section 5).
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a>(pub &'a [Header<'a>]);

impl<'a> Fields<'a> {
    /// The values of all fields of that name, whose case does not matter.
    pub fn all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |field: &&Header| field.name.eq_ignore_ascii_case(name);
        self.0.iter().filter(named).map(|field| field.value)
    }

    /// The value of a field that may stand there once. One that stands there more often means nothing.
    pub fn single(self, name: &str) -> Option<&'a [u8]> {
        let mut values = self.all(name);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// The elements of a list, which may be spread over several fields (RFC 9110, section 5.6.1). For
    /// lists whose elements hold no quoted commas.
    pub fn list(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.all(name)
            .flat_map(|value| value.split(|&byte| byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|element| !element.is_empty())
    }

    /// Whether a list has an element, whose case does not matter.
    pub fn lists(self, name: &str, element: &str) -> bool {
        self.list(name)
            .any(|found| found.eq_ignore_ascii_case(element.as_bytes()))
    }
}
