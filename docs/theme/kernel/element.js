// An element of the page, its attributes, what happens to it, and what is in it.
export function element(name, attributes = {}, inside = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (typeof value === 'boolean' && !key.startsWith('aria-')) made.toggleAttribute(key, value);
    else made.setAttribute(key, value);
  }
  made.append(...[inside].flat());
  return made;
}
