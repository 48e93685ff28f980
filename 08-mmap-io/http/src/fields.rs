//! The header fields of a request.

use httparse::Header;

/// Header fields, as they came (RFC 9110, section 5). Names compare without regard to case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(pub(crate) &'a [Header<'a>]);

impl<'a> Fields<'a> {
    /// Returns the values of all fields of that name.
    pub(crate) fn all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |field: &&Header| field.name.eq_ignore_ascii_case(name);
        self.0.iter().filter(named).map(|field| field.value)
    }

    /// Returns the value of a field that may stand there once. If it stands there more often, it means
    /// nothing.
    pub(crate) fn single(self, name: &str) -> Option<&'a [u8]> {
        let mut values = self.all(name);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// Returns the elements of a list, which may be spread over several fields (RFC 9110, section 5.6.1).
    /// It is for lists whose elements hold no quoted commas.
    pub(crate) fn list(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.all(name)
            .flat_map(|value| value.split(|&byte| byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|element| !element.is_empty())
    }

    /// Returns whether a list has an element, whose case does not matter.
    pub(crate) fn lists(self, name: &str, element: &str) -> bool {
        self.list(name)
            .any(|found| found.eq_ignore_ascii_case(element.as_bytes()))
    }
}
