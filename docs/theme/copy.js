// The copy button of a session copies what is typed: the commands behind `$ `, without what they print.
(() => {
  'use strict';
  for (const code of document.querySelectorAll('code.language-console')) {
    const lines = code.textContent.split('\n').filter(line => line.startsWith('$ '));
    const typed = lines.map(line => `${line.slice(2)}\n`).join('');
    // mdBook's button asks for this.
    Object.defineProperty(code, 'innerText', { get: () => typed });
  }
})();
