//! The statements that this chapter decides.

use super::{
    calls, completion, copies, cost, interest_list, limits, readiness, ready_list, slope, watchable,
};
use crate::course::Verdict::{False, Misleading, Opinion, Partly, True};
use crate::course::{Claim, Experiment, Proof, Verdict};

/// All of them, by number.
pub(super) const CLAIMS: &[Claim] = &[
    by_experiment(
        1,
        "epoll is an improved poll.",
        Partly,
        "Level-triggered, it means by “ready” what poll means (epoll(7)). But it is another interface: \
         the interest list stays in the kernel, and takes only what can report by itself: \
         epoll_ctl(2) refuses a regular file with EPERM, which poll calls ready at all times.",
        watchable::beside_poll,
    ),
    by_experiment(
        2,
        "It saves processor time where many connections are idle and few active.",
        True,
        "poll asks every descriptor that it is handed, at every call (do_poll in fs/select.c); \
         epoll_wait goes through the ready list only (ep_send_events in fs/eventpoll.c).",
        cost::beside_more_and_more,
    ),
    by_experiment(
        3,
        "It is Linux's best interface for I/O readiness.",
        Opinion,
        "For readiness it is, once there are many descriptors; with one connection its create and ctl \
         calls are paid for nothing. But io_uring(7), since Linux 5.1, reports completed reads and \
         writes, for which no readiness has to be waited for. When many clients speak at once, it makes \
         an eighth of the calls or fewer, for about nine tenths of the CPU time of an echo, most of \
         which is TCP's. Many containers forbid it.",
        completion::best_for_what,
    ),
    by_experiment(
        6,
        "Fetching events walks only the queue of those that are ready.",
        True,
        "Each on the ready list is asked again (ep_item_poll); if it still has something, it is \
         reported and, level-triggered, put back at the end of the list (ep_send_events in \
         fs/eventpoll.c). So all get their turn (epoll_wait(2), NOTES).",
        ready_list::by_turns,
    ),
    by_experiment(
        13,
        "epoll's limit is the number of open files.",
        Partly,
        "A process meets RLIMIT_NOFILE first (EMFILE), all of them file-max (ENFILE, \
         proc_sys_fs(5)); the entries on lists have a limit of their own for each user, \
         max_user_watches (ENOSPC, epoll(7)). At EMFILE the listener stays ready: who goes on \
         watching it, level-triggered, spins.",
        limits::out_of_descriptors,
    ),
    by_experiment(
        16,
        "Each descriptor has a callback; idle ones are silent.",
        True,
        "epoll_ctl hangs ep_poll_callback into the wait queue of the descriptor's file \
         (ep_ptable_queue_proc in fs/eventpoll.c). Only who is woken runs it.",
        ready_list::one_of_many,
    ),
    by_experiment(
        17,
        "epoll is a kind of asynchronous I/O.",
        Misleading,
        "An analogy at best. An event says that a read would not block; the program still makes that \
         read, and it copies the bytes as ever (epoll(7)). In asynchronous I/O the wait's result is \
         the finished read (aio(7), io_uring(7)).",
        readiness::a_read_a_message,
    ),
    by_experiment(
        18,
        "If all are active, it gains nothing, and many calls of epoll_ctl cost.",
        True,
        "Of what poll is handed, then nearly all is ready, so its scan is not in vain. And a \
         connection that says one word and leaves costs an epoll_ctl before its word. How much that \
         matters depends on the load.",
        cost::when_all_are_active,
    ),
    by_experiment(
        19,
        "With many idle connections, as on a WAN, epoll is far ahead.",
        True,
        "What poll and select cost grows with those that are idle, what epoll costs does not: the \
         former ask all of them again (do_poll, do_select in fs/select.c).",
        slope::processor_time,
    ),
    by_experiment(
        20,
        "With poll the server asks each connection; with epoll the connection calls the server.",
        Partly,
        "What arrives calls the kernel's callback, which notes it on a list. Nobody calls the \
         program: it has to run, to ask by epoll_wait, and to read (epoll_wait(2)).",
        readiness::a_stopped_server,
    ),
    by_experiment(
        35,
        "epoll came with Linux 2.6, in CentOS 6 and later.",
        Partly,
        "Right of the kernel: 2.5.44, and so 2.6; in glibc since 2.3.2 (epoll(7)). Wrong of \
         CentOS: RHEL 4, on 2.6.9, had it in 2005. What is newer is epoll_create1, of 2.6.27, which \
         servers use today.",
        calls::of_which_age,
    ),
    by_experiment(
        36,
        "epoll has no limit on the number of connections.",
        False,
        "It has no limit in its interface, as select's set has one. But each connection is a \
         descriptor, of which RLIMIT_NOFILE allows so many (EMFILE); and each entry on a list is \
         kernel memory, which max_user_watches bounds (ENOSPC, epoll(7)).",
        limits::a_full_table,
    ),
    by_experiment(
        37,
        "epoll says which connection is ready.",
        True,
        "It says what the program registered: the u64 of epoll_event(3type). An entry belongs to the \
         open file, and stays until all copies of its descriptor are closed (epoll(7), Questions and \
         answers): so a number is a bad name for a connection.",
        interest_list::a_number_that_was_closed,
    ),
    by_experiment(
        38,
        "The kernel keeps a list of those that are ready; a wait looks whether it is empty.",
        True,
        "That is ep_events_available in fs/eventpoll.c. (The interest list is another one: a \
         red-black tree.) What is on the list is asked once more before it is reported, so that \
         nothing is reported that was read meanwhile.",
        ready_list::filled_while_nobody_waits,
    ),
    by_experiment(
        39,
        "The callback is registered with a device driver.",
        Partly,
        "It hangs in a wait queue, which the file's poll operation names (vfs_poll, \
         ep_ptable_queue_proc). A pipe has one and is no device; a driver need not have one.",
        watchable::without_a_device,
    ),
    by_experiment(
        40,
        "The callback puts the descriptor on the ready list.",
        True,
        "If it is watched for what has come, and is not on the list yet (ep_poll_callback, \
         ep_is_linked in fs/eventpoll.c): the list counts descriptors, not arrivals.",
        ready_list::listed_once,
    ),
    by_experiment(
        41,
        "The results are shared with the program by mmap.",
        False,
        "Each event is copied by epoll_put_uevent; the file operations of an epoll have no mmap \
         (eventpoll_fops in fs/eventpoll.c). There is so little to copy that nothing would be gained.",
        copies::events_are_copied,
    ),
];

const fn by_experiment(
    number: u8,
    statement: &'static str,
    verdict: Verdict,
    truth: &'static str,
    experiment: Experiment,
) -> Claim {
    Claim {
        number,
        statement,
        verdict,
        truth,
        proof: Proof::Experiment(experiment),
    }
}
