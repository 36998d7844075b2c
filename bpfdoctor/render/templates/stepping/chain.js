// What the answer speaks of, in the order of the path: it leads to the refused step.

import { button, make } from "./make.js";

/** @typedef {import("./path.js").Path} Path */

export class Chain {
  /** @param {Path} path @param {(step: number) => void} go */
  constructor(path, go) {
    const told = [...path.matters].filter(([at, why]) => why || at === path.last);
    /** @type {Map<number, HTMLElement>} */
    this.buttons = new Map();
    this.element = make("ol", { class: "chain", "aria-label": "What leads there" });
    for (const [at, why] of told) {
      const step = path.steps[at];
      const line = step.line === null ? 0 : path.walk.lines[step.line][1];
      const made = button("", () => go(at), { class: at === path.last ? path.walk.ending[0] : "" });
      made.append(
        make("span", { class: "mark", "aria-hidden": "true" }, "●"),
        make("span", { class: "number" }, String(step.insn)),
        make("span", { class: "where soft" }, line ? `line ${line}` : ""),
        make("span", {}, why),
      );
      this.buttons.set(at, made);
      this.element.append(make("li", {}, made));
    }
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    for (const [step, made] of this.buttons) {
      if (step === at) made.setAttribute("aria-current", "step");
      else made.removeAttribute("aria-current");
    }
  }
}
