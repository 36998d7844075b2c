// The source lines that a path meets, with the one that is at work.

import { make } from "./make.js";

/** @typedef {import("./path.js").Path} Path */

export class Source {
  /** @param {Path} path */
  constructor(path) {
    this.path = path;
    this.element = make("div", { class: "lines", tabindex: "0", role: "region", "aria-label": "Source" });
    this.lines = path.walk.lines.map(([file, line, text]) =>
      make("div", file ? { title: `${file}:${line}` } : {}, make("span", {}, line ? String(line) : ""), text),
    );
    let file = "";
    for (const [number, line] of this.lines.entries()) {
      const name = path.walk.lines[number][0];
      if (name && name !== file) this.element.append(make("div", { class: "soft file" }, name));
      file = name || file;
      this.element.append(line);
    }
    if (!this.lines.length) this.element.append(make("p", { class: "soft" }, "The log shows no source lines."));
    for (const at of path.matters.keys()) {
      const line = path.steps[at].line;
      if (line !== null) this.lines[line].classList.add("matters");
    }
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    this.element.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const line = this.lines[this.path.steps[at].line ?? -1];
    if (!line) return;
    line.setAttribute("aria-current", "step");
    const { offsetTop, offsetHeight } = line;
    const { scrollTop, clientHeight } = this.element;
    if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) {
      this.element.scrollTop = offsetTop - clientHeight / 2;
    }
  }
}
