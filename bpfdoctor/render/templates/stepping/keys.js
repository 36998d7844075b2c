// What the keys do, and the list of them.

import { button, make } from "./make.js";

/** @typedef {import("./view.js").View} View */
/** @typedef { { keys: string[], shown: string, words: string, does: (view: View, key: string) => void,
 *   inList?: boolean }} Command `inList`: only where the list of steps has the focus */

/** @type {Command[]} */
const COMMANDS = [
  { keys: ["ArrowDown", "j"], shown: "↓ j", words: "next step", does: (view) => view.row(1), inList: true },
  { keys: ["ArrowUp", "k"], shown: "↑ k", words: "previous step", does: (view) => view.row(-1), inList: true },
  { keys: ["PageDown"], shown: "Page down", words: "a page on", does: (view) => view.row(view.rows.page), inList: true },
  { keys: ["PageUp"], shown: "Page up", words: "a page back", does: (view) => view.row(-view.rows.page), inList: true },
  { keys: ["Home"], shown: "Home", words: "the first step; once more: older ones", does: (view) => view.row(-1e9), inList: true },
  { keys: ["End"], shown: "End", words: "the last step", does: (view) => view.row(1e9), inList: true },
  { keys: ["n"], shown: "n", words: "next step that matters", does: (view) => view.along(1) },
  { keys: ["p"], shown: "p", words: "previous step that matters", does: (view) => view.along(-1) },
  {
    keys: [..."0123456789"],
    shown: "0 … 9",
    words: "follow R0 … R9: what made it, and where it goes",
    does: (view, key) => view.chooseRegister(Number(key)),
  },
  { keys: ["v"], shown: "v", words: "follow the next value of this step", does: (view) => view.chooseNext() },
  { keys: [","], shown: ",", words: "earlier step of the value", does: (view) => view.alongValue(-1) },
  { keys: ["."], shown: ".", words: "later step of the value", does: (view) => view.alongValue(1) },
  { keys: ["h"], shown: "h", words: "earlier visit of this instruction", does: (view) => view.visit(-1) },
  { keys: ["l"], shown: "l", words: "later visit of this instruction", does: (view) => view.visit(1) },
  { keys: ["c"], shown: "c", words: "from a call to its return, and back", does: (view) => view.otherEnd() },
  { keys: ["w"], shown: "w", words: "the other way from here: another path", does: (view) => view.otherWay() },
  { keys: ["b"], shown: "b", words: "back to the path before", does: (view) => view.around.back() },
  { keys: ["f"], shown: "f", words: "only what matters", does: (view) => view.show("matters") },
  { keys: ["o"], shown: "o", words: "only the value that is followed", does: (view) => view.show("value") },
  { keys: ["t"], shown: "t", words: "what the kernel's words mean, at each step", does: (view) => view.translate() },
  { keys: ["/"], shown: "/", words: "search; Enter and Shift+Enter go along", does: (view) => view.find.input.focus() },
  { keys: ["?"], shown: "?", words: "this list", does: (view) => view.help.showModal() },
  { keys: ["Escape"], shown: "Esc", words: "back: the translation, then the value", does: (view) => view.leave() },
];

/** What a key does here. @param {KeyboardEvent} event @param {boolean} inList */
export function command(event, inList) {
  return COMMANDS.find(({ keys, inList: only }) => keys.includes(event.key) && (inList || !only));
}

/** The list of keys. @returns {HTMLDialogElement} */
export function help() {
  const made = /** @type {HTMLDialogElement} */ (make("dialog", { class: "help", "aria-label": "Keys" }));
  const list = make("dl");
  for (const { shown, words } of COMMANDS) list.append(make("dt", {}, make("kbd", {}, shown)), make("dd", {}, words));
  made.append(list, button("Close", () => made.close()));
  made.addEventListener("click", (event) => event.target === made && made.close());
  return made;
}
