//! A socket whose calls are awaited.

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::rc::Rc;

use stage_01::retry;
use stage_04::Interest;
use stage_06::Token;
use stage_07::EDGES;

use super::{Driver, ScheduledIo, coop};

/// A client's socket, registered for all of its life.
pub struct TcpStream {
    driver: Rc<Driver>,
    io: Rc<ScheduledIo>,
    token: Token,
}

impl TcpStream {
    /// Makes `socket` non-blocking, and registers it.
    ///
    /// # Errors
    ///
    /// Returns the errors of ioctl(2), FIONBIO, and of epoll_ctl(2).
    pub fn new(driver: &Rc<Driver>, socket: net::TcpStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let io = ScheduledIo::new(socket);
        let token = driver.registrations.borrow_mut().insert(Rc::clone(&io));
        let driver = Rc::clone(driver);
        let stream = Self { driver, io, token };
        // If that fails, the stream is dropped, and forgotten.
        let selector = &stream.driver.selector;
        selector.register(&stream.io.socket, token, EDGES)?;
        Ok(stream)
    }

    /// Waits for bytes, and returns them; none at EOF. While it waits, it holds no buffer: what lives across an `await`
    /// is kept in the task.
    ///
    /// # Errors
    ///
    /// Returns the errors of read(2), except would-block.
    pub async fn read(&self) -> io::Result<Vec<u8>> {
        let read = || {
            let scratch = &mut *self.driver.scratch.borrow_mut();
            let received = (&self.io.socket).read(scratch)?;
            if received < scratch.len() {
                self.io.on_short_read();
            }
            Ok(scratch[..received].to_vec())
        };
        self.async_io(Interest::Read, read).await
    }

    /// Writes all of `bytes`, and waits for room as often as there is none.
    ///
    /// # Errors
    ///
    /// Returns the errors of write(2), except would-block.
    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let write = || (&self.io.socket).write(bytes);
            let sent = self.async_io(Interest::Write, write).await?;
            bytes = &bytes[sent..];
        }
        Ok(())
    }

    /// Makes a call when the socket is ready for it, until it does not return would-block. Here, and nowhere else, a
    /// task waits.
    async fn async_io<T>(
        &self,
        interest: Interest,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            poll_fn(|cx| self.io.poll_readiness(interest, cx)).await;
            poll_fn(coop::poll_proceed).await;
            match retry(&mut call) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.io.clear_readiness(interest);
                }
                result => return result,
            }
        }
    }
}

impl Drop for TcpStream {
    fn drop(&mut self) {
        self.driver.registrations.borrow_mut().remove(self.token);
    }
}
