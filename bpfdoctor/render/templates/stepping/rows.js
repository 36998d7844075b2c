// The steps, one row each; only what is seen is drawn.

import { make } from "./make.js";
import { atMost } from "./path.js";

/** @typedef {import("./path.js").Path} Path @typedef {import("./path.js").Step} Step */

const ROW = 24; // pixels; as in stepping.css
const BEYOND = 8; // rows that are drawn beyond what is seen

export class Rows {
  /**
   * @param {Path} path
   * @param {string} id
   * @param {(step: number) => void} go
   */
  constructor(path, id, go) {
    this.path = path;
    this.id = id;
    this.at = path.last;
    this.rows = path.steps.map((_, at) => at);
    this.inner = make("div", { class: "rows", role: "presentation" });
    this.element = make(
      "div",
      { class: "steps", tabindex: "0", role: "listbox", "aria-label": "Steps of the path", id },
      this.inner,
    );
    this.element.addEventListener("scroll", () => this.drawRows());
    this.element.addEventListener("click", (event) => {
      const row = event.target instanceof Element ? event.target.closest("[data-at]") : null;
      if (row instanceof HTMLElement) go(Number(row.dataset.at));
    });
    new ResizeObserver(() => this.drawRows()).observe(this.element);
  }

  /** Which rows there are: all, those that matter, those with a text. @param {boolean} only @param {string} wanted */
  choose(only, wanted) {
    const text = wanted.trim().toLowerCase();
    this.rows = this.path.steps.flatMap((step, at) =>
      (!only || this.path.matters.has(at)) && (!text || this.words(step).includes(text)) ? [at] : [],
    );
    this.inner.replaceChildren();
  }

  /** @param {Step} step */
  words(step) {
    const { texts, lines } = this.path.walk;
    const source = step.line === null ? "" : lines[step.line][2];
    const changed = step.changed.map(([, place, value]) => `${texts[place]} ${texts[value]}`);
    const printed = step.printed.map(([shown]) => texts[shown]);
    return [step.insn, texts[step.text], source, ...changed, ...printed].join("\n").toLowerCase();
  }

  /** The step `by` rows on; null where there are no rows. @param {number} by @param {boolean} around */
  beside(by, around = false) {
    const count = this.rows.length;
    if (!count) return null;
    const here = atMost(this.rows, this.at);
    let next = by < 0 && this.rows[here] !== this.at ? here + 1 + by : here + by;
    if (around) next %= count;
    return this.rows[Math.min(Math.max(next, 0), count - 1)];
  }

  /** How many rows are seen at once. */
  get page() {
    return Math.max(1, Math.floor(this.element.clientHeight / ROW) - 1);
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    this.at = at;
    const row = this.rows.indexOf(at);
    this.inner.style.height = `${this.rows.length * ROW}px`;
    if (row >= 0) {
      const { scrollTop, clientHeight } = this.element;
      if (row * ROW < scrollTop || (row + 1) * ROW > scrollTop + clientHeight) {
        this.element.scrollTop = row * ROW - clientHeight / 2;
      }
    }
    this.drawRows();
  }

  /** Draws the rows that are seen, and a few more. */
  drawRows() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - BEYOND);
    const end = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / ROW) + BEYOND);
    const drawn = [];
    for (let row = first; row < end; row++) drawn.push(this.drawn(row));
    this.inner.replaceChildren(...drawn);
    if (drawn.some((each) => each.id === `${this.id}-${this.at}`)) {
      this.element.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
    } else this.element.removeAttribute("aria-activedescendant");
  }

  /** @param {number} row */
  drawn(row) {
    const at = this.rows[row];
    const step = this.path.steps[at];
    const why = this.path.matters.get(at);
    const made = make(
      "div",
      {
        role: "option",
        id: `${this.id}-${at}`,
        "data-at": String(at),
        "aria-selected": String(at === this.at),
        "aria-setsize": String(this.rows.length),
        "aria-posinset": String(row + 1),
        class: why === undefined ? "" : at === this.path.last ? `matters ${this.path.walk.ending[0]}` : "matters",
      },
      make("span", { class: "mark", "aria-hidden": "true" }, why === undefined ? "" : "●"),
      make("span", { class: "number" }, String(step.insn)),
      make("span", { class: "code" }, "  ".repeat(step.frame) + this.path.text(step.text)),
      make("span", { class: "second" }, this.goes(at)),
    );
    for (const [shown, meaning] of step.printed) {
      made.append(make("span", { class: "soft", title: this.path.text(meaning) }, this.path.text(shown)));
    }
    made.style.top = `${row * ROW}px`;
    return made;
  }

  /** Where a branch, a call or a return goes. @param {number} at */
  goes(at) {
    const { insn, kind, taken, target, frame } = this.path.steps[at];
    const next = this.path.steps[at + 1];
    if (taken !== null) return taken ? `↷ jumps to ${target}` : "↓ goes on"; // may_goto, too
    if (kind === "goto") return target === null ? "" : `↷ ${target}`;
    if (!next) return "";
    if (next.frame < frame) return `⇐ back to ${next.insn}`;
    // a timer's callback is looked at in a frame of its own, which is the first
    return next.frame > frame || (kind === "call" && next.insn !== insn + 1) ? `⇒ enters ${next.insn}` : "";
  }
}
