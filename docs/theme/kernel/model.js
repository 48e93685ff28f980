// What Linux does for select, poll and epoll, as a model: a state is a plain value, and a step makes a new one.
//
// It was compared with Linux 6.18; each rule names the file and the function that it models. A test of the book (tests/twin)
// makes the same steps with real system calls, by the thousand, and every return value, event, mask and order is equal.
//
// Not modelled: threads that run at the same time (so nothing ever arrives in the middle of a scan, and ep->ovflist stays
// empty), timeouts, an epoll in an epoll, urgent data, TCP's windows, the limits of memory and of descriptors.

// include/uapi/linux/eventpoll.h: the bits of a mask.
export const IN = 0x1, PRI = 0x2, OUT = 0x4, ERR = 0x8, HUP = 0x10, RDHUP = 0x2000;
export const EXCLUSIVE = 1 << 28, ONESHOT = 1 << 30, ET = 1 << 31;
// fs/eventpoll.c: EP_PRIVATE_BITS, the flags that are no events, and EPOLLEXCLUSIVE_OK_BITS.
const PRIVATE = EXCLUSIVE | ONESHOT | ET;
const EXCLUSIVE_OK = IN | OUT | ERR | HUP | ET | EXCLUSIVE;

// A send buffer is full once it holds this many messages, each as large as the kernel counts a small one (skb->truesize).
export const BUFFER = 8;
// A pipe has this many pages (F_SETPIPE_SZ). What is read from one and written to one is counted in pages.
export const PAGES = 4;
// The bits of a glibc fd_set.
export const FD_SETSIZE = 1024;

// A state: open files by their id, the program's descriptors (number → id), the program's variables (name → number), who is
// at the other end (name → id), the processes that sleep in a call, and those among them that have been woken.
export const start = () => ({ files: {}, fds: {}, names: {}, peers: {}, addresses: {}, asleep: {}, woken: [], last: 0 });

// One system call, of the program or of somebody at the other end. What it returns is in `result.text`; `done` are the sleepers
// whose calls have returned because of it, `notes` what happened inside, and `cost` what a wait was handed, asked and gave out.
export function step(before, action) {
  const k = { s: structuredClone(before), done: [], notes: [], cost: null };
  let text = calls[action.op](k, action);
  run(k);
  if (Array.isArray(text)) text = shown(text);
  return { state: k.s, result: { text: String(text), done: k.done, notes: k.notes, cost: k.cost } };
}

const note = (k, where, what, about) => k.notes.push({ where, what, about });

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

// What is true of a file now: its poll operation.
function ask(k, file) {
  switch (file.kind) {
    // net/unix/af_unix.c, unix_poll and unix_writable: a quarter of the send buffer may be in use, and no more.
    case 'unix':
      return (file.err && ERR) | (file.noMore && file.noWrite && HUP) | (file.noMore && RDHUP | IN)
        | (queued(file) && IN) | (4 * file.used < BUFFER && OUT);
    // net/ipv4/tcp.c, tcp_poll. Its send buffer never fills here.
    case 'tcp':
      return (file.err && ERR) | (file.noMore && file.noWrite && HUP) | (file.noMore && RDHUP | IN)
        | (queued(file) && IN) | OUT;
    // net/unix/af_unix.c, unix_poll, of a socket that listens: it has no room to write.
    case 'listener':
      return queued(file) && IN;
    // fs/pipe.c, pipe_poll. From now on every write wakes, also when the pipe was not empty (pipe->poll_usage).
    case 'reader':
      k.s.files[file.pipe].polled = true;
      return (k.s.files[file.pipe].pages && IN) | (!k.s.files[file.pipe].writer && HUP);
    case 'writer':
      k.s.files[file.pipe].polled = true;
      return (k.s.files[file.pipe].pages < PAGES && OUT) | (!k.s.files[file.pipe].reader && ERR);
    // fs/eventfd.c, eventfd_poll. Its counter never fills here.
    case 'eventfd':
      return (file.count && IN) | OUT;
    // fs/eventpoll.c, __ep_eventpoll_poll: goes along the ready list to the first entry that is true, and drops those before it.
    case 'epoll': {
      const isTrue = (key) => (ask(k, k.s.files[file.items[key].file]) & file.items[key].mask) !== 0;
      while (file.ready.length && !isTrue(file.ready[0])) file.ready.shift();
      if (!file.ready.length) return 0;
      wakeOne(k, file);
      return IN;
    }
  }
}

// kernel/sched/wait.c, add_wait_queue and add_wait_queue_exclusive: the exclusive at the end, the others in front of all.
const queueUp = (file, entry) => (entry.exclusive ? file.waiters.push(entry) : file.waiters.unshift(entry));

// kernel/sched/wait.c, __wake_up_common: calls the function of each entry, and stops after the first exclusive one that has
// woken somebody, unless all are to be woken. `key` says what has become true; 0, that it may be anything.
function wake(k, file, key, all = false) {
  for (const entry of [...file.waiters]) {
    const woke = entry.epoll ? callback(k, entry, key) : pollwake(k, entry, key);
    if (entry.exclusive && woke && !all) break;
  }
}

// ---- epoll ------------------------------------------------------------------------------------------------------------
// fs/eventpoll.c, ep_poll_callback: what a wake-up calls for an entry of an interest list. Returns whether it woke somebody.
function callback(k, { epoll, item: key }, events) {
  const ep = k.s.files[epoll], item = ep.items[key], { mask, data } = item;
  const exclusive = mask & EXCLUSIVE;
  if (!(mask & ~PRIVATE)) {
    note(k, 'ep_poll_callback', `the mask of ${data} is empty: nothing`, [key]);
    return !exclusive;
  }
  if (events && !(events & mask)) {
    note(k, 'ep_poll_callback', `${data} does not wait for ${words(events)}: nothing`, [key]);
    return !exclusive;
  }
  if (ep.ready.includes(key)) {
    note(k, 'ep_poll_callback', `${data} is on the ready list already`, [key]);
  } else {
    ep.ready.push(key);
    note(k, 'ep_poll_callback', `${data} goes to the end of the ready list`, [key]);
  }
  const sleeps = ep.sleepers.length > 0;
  wakeOne(k, ep);
  wake(k, ep, IN);
  if (!sleeps) return !exclusive;
  const way = events & (IN | OUT);
  return !exclusive || way === 0 || (way !== (IN | OUT) && (way & mask) !== 0);
}

// fs/eventpoll.c, ep_poll: its sleepers are exclusive, and each goes to the front (__add_wait_queue_exclusive, which is not
// add_wait_queue_exclusive), so the last is woken first; and that one leaves the queue (ep_autoremove_wake_function).
function wakeOne(k, ep) {
  const process = ep.sleepers.shift();
  if (process === undefined) return;
  k.s.woken.push(process);
  note(k, 'wake_up', `${process}, asleep in epoll_wait, is woken`, [process]);
}

// fs/eventpoll.c, ep_insert and ep_modify: the file is asked once, and what is true already counts as news.
function lookOnce(k, ep, key, where) {
  const { file, mask, data } = ep.items[key];
  const found = ask(k, k.s.files[file]) & mask;
  if (!found || ep.ready.includes(key)) return;
  ep.ready.push(key);
  note(k, where, `${data} is asked: ${words(found)} is true already, so it goes on the ready list`, [key]);
  wakeOne(k, ep);
  wake(k, ep, IN);
}

// fs/eventpoll.c, ep_remove_safe: off the file's wait queue, the interest list, the ready list.
function forget(k, ep, key) {
  const file = k.s.files[ep.items[key].file];
  file.waiters = file.waiters.filter((entry) => entry.epoll !== ep.id || entry.item !== key);
  note(k, 'ep_remove', `the entry ${ep.items[key].data} is gone`, [key]);
  delete ep.items[key];
  ep.ready = ep.ready.filter((other) => other !== key);
}

// fs/eventpoll.c, do_epoll_ctl. The key of an entry is the pair of the open file and the number (ep_cmp_ffd).
function control(k, { op, ep: epoll, names, mask: asked }) {
  for (const name of names) {
    const error = controlOne(k, op, epoll, name, asked | ERR | HUP);
    if (error) return error;
  }
  return 'ok';
}

function controlOne(k, op, epoll, name, mask) {
  const ep = fileOf(k, epoll), file = fileOf(k, name);
  if (!ep || !file) return 'EBADF';
  if (ep.kind !== 'epoll' || ep === file) return 'EINVAL';
  if (file.kind === 'epoll') return 'not modelled: an epoll in an epoll';
  if (op !== 'del' && mask & EXCLUSIVE && (op === 'mod' || mask & ~EXCLUSIVE_OK)) return 'EINVAL';
  const fd = k.s.names[name], key = `${file.id}/${fd}`, item = ep.items[key];
  if (op === 'add') {
    if (item) return 'EEXIST';
    ep.items[key] = { file: file.id, fd, mask, data: name };
    // ep_ptable_queue_proc, which the file's poll operation is handed.
    queueUp(file, { epoll: ep.id, item: key, exclusive: (mask & EXCLUSIVE) !== 0 });
    note(k, 'ep_insert', `${name} is on the interest list, and its callback on the wait queue of its file`, [key]);
    lookOnce(k, ep, key, 'ep_insert');
    return 0;
  }
  if (!item) return 'ENOENT';
  if (op === 'del') return forget(k, ep, key);
  if (item.mask & EXCLUSIVE) return 'EINVAL';
  Object.assign(item, { mask, data: name });
  note(k, 'ep_modify', `${name} has a new mask`, [key]);
  lookOnce(k, ep, key, 'ep_modify');
  return 0;
}

// fs/eventpoll.c, ep_send_events between ep_start_scan and ep_done_scan.
function sendEvents(k, ep, room) {
  const scan = ep.ready, events = [], again = [];
  ep.ready = [];
  if (scan.length) note(k, 'ep_start_scan', `the ready list is taken as a whole: ${list(ep, scan)}`, []);
  k.cost = { handed: 0, asked: 0, out: 0 };
  while (scan.length && events.length < room) {
    const key = scan.shift(), item = ep.items[key];
    const found = ask(k, k.s.files[item.file]) & item.mask;
    k.cost.asked++;
    if (!found) {
      note(k, 'ep_send_events', `${item.data} is asked: nothing is true any more, and it is dropped`, [key]);
      continue;
    }
    events.push({ name: item.data, bits: found });
    if (item.mask & ONESHOT) {
      item.mask &= PRIVATE;
      note(k, 'ep_send_events', `${item.data} is reported, and its mask emptied: one shot`, [key]);
    } else if (!(item.mask & ET)) {
      again.push(key);
      note(k, 'ep_send_events', `${item.data} is reported, and queued again: level-triggered`, [key]);
    } else {
      note(k, 'ep_send_events', `${item.data} is reported, and off the list: edge-triggered`, [key]);
    }
  }
  if (scan.length) note(k, 'ep_done_scan', `no room left: ${list(ep, scan)} goes back to the front`, scan);
  ep.ready = [...scan, ...again];
  if (ep.ready.length) wakeOne(k, ep);
  k.cost.out = events.length;
  return events;
}

const list = (ep, keys) => keys.map((key) => ep.items[key].data).join(', ');

// ---- poll and select --------------------------------------------------------------------------------------------------
// fs/select.c, pollwake: an entry that a sleeping poll or select has left on a wait queue, for as long as it sleeps.
function pollwake(k, { process, mask }, events) {
  if (events && !(events & mask)) return false;
  if (k.s.woken.includes(process)) return true;
  k.s.woken.push(process);
  note(k, 'pollwake', `${process} is woken, and is not told by which`, [process]);
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
  note(k, 'do_poll', `${plural(k.cost.handed, 'entry', 'entries')} handed in, ${k.cost.asked} asked, ${found.length} with an answer`, []);
  return found;
}

// fs/select.c, do_select: POLLIN_SET and POLLOUT_SET say what counts as readable and as writable. The bits are gone through from
// 0 to the highest number. Its answer stands in the place of the question.
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
  note(k, 'do_select', `${k.cost.handed} bits a set handed in, ${plural(names.length, 'file')} asked, ${plural(k.cost.out, 'bit')} left`, []);
  return found;
}

// fs/select.c, __pollwait: a sleeper leaves an entry on the queue of each file.
function leaveEntries(k, process, wanted) {
  for (const { name, mask } of wanted) {
    const file = fileOf(k, name);
    if (file) queueUp(file, { process, mask, exclusive: false });
  }
  note(k, '__pollwait', `${process} stands on ${plural(wanted.length, 'wait queue')} now`, [process]);
}

// fs/select.c, poll_freewait.
function takeEntries(k, process) {
  for (const file of Object.values(k.s.files)) file.waiters = file.waiters.filter((entry) => entry.process !== process);
}

// ---- Waiting ----------------------------------------------------------------------------------------------------------
const scan = (k, { op, ep, max, entries, read, write }) =>
  op === 'wait' ? sendEvents(k, k.s.files[ep], max) : op === 'poll' ? scanPoll(k, entries) : scanSelect(k, { read, write });
const isAnswer = (found) => typeof found === 'string' || found.length > 0;

// A wait of the program looks, and does not sleep (a timeout of 0). One of a process of its own (`T: wait E 1`) sleeps until it has
// something to return: fs/eventpoll.c, ep_poll; fs/select.c, do_poll and do_select.
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
  // wait_key_set: an error and a hang-up wake by the set that they are shown in.
  if (call.op === 'select') {
    const names = [...new Set([...call.read, ...call.write])];
    const of = (name) => PRI | (call.read.includes(name) && IN | HUP | ERR) | (call.write.includes(name) && OUT | ERR);
    leaveEntries(k, call.process, names.map((name) => ({ name, mask: of(name) })));
  }
  note(k, 'schedule', `${call.process} sleeps`, [call.process]);
  return 'asleep';
}

// Those that have been woken look again, one after the other, and return or go back to sleep.
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

// A signal with a handler: fs/eventpoll.c, ep_poll, and fs/select.c, poll_schedule_timeout.
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
  // net/core/sock.c, sock_def_readable: the key has EPOLLPRI, too, since it does not know.
  wake(k, other, IN | PRI);
  return n;
}

function takeError(file) {
  const error = file.err;
  file.err = null;
  return error;
}

// net/unix/af_unix.c, unix_stream_read_generic; net/ipv4/tcp.c, tcp_recvmsg_locked: first what is queued, then an error, then EOF.
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

// net/core/sock.c, sock_wfree, and net/unix/af_unix.c, unix_write_space: a message that has been read whole is room again for who
// sent it, and wakes if that makes the socket writable.
function freed(k, sender) {
  if (!sender || sender.kind !== 'unix') return;
  sender.used--;
  if (4 * sender.used < BUFFER) wake(k, sender, OUT);
}

// net/unix/af_unix.c, unix_shutdown; net/ipv4/af_inet.c, inet_shutdown, and net/ipv4/tcp_input.c, tcp_fin: the other side will find
// EOF. sock_def_wakeup has no key, and wakes all, on both sides. TCP sends one FIN, and no second; its answer comes later, and wakes
// once more (tcp_rcv_state_process), unless the connection is over with this FIN.
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

// net/ipv4/tcp_input.c, tcp_reset.
function reset(k, file) {
  if (!file) return 'gone';
  const other = k.s.files[file.peer];
  delete k.s.files[file.id];
  if (!other || (other.noMore && other.noWrite)) return 'ok';
  Object.assign(other, { err: other.fin ? 'EPIPE' : 'ECONNRESET', noMore: true, noWrite: true, peer: null });
  wake(k, other, 0, true);
  wake(k, other, ERR);
  return 'ok';
}

// net/unix/af_unix.c, unix_release_sock: the other end can neither read nor write any more, and has an error if bytes were unread.
function hangUp(k, file, embryo = false) {
  const other = k.s.files[file.peer];
  delete k.s.files[file.id];
  if (!other) return;
  other.noMore = other.noWrite = true;
  if (queued(file) || embryo) other.err = 'ECONNRESET';
  wake(k, other, 0, true);
  for (let left = file.queue.length; left > 0; left--) freed(k, other);
}

// fs/pipe.c, pipe_release: the last reader or writer wakes all of both sides.
function closeEnd(k, file) {
  const pipe = k.s.files[file.pipe], other = k.s.files[pipe[file.kind === 'reader' ? 'writer' : 'reader']];
  pipe[file.kind] = null;
  delete k.s.files[file.id];
  if (other) wake(k, other, 0, true);
  else delete k.s.files[pipe.id];
}

// fs/file_table.c, __fput: the last descriptor of an open file is gone. First the entries of interest lists that hang on it
// (fs/eventpoll.c, eventpoll_release_file), then the file itself.
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
  if (isOpen(k, file)) note(k, 'close', `${name} is closed; its open file lives on under another number`, []);
  else release(k, file);
  return 'ok';
}

function read(k, { name, n }) {
  const file = fileOf(k, name);
  if (!file) return 'EBADF';
  switch (file.kind) {
    case 'unix': case 'tcp': return receive(k, file, n);
    // fs/eventfd.c, eventfd_read: the whole count, which makes room.
    case 'eventfd': {
      const { count } = file;
      if (!count) return 'EAGAIN';
      return (file.count = 0), wake(k, file, OUT), count;
    }
    // fs/pipe.c, pipe_read: it wakes the writer only if the pipe was full.
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
    // fs/pipe.c, pipe_write: once the pipe has been polled, it wakes whether or not anything could be written.
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
  // net/unix/af_unix.c, unix_stream_connect and unix_recvq_full: one more than the backlog may wait.
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
  // fs/eventpoll.c, ep_show_fdinfo: /proc/PID/fdinfo of an epoll, here in the order of the numbers.
  list(k, { ep }) {
    const epoll = fileOf(k, ep);
    if (!epoll?.items) return 'EBADF';
    const entries = Object.values(epoll.items).map(({ fd, data, mask }) => ({ fd, text: `${data} ${words(mask)}` }));
    entries.sort((a, b) => a.fd - b.fd || (a.text < b.text ? -1 : 1));
    return entries.map(({ text }) => text).join(', ') || 'empty';
  },
  // What happens at the other end.
  send: (k, { name, n }) => (peer(k, name) ? send(k, peer(k, name), n) : 'gone'),
  take: (k, { name, n }) => (peer(k, name) ? receive(k, peer(k, name), n) : 'gone'),
  end: (k, { name }) => (peer(k, name) ? shutdown(k, peer(k, name)) : 'gone'),
  leave: (k, { name }) => (peer(k, name) ? (release(k, peer(k, name)), 'ok') : 'gone'),
  reset: (k, { name }) => reset(k, peer(k, name)),
};

const peer = (k, name) => k.s.files[k.s.peers[name]];

// ---- Words ------------------------------------------------------------------------------------------------------------
const NAMES = [[IN, 'in'], [PRI, 'pri'], [OUT, 'out'], [ERR, 'err'], [HUP, 'hup'], [RDHUP, 'rdhup'],
  [EXCLUSIVE, 'exclusive'], [ONESHOT, 'oneshot'], [ET, 'et']];

// A mask as words, and the words of one as a mask.
export const words = (mask) => (typeof mask === 'string' ? mask : NAMES.filter(([bit]) => mask & bit).map(([, word]) => word).join(' '));
export const bits = (all) => all.reduce((mask, word) => mask | NAMES.find(([, name]) => name === word)[0], 0);
const shown = (found) => (typeof found === 'string' ? found
  : `${found.length}${found.map(({ name, bits }, i) => `${i ? ', ' : ': '}${name} ${words(bits)}`).join('')}`);
const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
