//! What moves bytes, and what ends connections, at either end.

use std::os::fd::RawFd;

use super::{Outcome, Run, Unit, count, ok, page, sleeper, sys, tcp};

impl Run {
    pub(super) fn receive(&self, fd: RawFd, n: usize) -> sys::Result<usize> {
        let size = match self.unit(fd) {
            Unit::Bytes => 1,
            Unit::Pages => page()?,
            Unit::Count => {
                let mut number = [0; 8];
                sys::read(fd, &mut number)?;
                return Ok(u64::from_ne_bytes(number) as usize);
            }
        };
        Ok(sys::read(fd, &mut vec![0; n * size])? / size)
    }

    /// Sends, and waits until it has arrived where it does not at once.
    pub(super) fn send(&self, fd: RawFd, to: Option<RawFd>, n: usize) -> Outcome {
        let size = match self.unit(fd) {
            Unit::Bytes => 1,
            Unit::Pages => page()?,
            Unit::Count => {
                let written = sys::write(fd, &(n as u64).to_ne_bytes());
                return count(written.map(|_| n));
            }
        };
        let to = to.filter(|&to| tcp::is_tcp(fd) && tcp::is_tcp(to));
        let before = to.map(|to| sys::queued(to, libc::FIONREAD)).transpose()?;
        let written = sys::write(fd, &vec![b'x'; n * size]);
        if let (Some(to), Some(before), Ok(written)) = (to, before, written) {
            tcp::arrival(to, before + i32::try_from(written)?)?;
        }
        count(written.map(|written| written / size))
    }

    /// Shuts one end down. TCP's answer comes after those that sleep have seen the end; it would take 40 ms by itself.
    pub(super) fn shutdown(&self, fd: RawFd, other: Option<RawFd>) -> Outcome {
        let outcome = sys::shutdown(fd);
        if outcome.is_ok() && tcp::is_tcp(fd) {
            sleeper::settle(self.sleepers.values())?;
            if let Some(other) = other.filter(|&other| tcp::is_tcp(other)) {
                sys::acknowledge(other)?;
            }
            tcp::answer(fd)?;
        }
        ok(outcome)
    }

    pub(super) fn leave(&mut self, name: &str, end: RawFd) -> Outcome {
        let at = Some(self.fd(name)).filter(|&fd| tcp::is_tcp(fd) && tcp::is_tcp(end));
        let unread = sys::queued(end, libc::FIONREAD)?;
        let outcome = self.close_end(end);
        match at {
            Some(fd) if unread > 0 => tcp::reset(fd)?,
            Some(fd) => tcp::hears_the_end(fd)?,
            None => {}
        }
        ok(outcome)
    }

    pub(super) fn reset(&mut self, name: &str, end: RawFd) -> Outcome {
        let at_once = libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        sys::set_option(end, libc::SO_LINGER, &at_once)?;
        let outcome = self.close_end(end);
        tcp::reset(self.fd(name))?;
        ok(outcome)
    }

    fn close_end(&mut self, end: RawFd) -> sys::Result<()> {
        self.ends.retain(|_, other| *other != end);
        sys::close(end)
    }
}
