// Elements.

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} inside
 */
export function make(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

/** @param {string} text @param {() => void} action @param {Record<string, string>} attributes */
export function button(text, action, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", action);
  return made;
}

/** The text, with each place marked where it has `wanted` (in small letters). @param {string} text @param {string} wanted */
export function marked(text, wanted) {
  const low = text.toLowerCase();
  if (!wanted || low.length !== text.length) return [text]; // a letter that is two in small
  const parts = [];
  let done = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, done)) {
    parts.push(text.slice(done, at), make("mark", {}, text.slice(at, at + wanted.length)));
    done = at + wanted.length;
  }
  return [...parts, text.slice(done)];
}
