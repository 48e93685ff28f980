// What Linux does for select, poll and epoll, as a model: a state is a plain value, and a step makes a new one.
//
// Each rule names the file and the function of the kernel that it models, as they are called in Linux 6.18. A test of the book
// (tests/twin) makes the same steps with real system calls, by the thousand, on that kernel: every return value, event, mask and
// order is equal.
//
// Not modelled: threads that run at the same time (so nothing ever arrives in the middle of a scan, and ep->ovflist stays
// empty), timeouts, an epoll in an epoll, urgent data, TCP's windows, the limits of memory and of descriptors.

// include/uapi/linux/eventpoll.h: the bits of a mask.
export const IN = 0x1, PRI = 0x2, OUT = 0x4, ERR = 0x8, HUP = 0x10, RDHUP = 0x2000;
export const EXCLUSIVE = 1 << 28, ONESHOT = 1 << 30, ET = 1 << 31;
// fs/eventpoll.c: EP_PRIVATE_BITS, the flags that are not events, and EPOLLEXCLUSIVE_OK_BITS, what may go with EXCLUSIVE.
const PRIVATE = EXCLUSIVE | ONESHOT | ET;
const EXCLUSIVE_OK = IN | OUT | ERR | HUP | ET | EXCLUSIVE;

// A local socket's send buffer is full once it holds this many small messages: the kernel counts their memory (skb->truesize).
export const BUFFER = 8;
// A pipe has this many pages (F_SETPIPE_SZ), and the steps read and write whole pages.
export const PAGES = 4;
// How many bits an fd_set of glibc has.
export const FD_SETSIZE = 1024;

// A state: open files by their id, the program's descriptors (number → id), the program's variables (name → number), the other
// ends (name → id), the addresses of listeners (name → id), the processes that sleep in a call, and those of them that are woken.
export const start = () => ({ files: {}, fds: {}, names: {}, peers: {}, addresses: {}, asleep: {}, woken: [], last: 0 });

// Makes one system call, of the program or at another end. `result.text` is what the call returns, `done` the sleepers whose calls
// return because of it, `notes` what happens inside the kernel, and `cost` how much a wait is handed, asks, and hands back.
// `k` is the kernel during this step.
export function step(before, action) {
  const k = { s: structuredClone(before), done: [], notes: [], cost: null };
  let text = calls[action.op](k, action);
  run(k);
  if (Array.isArray(text)) text = shown(text);
  return { state: k.s, result: { text: String(text), done: k.done, notes: k.notes, cost: k.cost } };
}

const note = (k, where, what) => k.notes.push({ where, what });

// ---- Open files -------------------------------------------------------------------------------------------------------
function open(k, kind, rest) {
  const id = `f${++k.s.last}`;
  return (k.s.files[id] = { id, kind, waiters: [], ...rest });
}

// fs/file.c, alloc_fd: the lowest number that is free. 0, 1 and 2 are taken.
function install(k, name, file, least = 3) {
  let fd = least;
  while (k.s.fds[fd]) fd++;
  k.s.fds[fd] = file.id;
  return (k.s.names[name] = fd);
}

const fileOf = (k, name) => k.s.files[k.s.fds[k.s.names[name]]];
const isOpen = (k, file) => Object.values(k.s.fds).includes(file.id);
const queued = (file) => file.queue.length > 0;

// Returns which events are true of a file now: its poll operation.
function ask(k, file) {
  switch (file.kind) {
    // net/unix/af_unix.c, unix_poll and unix_writable: there is room while less than a quarter of the send buffer is in use.
    case 'unix':
      return (file.err && ERR) | (file.noMore && file.noWrite && HUP) | (file.noMore && RDHUP | IN)
        | (queued(file) && IN) | (4 * file.used < BUFFER && OUT);
    // net/ipv4/tcp.c, tcp_poll. Its send buffer never fills here.
    case 'tcp':
      return (file.err && ERR) | (file.noMore && file.noWrite && HUP) | (file.noMore && RDHUP | IN)
        | (queued(file) && IN) | OUT;
    // net/unix/af_unix.c, unix_poll: a listening socket never has room to write.
    case 'listener':
      return queued(file) && IN;
    // fs/pipe.c, pipe_poll: from now on every write wakes, even if the pipe was not empty (pipe->poll_usage).
    case 'reader':
      k.s.files[file.pipe].polled = true;
      return (k.s.files[file.pipe].pages && IN) | (!k.s.files[file.pipe].writer && HUP);
    case 'writer':
      k.s.files[file.pipe].polled = true;
      return (k.s.files[file.pipe].pages < PAGES && OUT) | (!k.s.files[file.pipe].reader && ERR);
    // fs/eventfd.c, eventfd_poll. Its counter never fills here.
    case 'eventfd':
      return (file.count && IN) | OUT;
    // fs/eventpoll.c, __ep_eventpoll_poll: looks for the first entry of the ready list that is true, and drops those before it.
    case 'epoll': {
      const isTrue = (key) => (ask(k, k.s.files[file.items[key].file]) & file.items[key].mask) !== 0;
      while (file.ready.length && !isTrue(file.ready[0])) file.ready.shift();
      if (!file.ready.length) return 0;
      wakeOne(k, file);
      return IN;
    }
  }
}

// kernel/sched/wait.c, add_wait_queue and add_wait_queue_exclusive: an exclusive entry goes to the end, any other to the front.
const queueUp = (file, entry) => (entry.exclusive ? file.waiters.push(entry) : file.waiters.unshift(entry));

// kernel/sched/wait.c, __wake_up_common: calls the function of each entry, and stops after the first exclusive one that has
// woken somebody, unless it wakes all. `key` has the events that may have become true; 0 means any.
function wake(k, file, key, all = false) {
  for (const entry of [...file.waiters]) {
    const woke = entry.epoll ? callback(k, entry, key) : pollwake(k, entry, key);
    if (entry.exclusive && woke && !all) break;
  }
}

// ---- epoll ------------------------------------------------------------------------------------------------------------
// fs/eventpoll.c, ep_poll_callback: what a wake-up calls for an entry of an interest list. Returns whether it has woken somebody,
// for the sake of exclusive entries; any other returns true.
function callback(k, { epoll, item: key }, events) {
  const ep = k.s.files[epoll], { mask, data } = ep.items[key], isShared = !(mask & EXCLUSIVE);
  if (!(mask & ~PRIVATE)) {
    note(k, 'ep_poll_callback', `the mask of ${data} is empty: nothing happens`);
    return isShared;
  }
  if (events && !(events & mask)) {
    note(k, 'ep_poll_callback', `${words(events)} is not in the mask of ${data}: nothing happens`);
    return isShared;
  }
  if (ep.ready.includes(key)) {
    note(k, 'ep_poll_callback', `${data} is on the ready list already`);
  } else {
    ep.ready.push(key);
    note(k, 'ep_poll_callback', `${data} goes to the end of the ready list`);
  }
  const sleeps = ep.sleepers.length > 0, way = events & (IN | OUT);
  wakeOne(k, ep);
  wake(k, ep, IN);
  return isShared || (sleeps && (way === 0 || (way !== (IN | OUT) && (way & mask) !== 0)));
}

// fs/eventpoll.c, ep_poll: its sleepers are exclusive, so one is woken. Each has gone to the front (__add_wait_queue_exclusive of
// include/linux/wait.h, not add_wait_queue_exclusive), so it is the last; and it leaves the queue (ep_autoremove_wake_function).
function wakeOne(k, ep) {
  const process = ep.sleepers.shift();
  if (process === undefined) return;
  k.s.woken.push(process);
  note(k, 'wake_up', `${process}, asleep in epoll_wait, is woken`);
}

// fs/eventpoll.c, the end of ep_insert and ep_modify: the file is asked once, so that what is true already counts as news.
function lookOnce(k, ep, key, where) {
  const { file, mask, data } = ep.items[key];
  const found = ask(k, k.s.files[file]) & mask;
  if (!found || ep.ready.includes(key)) return;
  ep.ready.push(key);
  note(k, where, `${data} is asked and has ${words(found)} already, so it goes on the ready list`);
  wakeOne(k, ep);
  wake(k, ep, IN);
}

// fs/eventpoll.c, __ep_remove: takes an entry off the file's wait queue, the interest list and the ready list.
function forget(k, ep, key) {
  const file = k.s.files[ep.items[key].file];
  file.waiters = file.waiters.filter((entry) => entry.epoll !== ep.id || entry.item !== key);
  note(k, '__ep_remove', `the entry of ${ep.items[key].data} is gone`);
  delete ep.items[key];
  ep.ready = ep.ready.filter((other) => other !== key);
}

// fs/eventpoll.c, do_epoll_ctl. The key of an entry is a pair, open file and number (ep_cmp_ffd). Several names are several calls, up
// to the first that fails.
const control = (k, { op, ep, names, mask }) =>
  names.reduce((error, name) => error ?? controlOne(k, op, ep, name, mask | ERR | HUP), null) ?? 'ok';

function controlOne(k, op, epoll, name, mask) {
  const ep = fileOf(k, epoll), file = fileOf(k, name);
  if (!ep || !file) return 'EBADF';
  if (ep.kind !== 'epoll' || ep === file) return 'EINVAL';
  if (file.kind === 'epoll') return 'not modelled: an epoll in an epoll';
  if (op !== 'del' && mask & EXCLUSIVE && (op === 'mod' || mask & ~EXCLUSIVE_OK)) return 'EINVAL';
  const fd = k.s.names[name], key = `${file.id}/${fd}`, item = ep.items[key];
  if (op === 'add' && item) return 'EEXIST';
  if (op !== 'add' && !item) return 'ENOENT';
  if (op === 'del') return forget(k, ep, key);
  if (op === 'add') {
    ep.items[key] = { file: file.id, fd, mask, data: name };
    // fs/eventpoll.c, ep_ptable_queue_proc, which is handed to the file's poll operation.
    queueUp(file, { epoll: ep.id, item: key, exclusive: (mask & EXCLUSIVE) !== 0 });
    note(k, 'ep_insert', `${name} goes on the interest list, and a callback on its wait queue`);
    return lookOnce(k, ep, key, 'ep_insert');
  }
  if (item.mask & EXCLUSIVE) return 'EINVAL';
  Object.assign(item, { mask, data: name });
  note(k, 'ep_modify', `${name} has a new mask`);
  return lookOnce(k, ep, key, 'ep_modify');
}

// fs/eventpoll.c, ep_send_events, which begins with ep_start_scan and ends with ep_done_scan: along the ready list, as far as there
// is room for events.
function sendEvents(k, ep, room) {
  const scan = ep.ready, events = [], again = [];
  ep.ready = [];
  if (scan.length) note(k, 'ep_start_scan', `the ready list is taken as a whole: ${list(ep, scan)}`);
  k.cost = { handed: 0, asked: 0, out: 0 };
  while (scan.length && events.length < room) {
    const key = scan.shift(), item = ep.items[key];
    const found = ask(k, k.s.files[item.file]) & item.mask;
    k.cost.asked++;
    if (!found) {
      note(k, 'ep_send_events', `${item.data} is asked: nothing in its mask is true, and it is dropped`);
      continue;
    }
    events.push({ name: item.data, bits: found });
    if (item.mask & ONESHOT) {
      item.mask &= PRIVATE;
      note(k, 'ep_send_events', `${item.data} is reported, and its mask emptied: one shot`);
    } else if (!(item.mask & ET)) {
      again.push(key);
      note(k, 'ep_send_events', `${item.data} is reported, and queued again: level-triggered`);
    } else {
      note(k, 'ep_send_events', `${item.data} is reported, and off the list: edge-triggered`);
    }
  }
  if (scan.length) note(k, 'ep_done_scan', `no room left: ${list(ep, scan)} goes back to the front`);
  ep.ready = [...scan, ...again];
  if (ep.ready.length) wakeOne(k, ep);
  k.cost.out = events.length;
  return events;
}

const list = (ep, keys) => keys.map((key) => ep.items[key].data).join(', ');

// ---- poll and select --------------------------------------------------------------------------------------------------
// fs/select.c, pollwake: what a wake-up calls for a process that sleeps in poll or select.
function pollwake(k, { process, mask }, events) {
  if (events && !(events & mask)) return false;
  if (k.s.woken.includes(process)) return true;
  k.s.woken.push(process);
  note(k, 'pollwake', `${process} is woken, and not told by which file`);
  return true;
}

// fs/select.c, do_poll and do_pollfd: every entry is asked, in the order of the array.
function scanPoll(k, entries) {
  k.cost = { handed: entries.length, asked: 0, out: 0 };
  const found = [];
  for (const { name, mask } of entries) {
    const file = fileOf(k, name);
    if (file) k.cost.asked++;
    const bits = file ? ask(k, file) & (mask | ERR | HUP) : 'nval';
    if (bits) found.push({ name, bits });
  }
  k.cost.out = found.length;
  note(k, 'do_poll', `${plural(k.cost.handed, 'entry', 'entries')} handed in, ${k.cost.asked} asked, ${found.length} with an answer`);
  return found;
}

// fs/select.c, do_select: asks the file of each bit that is set, from 0 to the highest, after it has seen that all are open
// (max_select_fd). POLLIN_SET and POLLOUT_SET are what counts as readable and as writable. The answer takes the question's place.
function scanSelect(k, { read, write }) {
  const number = (name) => k.s.names[name];
  const names = [...new Set([...read, ...write])].sort((a, b) => number(a) - number(b));
  if (names.some((name) => !fileOf(k, name))) return 'EBADF';
  k.cost = { handed: Math.max(-1, ...names.map(number)) + 1, asked: names.length, out: 0 };
  const found = [];
  const has = (set, name) => set.some((other) => number(other) === number(name));
  for (const name of names) {
    const now = ask(k, fileOf(k, name));
    const bits = (has(read, name) && now & (IN | HUP | ERR) && IN) | (has(write, name) && now & (OUT | ERR) && OUT);
    if (bits) found.push({ name, bits });
    k.cost.out += (bits & IN ? 1 : 0) + (bits & OUT ? 1 : 0);
  }
  note(k, 'do_select', `${k.cost.handed} bits a set handed in, ${plural(names.length, 'file')} asked, ${plural(k.cost.out, 'bit')} left`);
  return found;
}

// fs/select.c, __pollwait: a process that will sleep leaves an entry on the wait queue of each file.
function leaveEntries(k, process, wanted) {
  for (const { name, mask } of wanted) {
    const file = fileOf(k, name);
    if (file) queueUp(file, { process, mask, exclusive: false });
  }
  note(k, '__pollwait', `${process} is on ${plural(wanted.length, 'wait queue')} now`);
}

// fs/select.c, poll_freewait.
function takeEntries(k, process) {
  for (const file of Object.values(k.s.files)) file.waiters = file.waiters.filter((entry) => entry.process !== process);
}

// ---- Waiting ----------------------------------------------------------------------------------------------------------
const scan = (k, { op, ep, max, entries, read, write }) =>
  op === 'wait' ? sendEvents(k, k.s.files[ep], max) : op === 'poll' ? scanPoll(k, entries) : scanSelect(k, { read, write });
const isAnswer = (found) => typeof found === 'string' || found.length > 0;

// fs/eventpoll.c, ep_poll; fs/select.c, do_poll and do_select. The program looks, and does not sleep (a timeout of 0). A process of
// its own (`T: wait E 1`) sleeps until it has something to return.
function wait(k, action) {
  const call = { ...action };
  if (k.s.asleep[call.process]) return 'asleep already';
  if (call.op === 'wait') {
    const ep = fileOf(k, call.ep);
    if (!ep) return 'EBADF';
    if (ep.kind !== 'epoll' || call.max < 1) return 'EINVAL';
    call.ep = ep.id;
  }
  if (call.op === 'select' && [...call.read, ...call.write].some((name) => k.s.names[name] >= FD_SETSIZE)) return 'no such bit';
  const found = scan(k, call);
  if (!call.process || isAnswer(found)) return found;
  k.s.asleep[call.process] = call;
  if (call.op === 'wait') k.s.files[call.ep].sleepers.unshift(call.process);
  if (call.op === 'poll') leaveEntries(k, call.process, call.entries.map(({ name, mask }) => ({ name, mask: mask | ERR | HUP })));
  // fs/select.c, select_poll_one: an error and a hang-up wake through the set that will show them.
  if (call.op === 'select') {
    const names = [...new Set([...call.read, ...call.write])];
    const of = (name) => PRI | (call.read.includes(name) && IN | HUP | ERR) | (call.write.includes(name) && OUT | ERR);
    leaveEntries(k, call.process, names.map((name) => ({ name, mask: of(name) })));
  }
  note(k, 'schedule', `${call.process} sleeps`);
  return 'asleep';
}

// The processes that have been woken look again, one after another, and return or go back to sleep.
function run(k) {
  while (k.s.woken.length) {
    const process = k.s.woken.shift(), call = k.s.asleep[process];
    const found = scan(k, call);
    if (isAnswer(found)) {
      if (call.op !== 'wait') takeEntries(k, process);
      delete k.s.asleep[process];
      k.done.push({ process, text: shown(found) });
    } else if (call.op === 'wait') {
      k.s.files[call.ep].sleepers.unshift(process);
    }
  }
}

// fs/eventpoll.c, ep_poll, and fs/select.c, poll_schedule_timeout: a signal with a handler ends the call.
function signal(k, { process }) {
  if (!k.s.asleep[process]) return 'not asleep';
  const { op, ep } = k.s.asleep[process];
  if (op === 'wait') k.s.files[ep].sleepers = k.s.files[ep].sleepers.filter((other) => other !== process);
  else takeEntries(k, process);
  delete k.s.asleep[process];
  return `${process} EINTR`;
}

// ---- Sockets, pipes, eventfd ------------------------------------------------------------------------------------------
const endpoint = (k, kind) => open(k, kind, { peer: null, queue: [], used: 0, noMore: false, noWrite: false, err: null });

const connectTo = (a, b) => { [a.peer, b.peer] = [b.id, a.id]; };

function pair(k, { op, names }) {
  let fd;
  for (const name of names) {
    const kind = op === 'tcp' ? 'tcp' : 'unix', ours = endpoint(k, kind), theirs = endpoint(k, kind);
    connectTo(ours, theirs);
    k.s.peers[name] = theirs.id;
    fd = install(k, name, ours);
  }
  return fd;
}

// net/unix/af_unix.c, unix_stream_sendmsg, with sock_alloc_send_pskb (net/core/sock.c); net/ipv4/tcp.c, tcp_sendmsg_locked, whose
// errors come from sk_stream_error (net/core/stream.c).
function send(k, file, n) {
  if (file.kind === 'tcp' && file.err) return takeError(file);
  if (file.noWrite) return 'EPIPE';
  const other = k.s.files[file.peer];
  if (!other) return 'not modelled: a reset comes back';
  if (file.kind === 'unix') {
    if (file.used >= BUFFER) return 'EAGAIN';
    file.used++;
  }
  other.queue.push(n);
  // net/core/sock.c, sock_def_readable: the key has EPOLLPRI too, because the function does not know what has come.
  wake(k, other, IN | PRI);
  return n;
}

function takeError(file) {
  const error = file.err;
  file.err = null;
  return error;
}

// net/unix/af_unix.c, unix_stream_read_generic; net/ipv4/tcp.c, tcp_recvmsg_locked: first the bytes, then an error, then EOF; but
// once a FIN has come by TCP, EOF is before the error.
function receive(k, file, n) {
  let got = 0;
  while (got < n && queued(file)) {
    const part = Math.min(n - got, file.queue[0]);
    got += part;
    file.queue[0] -= part;
    if (file.queue[0] === 0) {
      file.queue.shift();
      freed(k, k.s.files[file.peer]);
    }
  }
  if (got) return got;
  if (file.kind === 'tcp' && file.fin) return 0;
  if (file.err) return takeError(file);
  return file.noMore ? 0 : 'EAGAIN';
}

// net/core/sock.c, sock_wfree, and net/unix/af_unix.c, unix_write_space: a message that has been read whole is room again for its
// sender, which is woken if its socket is writable now.
function freed(k, sender) {
  if (!sender || sender.kind !== 'unix') return;
  sender.used--;
  if (4 * sender.used < BUFFER) wake(k, sender, OUT);
}

// net/unix/af_unix.c, unix_shutdown; net/ipv4/af_inet.c, inet_shutdown; net/ipv4/tcp_input.c, tcp_fin: the other end will find EOF.
// Both ends are woken, by sock_def_wakeup (net/core/sock.c), which has no key and wakes all. TCP sends one FIN, and its answer wakes
// once more (net/ipv4/tcp_input.c, tcp_rcv_state_process), later if the connection is not over yet.
function shutdown(k, file) {
  if (file.peer === undefined && file.kind !== 'listener') return 'ENOTSOCK';
  const isTcp = file.kind === 'tcp', other = k.s.files[file.peer], again = isTcp && file.noWrite;
  wake(k, file, 0, true);
  if (isTcp && file.noMore && file.noWrite) return 'ENOTCONN';
  file.noWrite = true;
  if (!other || again) return 'ok';
  other.noMore = other.fin = true;
  wake(k, other, 0, true);
  if (isTcp && !file.noMore) {
    run(k);
    wake(k, file, 0, true);
  }
  return 'ok';
}

// net/ipv4/tcp_input.c, tcp_reset and tcp_done_with_error: both directions are over, with an error.
function reset(k, file) {
  const other = k.s.files[file.peer];
  delete k.s.files[file.id];
  if (!other || (other.noMore && other.noWrite)) return 'ok';
  Object.assign(other, { err: other.fin ? 'EPIPE' : 'ECONNRESET', noMore: true, noWrite: true, peer: null });
  wake(k, other, 0, true);
  wake(k, other, ERR);
  return 'ok';
}

// net/unix/af_unix.c, unix_release_sock: the other end can neither receive nor send any more, and has an error if its bytes were not
// read, or if nobody has accepted it (an embryo).
function hangUp(k, file, embryo = false) {
  const other = k.s.files[file.peer];
  delete k.s.files[file.id];
  if (!other) return;
  other.noMore = other.noWrite = true;
  if (queued(file) || embryo) other.err = 'ECONNRESET';
  wake(k, other, 0, true);
  for (let left = file.queue.length; left > 0; left--) freed(k, other);
}

// fs/pipe.c, pipe_release: when one end goes, the other is woken.
function closeEnd(k, file) {
  const pipe = k.s.files[file.pipe], other = k.s.files[pipe[file.kind === 'reader' ? 'writer' : 'reader']];
  pipe[file.kind] = null;
  delete k.s.files[file.id];
  if (other) wake(k, other, 0, true);
  else delete k.s.files[pipe.id];
}

// fs/file_table.c, __fput: the last descriptor of an open file is gone. First go its entries in interest lists (fs/eventpoll.c,
// eventpoll_release_file), then the file itself.
function release(k, file) {
  for (const { epoll, item } of file.waiters) forget(k, k.s.files[epoll], item);
  switch (file.kind) {
    case 'unix': return hangUp(k, file);
    case 'tcp': return queued(file) ? reset(k, file) : (shutdown(k, file), delete k.s.files[file.id]);
    case 'reader': case 'writer': return closeEnd(k, file);
    case 'listener': file.queue.forEach((id) => hangUp(k, k.s.files[id], true)); break;
    // fs/eventpoll.c, ep_clear_and_put.
    case 'epoll': Object.keys(file.items).forEach((key) => forget(k, file, key));
  }
  delete k.s.files[file.id];
}

function close(k, { name }) {
  const fd = k.s.names[name], file = fileOf(k, name);
  if (!file) return 'EBADF';
  const held = file.sleepers?.length || file.waiters.some((entry) => entry.process);
  if (held) return 'not modelled: somebody sleeps on it';
  delete k.s.fds[fd];
  if (isOpen(k, file)) note(k, 'close', `${name} is closed; its open file lives on under another number`);
  else release(k, file);
  return 'ok';
}

function read(k, { name, n }) {
  const file = fileOf(k, name);
  if (!file) return 'EBADF';
  switch (file.kind) {
    case 'unix': case 'tcp': return receive(k, file, n);
    // fs/eventfd.c, eventfd_read: takes the whole count, which makes room.
    case 'eventfd': {
      const { count } = file;
      if (!count) return 'EAGAIN';
      file.count = 0;
      wake(k, file, OUT);
      return count;
    }
    // fs/pipe.c, anon_pipe_read: wakes the writer only if the pipe was full.
    case 'reader': {
      const pipe = k.s.files[file.pipe], got = Math.min(n, pipe.pages), full = pipe.pages === PAGES;
      if (!got) return pipe.writer ? 'EAGAIN' : 0;
      pipe.pages -= got;
      if (full && pipe.writer) wake(k, k.s.files[pipe.writer], OUT);
      return got;
    }
    case 'writer': return 'EBADF';
    default: return 'EINVAL';
  }
}

function write(k, { name, n }) {
  const file = fileOf(k, name);
  if (!file) return 'EBADF';
  switch (file.kind) {
    case 'unix': case 'tcp': return send(k, file, n);
    // fs/eventfd.c, eventfd_write.
    case 'eventfd':
      file.count += n;
      wake(k, file, IN);
      return n;
    // fs/pipe.c, anon_pipe_write: once the pipe has been polled, it wakes even if nothing could be written.
    case 'writer': {
      const pipe = k.s.files[file.pipe], reader = k.s.files[pipe.reader], put = Math.min(n, PAGES - pipe.pages);
      if (!reader) return 'EPIPE';
      const wasEmpty = pipe.pages === 0;
      pipe.pages += put;
      if (wasEmpty || pipe.polled) wake(k, reader, IN);
      return put || 'EAGAIN';
    }
    case 'reader': return 'EBADF';
    case 'listener': return 'ENOTCONN';
    default: return 'EINVAL';
  }
}

// What happens at the other end of a connection, by the name that the program has for its own.
const atOtherEnd = (act) => (k, { name, n }) => (k.s.files[k.s.peers[name]] ? act(k, k.s.files[k.s.peers[name]], n) : 'gone');

// The calls, by their names in a scenario.
const calls = {
  epoll: (k, { name }) => install(k, name, open(k, 'epoll', { items: {}, ready: [], sleepers: [] })),
  pair, tcp: pair,
  pipe(k, { reader, writer }) {
    const pipe = open(k, 'pipe', { pages: 0, polled: false });
    const ends = [open(k, 'reader', { pipe: pipe.id }), open(k, 'writer', { pipe: pipe.id })];
    [pipe.reader, pipe.writer] = ends.map((end) => end.id);
    return `${install(k, reader, ends[0])} ${install(k, writer, ends[1])}`;
  },
  eventfd: (k, { name }) => install(k, name, open(k, 'eventfd', { count: 0 })),
  listen(k, { name, n }) {
    const listener = open(k, 'listener', { queue: [], backlog: n });
    k.s.addresses[name] = listener.id;
    return install(k, name, listener);
  },
  // net/unix/af_unix.c, unix_stream_connect and unix_recvq_full_lockless: one more than the backlog may wait.
  connect(k, { name, client }) {
    const listener = k.s.files[k.s.addresses[name]];
    if (!listener) return 'ECONNREFUSED';
    if (listener.queue.length > listener.backlog) return 'EAGAIN';
    const ours = endpoint(k, 'unix'), theirs = endpoint(k, 'unix');
    connectTo(ours, theirs);
    k.s.peers[client] = theirs.id;
    listener.queue.push(ours.id);
    wake(k, listener, IN | PRI);
    return 'ok';
  },
  // net/unix/af_unix.c, unix_accept.
  accept(k, { name, client }) {
    const listener = fileOf(k, name);
    if (!listener) return 'EBADF';
    if (listener.kind !== 'listener') return listener.peer === undefined ? 'ENOTSOCK' : 'EINVAL';
    if (!queued(listener)) return 'EAGAIN';
    const ours = k.s.files[listener.queue.shift()];
    k.s.peers[client] = ours.peer;
    return install(k, client, ours);
  },
  dup: (k, { name, copy, least }) => (fileOf(k, name) ? install(k, copy, fileOf(k, name), least) : 'EBADF'),
  close, read, write,
  shut: (k, { name }) => (fileOf(k, name) ? shutdown(k, fileOf(k, name)) : 'EBADF'),
  add: control, mod: control, del: control,
  wait, poll: wait, select: wait, signal,
  // fs/eventpoll.c, ep_show_fdinfo: what /proc/PID/fdinfo shows, here in the order of the numbers.
  list(k, { ep }) {
    const epoll = fileOf(k, ep);
    if (!epoll?.items) return 'EBADF';
    const entries = Object.values(epoll.items).map(({ fd, data, mask }) => ({ fd, text: `${data} ${words(mask)}` }));
    entries.sort((a, b) => a.fd - b.fd || (a.text < b.text ? -1 : 1));
    return entries.map(({ text }) => text).join(', ') || 'empty';
  },
  send: atOtherEnd(send), take: atOtherEnd(receive), end: atOtherEnd(shutdown), reset: atOtherEnd(reset),
  leave: atOtherEnd((k, file) => (release(k, file), 'ok')),
};

// ---- Words ------------------------------------------------------------------------------------------------------------
const NAMES = [[IN, 'in'], [PRI, 'pri'], [OUT, 'out'], [ERR, 'err'], [HUP, 'hup'], [RDHUP, 'rdhup'],
  [EXCLUSIVE, 'exclusive'], [ONESHOT, 'oneshot'], [ET, 'et']];

// A mask as words, and the words of one as a mask.
export const words = (mask) => (typeof mask === 'string' ? mask : NAMES.filter(([bit]) => mask & bit).map(([, word]) => word).join(' '));
export const bits = (all) => all.reduce((mask, word) => mask | NAMES.find(([, name]) => name === word)[0], 0);
const shown = (found) => (typeof found === 'string' ? found
  : `${found.length}${found.map(({ name, bits }, i) => `${i ? ', ' : ': '}${name} ${words(bits)}`).join('')}`);
const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
