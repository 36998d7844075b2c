// What the search finds: steps whose instruction, source line, states or changes have the text.

import { make } from "./make.js";
import { atMost, inTurn } from "./path.js";

/** @typedef {import("./path.js").Path} Path */

export class Find {
  /** @param {Path} path @param {() => void} changed */
  constructor(path, changed) {
    this.path = path;
    this.wanted = "";
    /** The steps that have it, oldest first. @type {number[]} */
    this.found = [];
    this.input = /** @type {HTMLInputElement} */ (
      make("input", { type: "search", placeholder: "Search", "aria-label": "Search the steps" })
    );
    this.count = make("span", { class: "soft count", role: "status" });
    this.input.addEventListener("input", () => {
      this.look(this.input.value.trim().toLowerCase());
      changed();
    });
  }

  /** @param {string} wanted in small letters */
  look(wanted) {
    this.wanted = wanted;
    const { texts, lines, steps } = this.path.walk;
    const has = (/** @type {string} */ text) => text.toLowerCase().includes(wanted);
    const inText = texts.map(has); // each text once, however many steps have it
    const inLine = lines.map(([, , text]) => has(text));
    const held = (/** @type {import("./path.js").Held[]} */ all) => all.some(([, place, value]) => inText[place] || inText[value]);
    this.found = !wanted
      ? []
      : steps.flatMap((step, at) =>
          inText[step.text] ||
          String(step.insn) === wanted ||
          (step.line !== null && inLine[step.line]) ||
          held(step.changed) ||
          step.printed.some(([shown, meaning]) => inText[shown] || inText[meaning])
            ? [at]
            : [],
        );
  }

  /** The found step after (1) or before (-1) `at`, around at the ends; null: none. @param {number} at @param {number} by */
  beside(at, by) {
    return inTurn(this.found, at, by);
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    const here = atMost(this.found, at);
    const of = this.found[here] === at ? `${here + 1} of ${this.found.length}` : String(this.found.length);
    this.count.textContent = this.wanted ? (this.found.length ? `${of} found` : "nothing found") : "";
  }
}
