// What the answer speaks of, in the order of the path: it leads to the refused step.

import { button, make } from "./make.js";

/** @typedef {import("./path.js").Path} Path */

export class Chain {
  /** @param {Path} path @param {(step: number) => void} go */
  constructor(path, go) {
    /** Steps of one instruction of which the same is said one after the other are one. @type {number[][]} */
    this.groups = [];
    for (const [at, why] of path.matters) {
      const before = this.groups.at(-1)?.at(-1) ?? -1;
      const isSame = path.steps[before]?.insn === path.steps[at].insn && path.matters.get(before) === why;
      if (isSame && at !== path.last) this.groups.at(-1)?.push(at);
      else if (why || at === path.last) this.groups.push([at]);
    }
    this.buttons = this.groups.map((steps) => {
      const at = steps[steps.length - 1];
      const step = path.steps[at];
      const line = step.line === null ? 0 : path.walk.lines[step.line][1];
      const made = button("", () => go(at), { class: at === path.last ? path.walk.ending[0] : "" });
      made.append(
        make("span", { class: "mark", "aria-hidden": "true" }, "●"),
        make("span", { class: "number" }, String(step.insn)),
        make("span", { class: "where soft" }, line ? `line ${line}` : ""),
        make("span", {}, path.matters.get(at) ?? "", steps.length > 1 ? ` (${steps.length} times)` : ""),
      );
      return made;
    });
    const items = this.buttons.map((each) => make("li", {}, each));
    this.element = make("ol", { class: "chain", "aria-label": "What leads there" }, ...items);
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    this.groups.forEach((steps, each) => {
      const made = this.buttons[each];
      if (!steps.includes(at)) return made.removeAttribute("aria-current");
      made.setAttribute("aria-current", "step");
      const { offsetTop, offsetHeight } = made;
      const { scrollTop, clientHeight } = this.element;
      const isSeen = offsetTop >= scrollTop && offsetTop + offsetHeight <= scrollTop + clientHeight;
      if (!isSeen) this.element.scrollTop = offsetTop - clientHeight / 2;
    });
  }
}
