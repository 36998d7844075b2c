// The source lines that a path meets, with the one that is at work.

import { Arrows, lineBeside } from "./arrows.js";
import { make, marked } from "./make.js";
import { atMost } from "./path.js";

/** @typedef {import("./path.js").Path} Path */

export class Source {
  /**
   * @param {Path} path
   * @param { { followed: { steps: number[] }, find: { wanted: string }, go: (step: number) => void } } shared
   */
  constructor(path, shared) {
    this.path = path;
    this.shared = shared;
    this.at = path.last;
    this.element = make("div", { class: "lines", tabindex: "0", role: "region", "aria-label": "Source" });
    this.arrows = new Arrows();
    this.element.append(this.arrows.element);
    this.texts = path.walk.lines.map(() => make("span", { class: "text" }));
    this.lines = path.walk.lines.map(([, line], at) =>
      make("div", { "data-line": String(at) }, make("span", { class: "number" }, line ? String(line) : ""), this.texts[at]),
    );
    let file = "";
    for (const [number, line] of this.lines.entries()) {
      const name = path.walk.lines[number][0];
      if (name && name !== file) this.element.append(make("div", { class: "soft file", "data-tip": name }, name.replace(/.*\//, "")));
      file = name || file;
      this.element.append(line);
    }
    if (!this.lines.length) this.element.append(make("p", { class: "soft" }, "The log shows no source lines."));
    for (const at of path.matters.keys()) this.line(at)?.classList.add("matters");
    for (const line of new Set(path.steps.map((step) => step.line))) if (line !== null) this.lines[line].classList.add("met");
    this.element.addEventListener("click", ({ target }) => {
      const line = target instanceof Element ? target.closest("[data-line]") : null;
      if (line instanceof HTMLElement) this.goTo(Number(line.dataset.line));
    });
    this.mark();
  }

  /** @param {number} at */
  line(at) {
    return this.lines[this.path.steps[at].line ?? -1];
  }

  /** Goes to the newest step of a line up to the chosen one, or else to the newest of all. @param {number} line */
  goTo(line) {
    const steps = this.path.steps.flatMap((step, at) => (step.line === line ? [at] : []));
    const at = steps[atMost(steps, this.at)] ?? steps.at(-1);
    if (at !== undefined) this.shared.go(at);
  }

  /** Marks what is searched for, and lights the lines of the value that is followed. */
  mark() {
    this.path.walk.lines.forEach(([, , text], at) => {
      this.texts[at].replaceChildren(...marked(text, this.shared.find.wanted));
      this.lines[at].classList.remove("lit");
    });
    for (const at of this.shared.followed.steps) this.line(at)?.classList.add("lit");
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    this.at = at;
    this.element.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const line = this.line(at);
    if (line) {
      line.setAttribute("aria-current", "step");
      const { offsetTop, offsetHeight } = line;
      const { scrollTop, clientHeight } = this.element;
      if (offsetTop < scrollTop + offsetHeight || offsetTop + 2 * offsetHeight > scrollTop + clientHeight) {
        this.element.scrollTop = offsetTop - clientHeight / 2;
      }
    }
    const [from, here, to] = [
      this.lines[lineBeside(this.path, at, -1) ?? -1],
      line,
      this.lines[lineBeside(this.path, at, 1) ?? -1],
    ].map((each) => (each ? each.offsetTop + each.offsetHeight / 2 : null));
    this.arrows.draw(here === null ? null : from, here ?? 0, here === null ? null : to);
  }
}
