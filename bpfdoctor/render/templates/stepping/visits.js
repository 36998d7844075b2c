// An instruction that the path meets many times: which visit this is, and what changed since the last.

import { make } from "./make.js";
import { atMost } from "./path.js";

/** @typedef {import("./path.js").Path} Path */

const MOST = 8; // changes that are said

export class Visits {
  /** @param {Path} path */
  constructor(path) {
    this.path = path;
    this.element = make("p", { class: "visits", hidden: "" });
  }

  /** The visit of the same instruction before or after step `at`; null: none. @param {number} at @param {number} by */
  beside(at, by) {
    const visits = this.of(at);
    return visits[atMost(visits, at) + by] ?? null;
  }

  /** @param {number} at */
  of(at) {
    return this.path.visits.get(this.path.steps[at].insn) ?? [];
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    const visits = this.of(at);
    const here = atMost(visits, at);
    this.element.hidden = visits.length < 2;
    if (visits.length < 2) return;
    const said = [make("b", {}, `Visit ${here + 1} of ${visits.length} of this instruction. `)];
    if (here > 0) {
      const changes = this.since(visits[here - 1], at);
      const more = changes.length - MOST;
      const back = `${at - visits[here - 1]} steps earlier`;
      const text = changes.slice(0, MOST).join("; ") + (more > 0 ? `; and ${more} more` : "");
      said.push(make("span", {}, `Since visit ${here}, ${back}: ${text || "nothing that is known changed"}.`));
    }
    this.element.replaceChildren(...said);
  }

  /** What is known otherwise before step `at` than before step `older`. @param {number} older @param {number} at */
  since(older, at) {
    const [was, is] = [this.path.before(older), this.path.before(at)];
    const frame = `${this.path.steps[at].frame} `;
    const keys = [...new Set([...was.keys(), ...is.keys()])].filter((key) => key.startsWith(frame)).sort();
    const words = (/** @type {number | undefined} */ value) =>
      (value === undefined ? "" : this.path.text(value)) || "not known";
    return keys.flatMap((key) => {
      const [before, after] = [words(was.get(key)), words(is.get(key))];
      const name = key.slice(frame.length).replace(/^r/, "R");
      return before === after ? [] : [`${name} ${before} → ${after}`];
    });
  }
}
