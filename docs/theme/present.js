// Shows a page as screens for a projector (?present), and the notes of the person who presents it (?notes).
//
// A screen is a heading with as much of what follows as fits. The arrow keys, the space bar and Page Up and Down turn the
// screens, N shows and hides the notes, Escape goes back to the page.
(() => {
  'use strict';
  const page = document.documentElement;
  const asked = new URLSearchParams(location.search);
  if (asked.has('notes')) page.classList.add('notes');
  if (asked.has('present')) addEventListener('load', present);

  function present() {
    page.classList.add('present');
    const main = document.querySelector('main');
    cut(main);
    const screens = divide(main);
    const [bar, count] = turner(() => turn(-1), () => turn(1));
    let current = 0;
    show(Number(asked.get('present')) - 1 || 0);

    // mdBook turns chapters with the arrow keys; while screens are shown, they turn screens.
    addEventListener('keydown', event => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.target.closest('input, select, textarea, .simulator')) return;
      if (event.key === ' ' && event.target.closest('summary, button')) return;
      const action = {
        ArrowRight: () => turn(1), PageDown: () => turn(1), ' ': () => turn(1),
        ArrowLeft: () => turn(-1), PageUp: () => turn(-1),
        Home: () => show(0), End: () => show(screens.length - 1),
        n: () => page.classList.toggle('notes'), Escape: leave,
      }[event.key];
      if (!action) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      action();
    }, true);

    function turn(by) { show(current + by); }

    function show(number) {
      current = Math.max(0, Math.min(number, screens.length - 1));
      for (const block of main.children) block.classList.toggle('off', !screens[current].includes(block));
      fit(main);
      main.scrollTop = 0;
      count.textContent = `${current + 1} / ${screens.length}`;
      const address = new URL(location);
      address.searchParams.set('present', current + 1);
      history.replaceState(null, '', address);
    }

    function leave() {
      page.classList.remove('present');
      for (const block of main.children) block.classList.remove('off');
      for (const name of ['--fit', '--zoom']) main.style.removeProperty(name);
      screens[current][0].scrollIntoView();
      bar.remove();
      const address = new URL(location);
      address.searchParams.delete('present');
      location.replace(address);
    }
  }

  // How high a screen's blocks may be.
  function roomIn(main) {
    const style = getComputedStyle(main);
    return main.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
  }

  // Cuts code and outputs that are higher than a screen: behind the last empty line that fits, if there is one.
  function cut(main) {
    const room = 0.95 * roomIn(main);
    for (const block of main.querySelectorAll(':scope > pre')) {
      const code = block.querySelector('code');
      const lines = code?.textContent.trimEnd().split('\n') ?? [];
      const most = Math.floor(lines.length * room / block.getBoundingClientRect().height);
      if (most >= lines.length || most < 4) continue;
      while (lines.length > 0) {
        const empty = lines.length > most ? lines.lastIndexOf('', most) : -1;
        const part = block.cloneNode(false);
        part.append(code.cloneNode(false));
        part.firstChild.textContent = lines.splice(0, empty > most / 3 ? empty + 1 : most).join('\n');
        block.before(part);
      }
      block.remove();
    }
  }

  // Makes the type smaller on a screen that holds a little too much, or longer lines of code than fit.
  function fit(main) {
    const code = [...main.querySelectorAll(':scope > pre:not(.off) > code')];
    for (let percent = 100; percent >= 60; percent -= 5) {
      main.style.setProperty('--fit', percent / 100);
      // Simulators count in pixels, and are made for a page of some 1,000.
      main.style.setProperty('--zoom', percent / 100 * main.clientWidth / 1000);
      const isWide = code.some(block => block.scrollWidth > block.clientWidth + 1);
      if (!isWide && main.scrollHeight <= main.clientHeight) return;
    }
  }

  // How many words of a block a screen has to be read for. Code, tables and simulators are not read word by word.
  function words(block) {
    if (block.matches('pre, table, .table-wrapper, .simulator, .speaker-note')) return 0;
    return block.innerText.split(/\s+/).filter(word => /\w/.test(word)).length;
  }

  // The blocks of the page, screen by screen: as much as there is room for, and at most 200 words.
  function divide(main) {
    const room = roomIn(main);
    const screens = [];
    let top = 0;
    let last = null;
    for (const block of [...main.children]) {
      const box = block.getBoundingClientRect();
      if (block.matches('script, style')) continue;
      const starts = block.matches('h1, h2, h3, .simulator') || last?.matches('.simulator');
      const belongs = last?.matches('h1, h2, h3, .caption, .speaker-note') || last?.textContent.trim().endsWith(':');
      const said = (screens.at(-1) ?? []).reduce((sum, shown) => sum + words(shown), words(block));
      const fits = box.bottom - top <= room && said <= 200;
      if (screens.length === 0 || (starts && !last.matches('h1, h2')) || (!fits && !(belongs && screens.at(-1).length === 1))) {
        // What announces a block goes with it to the next screen.
        const along = !starts && belongs && screens.at(-1)?.length > 1 ? [screens.at(-1).pop()] : [];
        screens.push([...along, block]);
        top = (along[0] ?? block).getBoundingClientRect().top;
      } else {
        screens.at(-1).push(block);
      }
      last = block;
    }
    return screens;
  }

  // The buttons that turn the screens, and the place between them for the count.
  function turner(back, forth) {
    const bar = document.createElement('nav');
    bar.className = 'screens';
    bar.setAttribute('aria-label', 'Screens');
    const count = document.createElement('span');
    count.setAttribute('aria-live', 'polite');
    for (const [label, sign, turn] of [['Previous screen', '‹', back], ['Next screen', '›', forth]]) {
      const button = document.createElement('button');
      button.setAttribute('aria-label', label);
      button.textContent = sign;
      button.addEventListener('click', turn);
      bar.append(button);
    }
    bar.insertBefore(count, bar.lastChild);
    document.body.append(bar);
    return [bar, count];
  }
})();
