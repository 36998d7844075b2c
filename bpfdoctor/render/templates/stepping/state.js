// What is known after the chosen step: registers and stack, what changed, where it is from.

import { make } from "./make.js";

/** @typedef {import("./path.js").Path} Path */

export class State {
  /**
   * @param {Path} path
   * @param {(step: number) => void} go
   */
  constructor(path, go) {
    this.path = path;
    this.go = go;
    this.say = make("p", { class: "say", role: "status" });
    this.element = make("div", { class: "state", tabindex: "0", role: "region", "aria-label": "State" });
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    const { path } = this;
    const step = path.steps[at];
    const back = path.last - at;
    const why = path.matters.get(at);
    const [last, others] = path.words;
    const head = back ? `${back} ${others}` : last;
    this.say.textContent = `Instruction ${step.insn}, ${head}${why ? `: ${why}` : ""}`;
    const was = path.before(at);
    const now = new Map(was);
    const changed = new Set();
    for (const [frame, place, value] of step.changed) {
      now.set(`${frame} ${place}`, value);
      changed.add(`${frame} ${place}`);
    }
    const printed = new Map(step.printed.map(([shown]) => [path.text(shown).split(/[=_]/)[0].toLowerCase(), shown]));
    const body = make("tbody");
    for (const [key, value] of [...now].sort(([one], [other]) => this.order(one) - this.order(other))) {
      const [frame, place] = key.split(" ").map(Number);
      const old = was.get(key);
      if (!path.text(value) && !changed.has(key)) continue;
      if (frame !== step.frame && !changed.has(key)) continue;
      const name = path.text(place);
      const shown = frame === step.frame ? printed.get(name) : undefined;
      /** @type {Record<string, string>} */
      const title = shown === undefined ? {} : { title: path.text(shown) };
      body.append(
        make(
          "tr",
          changed.has(key) ? { class: "changed" } : {},
          make("th", { scope: "row" }, name.replace(/^r/, "R"), frame === step.frame ? "" : ` of frame ${frame}`),
          make(
            "td",
            title,
            path.text(value) || "not known any more",
            changed.has(key) && old !== undefined && path.text(old)
              ? make("span", { class: "soft" }, ` (was ${path.text(old)})`)
              : "",
          ),
          make("td", {}, this.link(path.madeBy(key, at), "from")),
          make("td", {}, this.link(path.readBy(key, at), "read at")),
        ),
      );
    }
    const table = make(
      "table",
      {},
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          ...["place", "after this step", "made", "read next"].map((text) => make("th", { scope: "col" }, text)),
        ),
      ),
      body,
    );
    this.element.replaceChildren(
      body.childElementCount ? table : make("p", { class: "soft" }, "The log shows no state here."),
    );
  }

  /** Registers, then the stack from the top. @param {string} key */
  order(key) {
    const [frame, place] = key.split(" ").map(Number);
    const name = this.path.text(place);
    return frame * 10_000 + (name.startsWith("r") ? Number(name.slice(1)) : 100 - Number(name.slice(2)));
  }

  /** @param {number} at @param {string} text */
  link(at, text) {
    if (at < 0) return "";
    const made = make("button", { type: "button", class: "plain" }, `${text} ${this.path.steps[at].insn}`);
    made.addEventListener("click", () => this.go(at));
    return made;
  }
}

