// Where the parts of a view stand.

import { button, make } from "./make.js";
import { split } from "./split.js";

/** @typedef {import("./view.js").View} View */

/** Which steps are shown. @returns {HTMLSelectElement} */
export function choices() {
  const made = /** @type {HTMLSelectElement} */ (make("select", { "aria-label": "Which steps are shown" }));
  for (const [value, text] of [
    ["all", "all steps"],
    ["matters", "only what matters"],
    ["value", "only this value"],
    ["found", "only what was found"],
  ]) {
    made.append(make("option", { value }, text));
  }
  return made;
}

/** @param {View} view with all its parts @param {string} id that of the first path of several ends in -0 @returns {HTMLElement} */
export function laidOut(view, id) {
  const { walk } = view.path;
  const panes = make("div", { class: "panes" });
  const rows = Math.max(walk.lines.length, walk.steps.length);
  panes.style.setProperty("--rows", String(Math.min(rows + 1, 100)));
  panes.append(view.source.element, split(panes, 42), view.rows.element);
  return make(
    "div",
    { class: "view" },
    id.endsWith("-0") ? "" : about(view),
    view.chain.element,
    make(
      "div",
      { class: "bar" },
      button("◂", () => view.along(-1), { "aria-label": "Previous that matters" }),
      "what matters",
      button("▸", () => view.along(1), { "aria-label": "Next that matters" }),
      view.shown,
      view.find.input,
      view.find.count,
      button("Keys ?", () => view.help.showModal(), { class: "keys" }),
    ),
    walk.cut ? make("p", { class: "soft" }, cut(view)) : "",
    view.followed.element,
    make(
      "div",
      { class: "work" },
      panes,
      make("div", { class: "after" }, view.state.say, view.visits.element, view.state.element),
    ),
    view.help,
  );
}

/** Which path this is, where it is not the first one. @param {View} view */
function about({ path, around }) {
  const [how, before] = path.walk.ending;
  const ends = {
    refused: "is refused",
    exit: "reaches the program's end",
    known: `ends before instruction ${before}, in a state known to be safe`,
    else: "ends",
  }[how];
  const leaves = around.leaves < 0 ? "" : `leaves the one before at instruction ${path.steps[around.leaves].insn} and `;
  return make("p", { class: "about" }, `Another path: it ${leaves}${ends}. `, button("◂ Back", () => around.back()));
}

/** @param {View} view */
function cut({ path, around }) {
  const count = path.steps.length.toLocaleString("en");
  const more = around.canAsk ? ": scroll up, or press Home" : ", which bpfdoctor's paste page shows";
  return `The newest ${count} steps are here; the log has older ones${more}.`;
}
