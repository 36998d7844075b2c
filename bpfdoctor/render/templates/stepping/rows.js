// The steps, one row each; only what is seen is drawn.

import { make, marked } from "./make.js";
import { atMost, meets } from "./path.js";

/** @typedef {import("./path.js").Path} Path @typedef {import("./path.js").Spot} Spot */
/** @typedef { { parts: Map<number, import("./flow.js").Part>, steps: number[] } } Followed */

const ROW = 24; // pixels; as in stepping.css
const BEYOND = 8; // rows that are drawn beyond what is seen

export class Rows {
  /**
   * @param {Path} path
   * @param {string} id
   * @param { { followed: Followed, find: { wanted: string }, go: (step: number) => void,
   *   choose: (spot: Spot, at: number) => void, way: (row: number) => import("./ways.js").Way,
   *   open: (row: number) => void }} shared
   */
  constructor(path, id, shared) {
    this.path = path;
    this.id = id;
    this.shared = shared;
    this.at = path.last;
    this.rows = path.steps.map((_, at) => at);
    this.inner = make("div", { class: "rows", role: "presentation" });
    this.element = make(
      "div",
      { class: "steps", tabindex: "0", role: "listbox", "aria-label": "Steps of the path", id },
      this.inner,
    );
    this.element.addEventListener("scroll", () => this.drawRows());
    this.element.addEventListener("click", ({ target }) => {
      const row = target instanceof Element ? target.closest("[data-at], [data-way]") : null;
      if (!(row instanceof HTMLElement)) return;
      if (row.dataset.way) return shared.open(Number(row.dataset.way));
      const at = Number(row.dataset.at);
      shared.go(at);
      const register = target instanceof Element ? target.closest("[data-register]") : null;
      if (register instanceof HTMLElement) this.choose(at, register);
    });
    new ResizeObserver(() => this.drawRows()).observe(this.element);
  }

  /**
   * A register that is named in a row: what the step makes of it where it is named first, else what it takes.
   * @param {number} at
   * @param {HTMLElement} shown
   */
  choose(at, shown) {
    const spot = { frame: this.path.steps[at].frame, at: Number(shown.dataset.register), size: 0 };
    const isMade = this.path.made(at).some(({ to }) => to.some((each) => meets(each, spot)));
    this.shared.choose(spot, isMade && !shown.previousElementSibling ? at : at - 1);
  }

  /** @param {number[]} rows the steps that there are rows of, oldest first; 12.5 is a way that leaves step 12 */
  show(rows) {
    this.rows = rows;
    this.inner.replaceChildren();
  }

  /** The step `by` rows on; null where there are no rows. @param {number} by */
  beside(by) {
    const count = this.rows.length;
    if (!count) return null;
    const here = atMost(this.rows, this.at);
    let next = by < 0 && this.rows[here] !== this.at ? here + 1 + by : here + by;
    next = Math.min(Math.max(next, 0), count - 1);
    while (by > 0 && next < count - 1 && !Number.isInteger(this.rows[next])) next++;
    while (!Number.isInteger(this.rows[next])) next--;
    return this.rows[next];
  }

  /** Scrolls to where the rows were before so many steps were put in front. @param {number} top @param {number} steps */
  scroll(top, steps) {
    this.element.scrollTop = top + (atMost(this.rows, steps - 0.001) + 1) * ROW;
  }

  /** How many rows are seen at once. */
  get page() {
    return Math.max(1, Math.floor(this.element.clientHeight / ROW) - 1);
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    this.at = at;
    const here = atMost(this.rows, at);
    const row = this.rows[here] === at ? here : -1;
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
    if (this.chosen) this.element.setAttribute("aria-activedescendant", this.chosen.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** The row of the chosen step, where it is drawn. @returns {Element | null} */
  get chosen() {
    return this.inner.querySelector("[aria-selected='true']");
  }

  /** The row of a way that leaves the path. @param {number} row */
  way(row) {
    const at = this.rows[row];
    const { words, other } = this.shared.way(at);
    const made = make(
      "div",
      {
        role: "option",
        "aria-selected": "false",
        "aria-disabled": String(!other),
        "aria-setsize": String(this.rows.length),
        "aria-posinset": String(row + 1),
        class: "way",
        ...(other ? { "data-way": String(at) } : {}),
      },
      make("span", { class: "mark", "aria-hidden": "true" }, other ? "▸" : ""),
      make("span", {}, words),
    );
    made.style.top = `${row * ROW}px`;
    return made;
  }

  /** @param {number} row */
  drawn(row) {
    const at = this.rows[row];
    if (!Number.isInteger(at)) return this.way(row);
    const step = this.path.steps[at];
    const { followed, find } = this.shared;
    const part = followed.parts.get(at);
    const made = make(
      "div",
      {
        role: "option",
        id: `${this.id}-${at}`,
        "data-at": String(at),
        "aria-selected": String(at === this.at),
        "aria-setsize": String(this.rows.length),
        "aria-posinset": String(row + 1),
        class: this.looks(row).join(" "),
      },
      this.path.matters.has(at)
        ? make("span", { class: "mark", role: "img", "aria-label": "matters:" }, "●")
        : make("span", { class: "mark", "aria-hidden": "true" }),
      make("span", { class: "flows", "aria-hidden": "true" }, part ? (part.use === "makes" ? "◆" : "◇") : ""),
      make("span", { class: "number" }, ...marked(String(step.insn), find.wanted)),
      this.code(at),
    );
    const [arrow, where] = this.goes(at);
    if (where) made.append(make("span", { class: "second" }, arrow ? `${arrow} ${where}` : where));
    if (part) made.append(make("span", { class: "how" }, part.words));
    for (const [shown, meaning] of step.printed) {
      const text = marked(this.path.text(shown), find.wanted);
      made.append(make("span", { class: "soft printed", "data-tip": this.path.text(meaning) }, ...text));
    }
    made.style.top = `${row * ROW}px`;
    return made;
  }

  /** @param {number} row */
  looks(row) {
    const at = this.rows[row];
    const { steps } = this.path;
    const { followed } = this.shared;
    const part = followed.parts.get(at);
    const isBetween = at >= followed.steps[0] && at <= followed.steps[followed.steps.length - 1];
    const looks = isBetween ? ["between"] : [];
    if (this.path.matters.has(at)) looks.push("matters");
    if (at === this.path.last) looks.push(this.path.walk.ending[0]);
    if (part) looks.push("lit", ["value", "operand", "address"][part.role]);
    if (at !== this.at && steps[at].insn === steps[this.at].insn) looks.push("same");
    const next = this.rows.slice(row + 1, row + 9).find(Number.isInteger);
    if (next !== undefined && next > at + 1) looks.push("hides");
    else if (next !== undefined && (this.skipped(at) || steps[next].gap)) looks.push("skips");
    return looks;
  }

  /** The instruction, behind a rail for each call that it is in, with its registers to choose. @param {number} at */
  code(at) {
    const { steps } = this.path;
    const { frame, text } = steps[at];
    const next = steps[at + 1];
    const made = make("span", { class: "code" });
    for (let each = 1; each <= frame; each++) {
      const isEnd = each === frame && next && next.frame < frame;
      made.append(make("span", { class: isEnd ? "rail end" : "rail", "aria-hidden": "true" }));
    }
    if (next && next.frame > frame) made.append(make("span", { class: "rail begin", "aria-hidden": "true" }));
    const words = make("span");
    for (const [word, register] of this.path.text(text).matchAll(/\b[rw](\d+)\b|[^rw]+|[rw]/g)) {
      const shown = marked(word, this.shared.find.wanted);
      words.append(...(register ? [make("span", { class: "register", "data-register": register }, ...shown)] : shown));
    }
    made.append(words);
    return made;
  }

  /** How many instructions a jump leaves out; below 0: it goes back. @param {number} at */
  skipped(at) {
    const [step, next] = [this.path.steps[at], this.path.steps[at + 1]];
    return next && (step.kind === "branch" || step.kind === "goto") ? next.insn - step.insn - 1 : 0;
  }

  /** Where a branch, a call or a return goes: an arrow, and words. @param {number} at */
  goes(at) {
    const { insn, kind, taken, target, frame } = this.path.steps[at];
    const next = this.path.steps[at + 1];
    if (taken === false) return ["↓", "goes on"]; // may_goto, too
    if (target !== null && (taken || kind === "goto")) {
      const over = this.skipped(at);
      return over < 0 ? ["↺", `back to ${target}`] : ["↷", `${target}${over > 1 ? `, over ${over}` : ""}`];
    }
    if (!next) return ["", ""];
    if (next.frame < frame) return ["⇐", `back to ${next.insn}`];
    // a timer's callback is looked at in a frame of its own, which is the first
    const isEntered = next.frame > frame || (kind === "call" && next.insn !== insn + 1);
    return isEntered ? ["⇒", `enters ${next.insn}`] : ["", ""];
  }

  /** The call that step `at` is in, or the return from the one it makes; null: none. @param {number} at */
  otherEnd(at) {
    const { steps, last } = this.path;
    const { frame } = steps[at];
    const by = steps[at + 1]?.frame > frame ? 1 : -1;
    for (let each = at + by; each >= 0 && each <= last; each += by) {
      if (by > 0 && steps[each].frame > frame && steps[each + 1]?.frame <= frame) return each;
      if (by < 0 && steps[each].frame < frame) return each;
    }
    return null;
  }
}
