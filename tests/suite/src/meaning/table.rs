//! The meaning of each case: its rule, and the lines that see to it.

use super::{Meaning, at, meaning};
use crate::Source;

pub(super) const ECHO: Source = at("01-blocking/src/lib.rs", "pub fn echo(");
const COMMAND_LINE: Source = at("01-blocking/src/cli.rs", "fn parse(");
const SERVE_IN_TURN: Source = at("01-blocking/src/lib.rs", "pub fn run(");
const REPORT: Source = at("01-blocking/src/report.rs", "pub fn report(");
const FORK: Source = at("02-fork-per-conn/src/lib.rs", "match unsafe { fork() }");
const THREAD: Source = at("03-thread-per-conn/src/lib.rs", "thread::Builder::new(");
const SELECT: Source = at("04-select/src/lib.rs", "pub fn run(");
const FITS: Source = at("04-select/src/lib.rs", "fn fits(");
const INTEREST: Source = at("04-select/src/connection.rs", "pub fn interest(");
const ON_READY: Source = at("04-select/src/connection.rs", "pub fn on_ready(");
const ON_READABLE: Source = at("04-select/src/connection.rs", "pub fn on_readable(");
const PENDING: Source = at("04-select/src/connection.rs", "pub fn on_writable(");
const WOULD_BLOCK: Source = at("04-select/src/connection.rs", "WouldBlock => None");
const ACCEPTOR: Source = at("04-select/src/acceptor.rs", "pub fn accept_waiting(");
const POLL: Source = at("05-poll/src/lib.rs", "pub fn run(");
const SHUTDOWN: Source = at("05-poll/src/shutdown.rs", "pub fn begin(");
const GRACE: Source = at("05-poll/src/shutdown.rs", "const GRACE");
const EPOLL: Source = at("06-epoll-lt/src/lib.rs", "pub fn run(");
const FOLLOW: Source = at("06-epoll-lt/src/selector.rs", "pub fn follow(");
const DRIVE: Source = at("07-epoll-et/src/drive.rs", "pub fn drive(");
const BUDGET: Source = at("07-epoll-et/src/drive.rs", "const BUDGET");
const HIDDEN: Source = at("07-epoll-et/src/shortcut.rs", "may_hide_something: bool");

/// The meaning of each case, by its name.
#[rustfmt::skip]
pub(super) const MEANINGS: &[(&str, Meaning)] = &[
    ("e01_bytes_come_back", meaning("The same bytes come back, in order, and nothing else: all 256 values, up to 1 MiB at a time.", &[(1, ECHO), (4, ON_READABLE)])),
    ("e02_chopped", meaning("It makes no difference how the bytes are cut into pieces.", &[(1, ECHO), (4, ON_READABLE)])),
    ("e02_small_writes", meaning("A small write leaves at once, even if the one before it is not acknowledged yet.", &[(1, at("01-blocking/src/accept.rs", "set_nodelay"))])),
    ("e03_silence", meaning("A server sends nothing unprompted and sends no silent client away; an idle server sleeps without a time limit.", &[(6, EPOLL), (5, at("05-poll/src/lib.rs", "pub fn sleep_limit")), (1, ECHO), (4, at("04-select/src/lib.rs", "acceptor.time_left()"))])),
    ("e04_half_close", meaning("After the client's FIN every byte still comes back, and then EOF.", &[(4, INTEREST), (1, ECHO)])),
    ("e05_writes_all_then_reads", meaning("A client that writes 64 MiB before it reads is held back, and loses nothing.", &[(4, ON_READABLE), (1, ECHO)])),
    ("e06_slow_readers", meaning("Clients that never read cost a bounded buffer each, and the others are served.", &[(4, ON_READABLE), (1, ECHO)])),
    ("e07_resets", meaning("A reset ends the connection of that client and no other, and its descriptor is free again.", &[(4, ON_READY), (1, at("01-blocking/src/lib.rs", "let _ = echo(")), (2, at("02-fork-per-conn/src/lib.rs", "let _ = echo(")), (3, THREAD)])),
    ("e08_comings_and_goings", meaning("1,000 clients that have left leave nothing behind: no descriptor, child, thread or memory.", &[(2, at("02-fork-per-conn/src/children.rs", "pub fn reap(")), (1, SERVE_IN_TURN), (3, THREAD), (4, ON_READY)])),
    ("e09_second_client", meaning("A second client is served while the first is connected and silent. (A server for one client at a time serves it afterwards.)", &[(2, FORK), (1, SERVE_IN_TURN), (3, THREAD), (4, SELECT), (5, POLL), (6, EPOLL)])),
    ("e10_crowd", meaning("1,100 clients at the same time are served, as far as the server's own limit allows.", &[(5, POLL), (1, SERVE_IN_TURN), (2, FORK), (3, THREAD), (4, FITS)])),
    ("e10_ten_thousand_idle", meaning("10,000 idle clients cost next to no memory and no CPU time.", &[(6, EPOLL), (5, POLL)])),
    ("e11_out_of_descriptors", meaning("When no descriptor is left, the clients inside are served, the others wait, and the server rests.", &[(1, at("01-blocking/src/accept.rs", "Exhausted(io::Error)")), (4, ACCEPTOR)])),
    ("e11_limit_lowered", meaning("When the descriptor limit drops below what is open, the clients inside are still served; a limit that cannot be raised is no reason to end.", &[(5, at("05-poll/src/lib.rs", "Errno::EINVAL")), (1, ECHO), (4, SELECT), (6, EPOLL)])),
    ("e11_accept_always_fails", meaning("When accept fails each time, the server rests in between, and a signal still reaches it.", &[(1, at("01-blocking/src/accept.rs", "Exhausted(io::Error)")), (4, ACCEPTOR)])),
    ("e12_urgent_data", meaning("An urgent byte is no part of the stream, and disturbs nothing.", &[(7, HIDDEN), (1, ECHO), (4, ON_READABLE)])),
    ("e12_urgent_mark", meaning("A read that ends at the urgent mark has not drained the socket.", &[(7, HIDDEN), (4, ON_READABLE)])),
    ("e12_stopped_and_continued", meaning("Being stopped and continued (EINTR) changes nothing.", &[(1, at("01-blocking/src/lib.rs", "pub fn retry")), (4, at("04-select/src/lib.rs", "Err(Errno::EINTR)")), (5, at("05-poll/src/lib.rs", "Err(Errno::EINTR)")), (6, at("06-epoll-lt/src/selector.rs", "pub fn wait("))])),
    ("e12_stopped_amid_a_write", meaning("A write that a stop cuts short loses no bytes.", &[(1, ECHO), (4, PENDING)])),
    ("e12_spurious_readiness", meaning("A read that finds nothing, although the kernel reported bytes, is no error.", &[(4, WOULD_BLOCK)])),
    ("e13_sigterm", meaning("SIGTERM ends a server: it dies of the signal, or it echoes what has arrived and exits with 0, depending on its design.", &[(5, SHUTDOWN), (1, SERVE_IN_TURN), (2, FORK), (3, THREAD), (4, SELECT)])),
    ("e13_sigint", meaning("SIGINT, which Ctrl-C sends, ends a server as SIGTERM does.", &[(5, SHUTDOWN), (1, SERVE_IN_TURN), (2, FORK), (3, THREAD), (4, SELECT)])),
    ("e13_late_reader", meaning("After SIGTERM, a client that reads late, but within two seconds, loses nothing.", &[(5, GRACE)])),
    ("drain_within_two_seconds", meaning("After SIGTERM, a client that never reads holds the end up for two seconds, and no longer.", &[(5, GRACE)])),
    ("e13_still_talking", meaning("After SIGTERM, a client that is owed bytes and goes on talking loses none of them.", &[(5, at("05-poll/src/quiet.rs", "pub fn is_socket_quiet("))])),
    ("e13_in_the_queue", meaning("On SIGTERM a server accepts the clients that wait in the queue, and echoes what they have sent.", &[(5, at("05-poll/src/lib.rs", "acceptor.close("))])),
    ("e13_urgent_mark", meaning("On SIGTERM a server also echoes what has arrived behind the urgent mark.", &[(5, at("05-poll/src/quiet.rs", "fn is_drained("))])),
    ("e13_ignored_signal", meaning("A signal that was ignored when the server started stays ignored.", &[(5, at("05-poll/src/shutdown.rs", "fn is_ignored(")), (1, SERVE_IN_TURN), (2, FORK), (3, THREAD), (4, SELECT)])),
    ("e13_second_signal", meaning("A second SIGTERM ends a server that is draining, at once.", &[(5, at("05-poll/src/shutdown.rs", "sigprocmask(SigmaskHow::SIG_UNBLOCK"))])),
    ("e14_restart", meaning("A server that comes back listens on the same port at once.", &[(1, at("01-blocking/src/listen.rs", "pub fn listen("))])),
    ("e15_flood", meaning("A client that streams at full speed does not keep the others from being served.", &[(7, BUDGET), (1, SERVE_IN_TURN), (2, FORK), (3, THREAD), (4, ON_READY)])),
    ("e16_no_task_to_be_had", meaning("A client for which no process or thread is available is turned away, and the server goes on.", &[(3, THREAD), (1, SERVE_IN_TURN), (2, FORK), (4, SELECT)])),
    ("e17_one_gibibyte", meaning("1 GiB goes through one connection, both ways at once, and the memory stays where it was.", &[(4, ON_READABLE), (1, ECHO)])),
    ("c1_help", meaning("`--help` names the program, what it takes, and where it listens, in lines of at most 80 columns.", &[(1, at("01-blocking/src/cli.rs", "fn help("))])),
    ("c2_version", meaning("`--version` prints the program's name and version in one line.", &[(1, at("01-blocking/src/cli.rs", "pub fn version("))])),
    ("c3_bad_arguments", meaning("A bad argument ends the program with exit code 2 and one line that names it.", &[(1, COMMAND_LINE)])),
    ("c4_address_in_use", meaning("An address that is not available ends the program with exit code 1 and one line that names it.", &[(1, at("01-blocking/src/cli.rs", "pub fn open("))])),
    ("c5_ipv6", meaning("A server listens on an IPv6 address as on any other.", &[(1, at("01-blocking/src/cli.rs", "pub fn parse_address("))])),
    ("c6_nobody_reads_standard_error", meaning("A server outlives the reader of its standard error.", &[(1, REPORT)])),
    ("c7_standard_error_is_full", meaning("A server does not wait for a standard error that takes nothing: it drops lines, and says later how many.", &[(1, REPORT)])),
    ("c8_standard_error_is_a_full_disk", meaning("A server does not end because its log is on a disk that is full.", &[(1, REPORT)])),
    ("c9_standard_error_is_a_stopped_terminal", meaning("A server does not wait for a terminal that Ctrl-S has stopped: it drops lines, and says later how many.", &[(1, REPORT)])),
    ("l02_killed_child", meaning("A child that is killed takes only its own client with it; its death is reported, and no zombie stays.", &[(2, at("02-fork-per-conn/src/children.rs", "fn reap_one("))])),
    ("l02_no_zombies", meaning("500 children that end together are all reaped, although no further client comes.", &[(2, at("02-fork-per-conn/src/children.rs", "pub fn reap("))])),
    ("l02_each_closes_what_is_not_its_own", meaning("The parent keeps no connection, and a child keeps no listener.", &[(2, at("02-fork-per-conn/src/lib.rs", "drop(listener)"))])),
    ("l03_one_process_many_threads", meaning("There is one process with a thread for each client, and a thread ends with its client.", &[(3, THREAD)])),
    ("l03_a_fault_ends_all", meaning("A fault in one thread ends the whole process, and all its clients with it.", &[(3, THREAD)])),
    ("l04_the_value_decides", meaning("A descriptor of 1,024 or above does not fit into an fd_set, however few descriptors are open.", &[(4, FITS)])),
    ("l04_select_is_handed_every_descriptor", meaning("At each wake-up select is handed all descriptors up to the highest.", &[(4, SELECT)])),
    ("l05_poll_is_handed_every_descriptor", meaning("At each wake-up poll is handed one entry for each descriptor.", &[(5, POLL)])),
    ("l06_the_ready_ones_only", meaning("epoll_wait returns the ready descriptors only, and epoll_ctl is not called for a connection that keeps up.", &[(6, EPOLL)])),
    ("l06_one_call_for_each_change_of_interest", meaning("epoll_ctl is called once for each change of interest, alternately to wait for room and to wait for bytes.", &[(6, FOLLOW)])),
    ("l06_the_interest_list_is_in_fdinfo", meaning("The interest list has one entry for each client, one for the listener and one for the signal.", &[(6, at("06-epoll-lt/src/selector.rs", "pub fn register("))])),
    ("l06_a_paused_listener_is_not_watched", meaning("While no descriptor is left, the listener is watched for nothing; afterwards, for clients again.", &[(6, FOLLOW)])),
    ("l07_one_registration_for_a_life", meaning("epoll_ctl is called once in a connection's whole life.", &[(7, at("07-epoll-et/src/lib.rs", "fn admit("))])),
    ("l07_a_drained_connection_is_silent", meaning("A connection that was drained causes no wake-up.", &[(7, DRIVE)])),
    ("l07_who_is_cut_short_is_not_forgotten", meaning("The loop returns to a connection that its budget cut short, although no edge comes for it.", &[(7, BUDGET)])),
    ("l07_a_pause_is_kept", meaning("While no descriptor is left, the loop remembers that clients wait, and leaves them alone until its pause is over.", &[(7, at("07-epoll-et/src/lib.rs", "clients_wait"))])),
    ("l07_fewer_waits_under_backpressure", meaning("Under backpressure the loop waits less often than it reads.", &[(7, DRIVE)])),
];
