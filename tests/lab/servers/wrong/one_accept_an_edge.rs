//! Wrong: the listener is edge-triggered, and one client is accepted for each edge: of clients that come together, all
//! but one wait until another comes.
//! Seen in: edge-triggered servers that drain their connections, and forget that a listener is drained likewise.
//! Turns red: e10_crowd e11_out_of_descriptors

use nix::sys::epoll::EpollFlags;

use crate::echo::Manners;

pub(super) struct OneAcceptAnEdge;

impl Manners for OneAcceptAnEdge {
    const LISTENER: EpollFlags = EpollFlags::EPOLLIN.union(EpollFlags::EPOLLET);
}
