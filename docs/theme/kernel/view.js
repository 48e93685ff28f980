// A scenario on the page: its steps, the kernel's state after each, and what a wait will return, to be guessed first.
// The text of the scenario is taken from the table that is there without scripts.

import { line, parse, play } from './scenario.js';
import { changed, draw } from './picture.js';
import { element } from './element.js';

const WAITS = ['wait', 'poll', 'select'];
const PAUSE = 1400;

// All of a scenario in the fragment of an address.
const PLAYGROUND = 'playground.html';
export const toFragment = (text) => `#${encodeURIComponent(text).replaceAll('~', '%7E').replaceAll('%20', '+').replaceAll('%0A', '~')}`;
export const fromFragment = (hash) => decodeURIComponent(hash.slice(1).replaceAll('~', '%0A').replaceAll('+', '%20'));

// The scenario that the section's table tells.
function written(section) {
  const plain = (one) => one.textContent.trim().replace(/\s+/g, ' ');
  const lines = ['.title', '.about'].map((one) => `# ${plain(section.querySelector(one))}`);
  for (const row of section.querySelectorAll('tbody tr')) lines.push(plain(row.cells[0]));
  return lines.join('\n');
}

// A result as words that follow the call: and what has returned to those that slept.
const said = ({ text, done }) => [text === 'asleep' ? 'sleeps' : text.startsWith('not modelled') ? `is ${text}` : `returns ${text}`,
  ...done.map(({ process, text }) => `${process}’s call returns ${text}`)].join('; ');

class Simulator {
  constructor(section, text) {
    this.section = section;
    this.isPage = section.dataset.page !== undefined;
    section.replaceChildren();
    section.addEventListener('keydown', (event) => this.key(event));
    this.build();
    this.show(text);
  }

  // What stays while the scenario changes.
  build() {
    const button = (words, act, more = {}) => element('button', { type: 'button', onclick: act, ...more }, words);
    this.title = element('p', { class: 'title' });
    this.about = element('p', { class: 'about' });
    this.steps = element('ol', { class: 'steps', 'aria-label': 'Steps' });
    this.picture = element('div', { class: 'state', role: 'group', 'aria-label': 'The kernel after this step' });
    const sign = (text) => element('span', { 'aria-hidden': 'true' }, text);
    this.back = button([sign('◀ '), 'Back'], () => this.go(this.at - 1));
    this.next = button(['Step', sign(' ▶')], () => this.forward(), { class: 'first' });
    this.player = button('Play', () => this.toggle());
    this.predict = element('input', { type: 'checkbox', checked: true, onchange: () => this.refresh() });
    this.guess = element('div', { class: 'guess' });
    this.said = element('div', { class: 'said', role: 'status' });
    this.link = element('a', {}, this.isPage ? 'Address of this scenario' : 'Open in the playground');
    this.copied = button('Copy address', () => this.copy());
    this.text = element('textarea', { rows: 14, spellcheck: false, 'aria-label': 'The scenario as text', oninput: () => this.edit() });
    this.wrong = element('p', { class: 'wrong', role: 'alert' });
    this.editor = element('details', { class: 'editor', open: this.isPage }, [element('summary', {}, 'Change the scenario'), this.text, this.wrong]);
    const label = element('label', {}, [this.predict, ' ask me before each wait']);
    this.section.append(this.title, this.about,
      element('div', { class: 'controls' }, [this.back, this.next, this.player, label]),
      this.guess,
      element('div', { class: 'both' }, [this.steps, element('div', { class: 'right' }, [this.said, this.picture])]),
      this.editor, element('p', { class: 'foot' }, [this.link, this.copied,
        element('a', { href: `${PLAYGROUND}#what-it-does-not-model` }, 'What it does not model')]));
  }

  // Takes a scenario, and goes to its start. A text that is no scenario leaves the one before.
  show(text) {
    const scenario = parse(text);
    const { states, results } = play(scenario);
    Object.assign(this, { scenario, states, results, at: 0, asked: false });
    this.stop();
    if (this.text.value !== text) this.text.value = text;
    this.title.textContent = scenario.title || 'A scenario';
    this.about.textContent = scenario.about.join(' ');
    this.steps.replaceChildren(...scenario.steps.map(({ source }, i) => element('li', {}, element('button', {
      type: 'button', onclick: () => { this.stop(); this.go(i + 1); },
    }, [element('code', {}, source), element('span', { class: 'result' })]))));
    this.link.href = PLAYGROUND + toFragment(text);
    this.refresh();
  }

  edit() {
    this.wrong.textContent = '';
    try {
      this.show(this.text.value);
      if (this.isPage) history.replaceState(null, '', toFragment(this.text.value));
    } catch (error) {
      this.wrong.textContent = error.message;
    }
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.link.href);
      this.copied.textContent = 'Copied';
    } catch {
      this.copied.textContent = 'Not allowed: copy the link';
    }
    setTimeout(() => { this.copied.textContent = 'Copy address'; }, 2000);
  }

  key(event) {
    // The book turns its pages by the same keys.
    event.stopPropagation();
    if (event.target === this.text || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowRight') this.forward();
    else if (event.key === 'ArrowLeft') this.go(this.at - 1);
    else return;
    event.preventDefault();
  }

  // To the next step; at a wait first to the question.
  forward() {
    if (this.at === this.results.length) return;
    const { action } = this.scenario.steps[this.at];
    if (this.predict.checked && WAITS.includes(action.op) && !this.asked) return this.ask(action);
    this.go(this.at + 1);
  }

  go(to) {
    this.at = Math.max(0, Math.min(to, this.results.length));
    this.asked = false;
    this.guess.replaceChildren();
    this.refresh();
  }

  // What may come: the names, in the order in which they are picked.
  ask({ op, ep, entries, read, write, process }) {
    this.stop();
    this.asked = true;
    const state = this.states[this.at], result = this.results[this.at];
    const came = [...result.text.matchAll(/(?:: |, )([A-Z][A-Za-z0-9]*)/g)].map(([, name]) => name);
    const file = state.files[state.fds[state.names[ep]]];
    const all = op === 'wait' ? Object.values(file?.items ?? {}).map(({ data }) => data)
      : op === 'poll' ? entries.map(({ name }) => name) : [...new Set([...read, ...write])];
    const names = [...new Set([...came, ...all])].slice(0, 6).sort();
    const none = process ? 'it sleeps' : 'nothing';
    const picked = [];
    const order = element('span', { class: 'picked', role: 'status' });
    const choose = (name) => element('button', { type: 'button', 'aria-pressed': false, onclick: ({ currentTarget }) => {
      const place = picked.indexOf(name);
      if (place < 0) picked.push(name);
      else picked.splice(place, 1);
      currentTarget.setAttribute('aria-pressed', place < 0);
      order.textContent = picked.join(', ') || none;
    } }, name);
    order.textContent = none;
    const show = element('button', { type: 'button', class: 'first', onclick: () => {
      const isRight = op === 'wait' ? picked.join() === came.join() : [...picked].sort().join() === [...came].sort().join();
      this.go(this.at + 1);
      this.said.firstChild.replaceWith(element('p', { class: isRight ? 'right-guess' : 'wrong-guess' },
        `${isRight ? 'As you said' : `You said ${picked.join(', ') || none}`}: it ${said(result)}.`));
      this.focus();
    } }, 'Show');
    const question = element('p', { id: `question-${this.section.id}` }, [element('code', {}, this.scenario.steps[this.at].source),
      ` What will it return${op === 'wait' ? ', in which order' : ''}? `, order]);
    this.guess.replaceChildren(question, element('div', { class: 'choices', role: 'group', 'aria-labelledby': question.id },
      [...names.map(choose), show]));
    this.guess.querySelector('button').focus();
  }

  toggle() {
    if (this.timer) return this.stop();
    if (this.at === this.results.length) this.go(0);
    const tick = () => {
      this.forward();
      if (this.at === this.results.length) this.stop();
    };
    this.timer = setInterval(tick, PAUSE);
    this.player.textContent = 'Pause';
    tick();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.player.textContent = 'Play';
  }

  refresh() {
    const { at, states, results } = this;
    const rows = [...this.steps.children];
    rows.forEach((row, i) => {
      row.classList.toggle('past', i < at);
      if (i === at - 1) row.firstChild.setAttribute('aria-current', 'step');
      else row.firstChild.removeAttribute('aria-current');
      row.querySelector('.result').textContent = i < at ? ` → ${line(results[i])}` : '';
    });
    const list = this.steps, now = rows[Math.max(at - 1, 0)];
    if (now) list.scrollTop = now.offsetTop - (list.clientHeight - now.offsetHeight) / 2;
    const hasFocus = [this.back, this.next].includes(document.activeElement);
    this.back.disabled = at === 0;
    this.next.disabled = at === results.length;
    if (hasFocus && document.activeElement.disabled) this.focus();
    this.picture.replaceChildren(...draw(states[at]));
    if (at > 0) changed(this.picture, draw(states[at - 1]));
    this.said.replaceChildren(...(at > 0 ? this.told(at - 1) : [element('p', {}, 'Nothing has happened yet.')]));
  }

  // Keeps the keyboard here: a button that is disabled loses the focus, and the arrow keys would turn the book's page.
  focus() {
    (this.next.disabled ? this.back : this.next).focus({ preventScroll: true });
  }

  // What a step did, in words.
  told(i) {
    const result = this.results[i];
    const words = [element('p', {}, [element('code', {}, this.scenario.steps[i].source), ` ${said(result)}.`])];
    if (result.cost) {
      const { handed, asked, out } = result.cost;
      words.push(element('p', { class: 'cost' }, [[handed, 'handed in'], [asked, 'asked'], [out, 'came out']]
        .flatMap(([n, what]) => [element('span', {}, [element('b', {}, n.toLocaleString('en')), ` ${what}`]), ' '])));
    }
    const notes = result.notes.slice(0, 8).map(({ where, what }) => element('li', {}, [element('code', {}, where), ` ${what}`]));
    if (result.notes.length > 8) notes.push(element('li', {}, `and ${result.notes.length - 8} more of the kind`));
    if (notes.length) words.push(element('ul', {}, notes));
    return words;
  }
}

// The page of its own: the scenario of the address, and all of the book to choose from.
function page(section) {
  const simulator = new Simulator(section, written(section));
  const fromAddress = () => {
    // A place in the page is no scenario.
    if (location.hash.length < 2 || document.getElementById(location.hash.slice(1))) return;
    try {
      simulator.show(fromFragment(location.hash));
    } catch (error) {
      simulator.wrong.textContent = error.message;
    }
  };
  addEventListener('hashchange', fromAddress);
  fromAddress();
  for (const link of document.querySelectorAll('a[href^="scenarios/"]')) {
    link.addEventListener('click', async (event) => {
      event.preventDefault();
      const text = await (await fetch(link.href)).text();
      simulator.show(text.replace(/^##.*$|\s+=>.*$/gm, '').trim());
      history.replaceState(null, '', toFragment(simulator.text.value));
      section.scrollIntoView();
      simulator.next.focus({ preventScroll: true });
    });
  }
}

for (const section of document.querySelectorAll('section.simulator')) {
  if (section.dataset.page !== undefined) page(section);
  else new Simulator(section, written(section));
}
