//! The driver, or reactor: sleeps in epoll, remembers what it reports, and wakes the task that waits for it.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{Shutdown, TcpStream};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use nix::sys::epoll::EpollFlags;
use stage_01::BUFFER_SIZE;
use stage_04::Interest;
use stage_05::is_socket_quiet;
use stage_06::{Events, Selector, Slab};
use stage_07::EDGES;

/// The edges of a socket that is broken. epoll reports them unasked, and every call returns at once.
const BROKEN: EpollFlags = EpollFlags::EPOLLERR.union(EpollFlags::EPOLLHUP);

/// The selector, and what is known of each socket on its list.
pub struct Driver {
    pub(super) selector: Selector,
    pub(super) registrations: RefCell<Slab<Rc<ScheduledIo>>>,
    /// The one buffer that every socket is read into.
    pub(super) scratch: RefCell<Vec<u8>>,
}

impl Driver {
    /// Creates a driver that watches nothing.
    ///
    /// # Errors
    ///
    /// Returns the errors of epoll_create1(2).
    pub fn new() -> io::Result<Rc<Self>> {
        Ok(Rc::new(Self {
            selector: Selector::new()?,
            registrations: RefCell::default(),
            scratch: RefCell::new(vec![0; BUFFER_SIZE]),
        }))
    }

    /// Sleeps until there are events, for `limit` milliseconds at most, and hands each to its socket.
    ///
    /// # Errors
    ///
    /// Returns the errors of epoll_wait(2), except `EINTR`.
    pub fn turn(&self, events: &mut Events, limit: Option<u16>) -> io::Result<()> {
        self.selector.wait(events, limit)?;
        for (token, edges) in events.iter() {
            // The listener and the signal have no registration here: the loop looks for their events itself.
            if let Some(io) = self.registrations.borrow_mut().get_mut(token) {
                io.set_readiness(edges);
            }
        }
        Ok(())
    }

    /// Ends the input of each client with which nothing is under way. That is an edge, and its task reads EOF.
    pub fn shut_down_quiet(&self) {
        self.registrations.borrow_mut().retain(|io| {
            let waits_for_bytes = matches!(*io.waiter.borrow(), Some((Interest::Read, _)));
            if waits_for_bytes && is_socket_quiet(&io.socket) {
                let _ = io.socket.shutdown(Shutdown::Read);
            }
            true
        });
    }
}

/// A socket, what is known of its readiness, and the task that waits for it.
pub struct ScheduledIo {
    pub(super) socket: TcpStream,
    /// The edges that were reported, and not disproved by a call since.
    readiness: Cell<EpollFlags>,
    waiter: RefCell<Option<(Interest, Waker)>>,
}

impl ScheduledIo {
    /// Creates the state of a socket of which nothing is known yet. Once it is registered, the next wait reports what it
    /// is ready for already.
    pub(super) fn new(socket: TcpStream) -> Rc<Self> {
        Rc::new(Self {
            socket,
            readiness: Cell::new(EpollFlags::empty()),
            waiter: RefCell::new(None),
        })
    }

    /// Remembers edges, and wakes the task if it waits for one of them.
    fn set_readiness(&self, edges: EpollFlags) {
        self.readiness.set(self.readiness.get() | edges);
        let mut waiter = self.waiter.borrow_mut();
        let woken = waiter.take_if(|(interest, _)| edges.intersects(mask(*interest)));
        woken.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// Returns at once if a call may succeed. Otherwise, keeps the waker, to use it when there is news.
    pub(super) fn poll_readiness(&self, interest: Interest, cx: &mut Context<'_>) -> Poll<()> {
        if self.readiness.get().intersects(mask(interest)) {
            return Poll::Ready(());
        }
        *self.waiter.borrow_mut() = Some((interest, cx.waker().clone()));
        Poll::Pending
    }

    /// Forgets the edges of a direction: a call has returned would-block, so the next news will be an edge.
    pub(super) fn clear_readiness(&self, interest: Interest) {
        self.readiness.set(self.readiness.get() - mask(interest));
    }

    /// Notes that a read has left room in its buffer. It has emptied the socket, unless more than bytes was reported:
    /// stage 7's shortcut.
    pub(super) fn on_short_read(&self) {
        if self.readiness.get() & mask(Interest::Read) == EpollFlags::EPOLLIN {
            self.clear_readiness(Interest::Read);
        }
    }
}

/// The edges that let a call in a direction go on.
fn mask(interest: Interest) -> EpollFlags {
    match interest {
        Interest::Read => (EDGES | BROKEN) - (EpollFlags::EPOLLOUT | EpollFlags::EPOLLET),
        Interest::Write => BROKEN | EpollFlags::EPOLLOUT,
    }
}
