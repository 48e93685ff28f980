// A scenario as text, a line a step: `wait E 4 => 1: A in`. Above the steps stand its title and words about it, each behind a #. A line behind ## is a comment.
//
//   epoll E · pair A · tcp A · pipe R W · eventfd V · listen L 3 · dup A B [1024] · close A      make and close descriptors
//   add E A in et · mod E A in · del E A · list E                                                 the interest list
//   wait E 4 · poll A:in B:in,out · select r:A,B w:C · T: wait E 1 · signal T                     wait; as a process that sleeps
//   read A 2 · write A 1 · shut A · accept L A                                                    the program
//   send A 3 · take A 1 · end A · leave A · reset A · connect L A                                 the other end
//
// `K1..K100` stands for a hundred names, in pair, add, poll and select.

import { bits, start, step } from './model.js';

const several = (word) => {
  const range = /^([A-Za-z]+)(\d+)\.\.\1(\d+)$/.exec(word);
  if (!range) return [word];
  const [from, to] = [Number(range[2]), Number(range[3])];
  return Array.from({ length: Math.min(to - from + 1, 1000) }, (_, i) => range[1] + (from + i));
};
const number = (word, least, most) => {
  const n = Number(word);
  if (!Number.isInteger(n) || n < least || n > most) throw new Error(`${word ?? 'nothing'} is not a number from ${least} to ${most}`);
  return n;
};
const name = (word) => {
  if (!/^[A-Z][A-Za-z0-9]*$/.test(word ?? '')) throw new Error(`${word ?? 'nothing'} is not a name such as A, B2 or Listener`);
  return word;
};
const names = (word) => several(word).map(name);
const EVENTS = ['in', 'out', 'rdhup'];
const event = (allowed) => (word) => {
  if (!allowed.includes(word)) throw new Error(`${word} is not one of ${allowed.join(', ')}`);
  return word;
};
const mask = (list, allowed) => bits(list.map(event(allowed)));
const one = ([word]) => ({ name: name(word) });
const some = ([word]) => ({ names: names(word) });
const counted = (least) => ([word, n]) => ({ name: name(word), n: number(n, least, 99) });
const entry = ([word, ...flags]) => ({ names: names(word), mask: mask(flags, [...EVENTS, 'et', 'oneshot', 'exclusive']) });
const control = ([ep, ...rest]) => ({ ep: name(ep), ...entry(rest) });
const set = (list, letter) => {
  const found = list.filter((word) => word.startsWith(`${letter}:`));
  return [...new Set(found.flatMap((word) => word.slice(2).split(',')).flatMap(names))];
};

// What the words after each call mean.
const CALLS = {
  epoll: one, pair: some, tcp: some, eventfd: one, close: one, shut: one, end: one, leave: one, reset: one,
  pipe: ([reader, writer]) => ({ reader: name(reader), writer: name(writer) }),
  listen: counted(0), read: counted(1), write: counted(1), send: counted(1), take: counted(1),
  connect: ([word, client]) => ({ name: name(word), client: name(client) }),
  accept: ([word, client]) => ({ name: name(word), client: name(client) }),
  dup: ([word, copy, least = '3']) => ({ name: name(word), copy: name(copy), least: number(least, 3, 2000) }),
  add: control, mod: control, del: ([ep, word]) => ({ ep: name(ep), names: names(word), mask: 0 }),
  list: ([ep]) => ({ ep: name(ep) }),
  wait: ([ep, max]) => ({ ep: name(ep), max: number(max, 1, 1000) }),
  poll: (list) => ({
    entries: list.flatMap((word) => {
      const [who, what = ''] = word.split(':');
      return names(who).map((one) => ({ name: one, mask: mask(what.split(',').filter(Boolean), EVENTS) }));
    }),
  }),
  select: (list) => ({ read: set(list, 'r'), write: set(list, 'w') }),
  signal: ([process]) => ({ process: name(process) }),
};
const SLEEPS = ['wait', 'poll', 'select'];

// A step, from its words.
export function parseStep(text) {
  const [, process, rest] = /^(?:([A-Z][A-Za-z0-9]*):\s+)?(.*)$/.exec(text.trim());
  const [op, ...words] = rest.split(/\s+/);
  if (!Object.hasOwn(CALLS, op)) throw new Error(`${op || 'nothing'} is not a step`);
  if (process && !SLEEPS.includes(op)) throw new Error('a process of its own can wait, poll and select');
  return { op, ...CALLS[op](words), ...(process && { process }) };
}

// A scenario: its title, what is said about it, and its steps with the results that are written there.
export function parse(text) {
  const scenario = { title: '', about: [], steps: [] };
  for (const [i, line] of text.split('\n').entries()) {
    const plain = line.trim();
    if (plain.startsWith('##')) continue;
    if (plain.startsWith('#')) {
      const words = plain.slice(1).trim();
      if (!scenario.title) scenario.title = words;
      else if (words) scenario.about.push(words);
    } else if (plain) {
      const [source, written] = plain.split(/\s+=>\s+/);
      try {
        scenario.steps.push({ source, written, action: parseStep(source) });
      } catch (error) {
        throw new Error(`line ${i + 1}: ${error.message}`);
      }
    }
  }
  return scenario;
}

// All states of a scenario, and what each step returns.
export function play({ steps }) {
  const states = [start()];
  const results = steps.map(({ action }) => {
    const { state, result } = step(states.at(-1), action);
    states.push(state);
    return result;
  });
  return { states, results };
}

// A result in a line: what the call returned, and then each sleeper whose call returned, too.
export const line = ({ text, done }) =>
  [text, ...done.map(({ process, text }) => `${process} ${text}`).sort()].join(' / ');

// What a scenario returns, a line a step.
export const trace = (text) => play(parse(text)).results.map(line);
