// The kernel's state as boxes: epolls with their two lists, and open files with what is queued and who stands on their wait queues.

import { BUFFER, PAGES, words } from './model.js';
import { element } from './element.js';

// So many files are drawn as boxes; more of them as dots.
const BOXES = 8;
const box = (key, kind, inside) => element('div', { 'data-key': key, class: kind }, inside);
const chip = (key, inside) => element('li', { 'data-key': key }, inside);

// The names that lead to a file, with their numbers.
function namesOf(state, id) {
  const names = Object.entries(state.names).filter(([, fd]) => state.fds[fd] === id);
  return names.map(([name, fd]) => `${name} = ${fd}`).join(', ');
}

// A state as elements.
export function draw(state) {
  const files = Object.values(state.files);
  const epolls = files.filter(({ kind }) => kind === 'epoll');
  const ours = new Set(Object.values(state.fds));
  const others = files.filter(({ id, kind }) => ours.has(id) && kind !== 'epoll');
  const parts = epolls.map((ep) => epoll(state, ep));
  if (others.length > BOXES) parts.push(dots(state, others));
  else if (others.length) parts.push(element('div', { class: 'files' }, others.map((file) => openFile(state, file))));
  if (!parts.length) parts.push(element('p', { class: 'empty' }, 'No descriptor is open but 0, 1 and 2.'));
  return parts;
}

function epoll(state, ep) {
  const items = Object.entries(ep.items);
  const many = items.length > BOXES;
  const interest = many ? [chip(`${ep.id} many`, `${items.length.toLocaleString('en')} entries`)]
    : items.map(([key, { data, mask }]) => chip(`${ep.id} ${key}`, [element('b', {}, data), ` ${words(mask & ~0x18)}`]));
  const ready = ep.ready.map((key) => chip(`${ep.id} ready ${key}`, element('b', {}, ep.items[key].data)));
  const sleeps = ep.sleepers.map((process) => chip(`${ep.id} sleeps ${process}`, `${process} asleep`));
  const row = (label, entries, kind) => element('div', { class: 'row' }, [element('span', { class: 'label' }, label),
    element('ul', { class: kind, 'aria-label': label }, entries.length ? entries : [element('li', { class: 'none' }, 'empty')])]);
  return element('div', { class: 'epoll' }, [
    element('p', { class: 'name' }, `epoll ${namesOf(state, ep.id) || '(closed)'}`),
    row('interest list', interest, 'chips'),
    row('ready list', ready, 'chips ready'),
    ...(sleeps.length ? [row('waiting', sleeps, 'chips')] : []),
  ]);
}

function openFile(state, file) {
  const inside = [element('span', { class: 'name' }, namesOf(state, file.id)), ...contents(state, file)];
  if (file.waiters.length) {
    const hooks = file.waiters.map(({ epoll, item, process, exclusive }) => (process ? `${process} asleep`
      : `${nameOf(state, epoll)}’s callback${state.files[epoll].items[item].data === nameOf(state, file.id) ? '' : ` (${state.files[epoll].items[item].data})`}${exclusive ? ', exclusive' : ''}`));
    inside.push(element('span', { class: 'queue', 'data-key': `${file.id} queue` }, `wait queue: ${hooks.join(' · ')}`));
  }
  return box(file.id, 'file', inside);
}

const nameOf = (state, id) => (Object.entries(state.names).find(([, fd]) => state.fds[fd] === id) ?? ['closed'])[0];

const bar = (full, of) => element('span', { class: 'bar', 'aria-hidden': 'true' },
  Array.from({ length: of }, (_, i) => element('i', i < full ? { class: 'full' } : {})));
const bytesOf = ({ queue }) => queue.reduce((sum, n) => sum + n, 0);

function contents(state, file) {
  const say = (key, text, ...more) => element('span', { class: 'say', 'data-key': `${file.id} ${key}` }, [text, ...more]);
  switch (file.kind) {
    case 'unix': case 'tcp': {
      const bytes = bytesOf(file);
      const said = [say('in', `${bytes ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'} to read` : 'nothing to read'} `, bar(Math.min(bytes, 12), Math.min(bytes, 12)))];
      if (file.used) said.push(say('out', `send buffer: ${file.used} of ${BUFFER} `, bar(file.used, BUFFER)));
      const ends = [file.err, file.noMore && 'EOF', file.noWrite && 'no more writes'].filter(Boolean);
      if (ends.length) said.push(say('end', ends.join(', ')));
      if (file.kind === 'tcp') said.unshift(say('tcp', 'TCP'));
      return said;
    }
    case 'listener': return [say('queue', `${file.queue.length || 'nobody'} to accept `, bar(file.queue.length, file.queue.length))];
    case 'reader': case 'writer': {
      const pipe = state.files[file.pipe], isReader = file.kind === 'reader';
      const alone = isReader ? !pipe.writer : !pipe.reader;
      return [say('pages', `${isReader ? 'pipe, to read' : 'pipe, to write'}: ${pipe.pages} of ${PAGES} pages `, bar(pipe.pages, PAGES)),
        ...(alone ? [say('alone', isReader ? 'no writer' : 'no reader')] : [])];
    }
    case 'eventfd': return [say('count', `counter: ${file.count}`)];
    default: return [];
  }
}

// Many files: a dot each, filled if there is something to read.
function dots(state, files) {
  const busy = files.filter(({ queue }) => queue?.length);
  const label = `${files.length.toLocaleString('en')} sockets; ${busy.length
    ? `${busy.map(({ id }) => namesOf(state, id)).join(', ')} with something to read` : 'nothing to read on any'}`;
  return box('dots', 'many', [element('p', { class: 'name' }, label),
    element('div', { class: 'dots', 'aria-hidden': 'true' }, files.map(({ queue }) => element('i', queue?.length ? { class: 'full' } : {})))]);
}

// Marks what is not as it was in the state before.
export function changed(picture, before) {
  const old = new Map();
  for (const part of before) {
    for (const one of [part, ...part.querySelectorAll('[data-key]')]) if (one.dataset?.key) old.set(one.dataset.key, signature(one));
  }
  for (const one of picture.querySelectorAll('[data-key]')) {
    if (old.get(one.dataset.key) !== signature(one)) one.classList.add('changed');
  }
}

// A box is new or is not; what is in it is marked by itself.
const signature = (one) => (one.classList.contains('file') ? 'there' : one.textContent);
