// One path: its steps, its source and its state, moved through with keys and buttons.

import { make } from "./make.js";
import { atMost, Path } from "./path.js";
import { Rows } from "./rows.js";
import { Source } from "./source.js";
import { State } from "./state.js";

export class View {
  /**
   * @param {HTMLDetailsElement} root
   * @param {import("./path.js").Walk} walk
   * @param {(step: number) => void} moved is told of each step that is gone to
   */
  constructor(root, walk, moved) {
    this.path = new Path(walk);
    this.moved = moved;
    this.at = this.path.last;
    const go = (/** @type {number} */ at) => this.go(at);
    const id = `walk-${[...document.querySelectorAll("details.walk")].indexOf(root)}`;
    this.rows = new Rows(this.path, id, go);
    this.source = new Source(this.path);
    this.state = new State(this.path, (at) => {
      this.go(at);
      this.focus();
    });
    this.search = /** @type {HTMLInputElement} */ (
      make("input", { type: "search", placeholder: "Search", "aria-label": "Search the steps" })
    );
    this.filter = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox" }));
    const button = (/** @type {string} */ text, /** @type {() => void} */ action) => {
      const made = make("button", { type: "button" }, text);
      made.addEventListener("click", action);
      return made;
    };
    const view = make(
      "div",
      { class: "view" },
      make(
        "div",
        { class: "bar" },
        button("Previous that matters", () => this.along(-1)),
        button("Next that matters", () => this.along(1)),
        make("label", {}, this.filter, " only what matters"),
        this.search,
      ),
      make(
        "p",
        { class: "soft keys" },
        "Keys: ↓ ↑ step, n p along what matters, Home End, f only what matters, / search, Enter next found",
        walk.cut ? `. The newest ${walk.steps.length} steps are here; the log has older ones.` : "",
      ),
      make("div", { class: "panes" }, this.source.element, this.rows.element),
      this.state.say,
      this.state.element,
    );
    root.append(view);
    view.addEventListener("keydown", (event) => this.key(event));
    for (const [input, event] of /** @type {const} */ ([
      [this.search, "input"],
      [this.filter, "change"],
    ])) {
      input.addEventListener(event, () => {
        this.rows.choose(this.filter.checked, this.search.value);
        this.draw();
      });
    }
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    this.rows.element.focus(options);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === this.search) {
      if (event.key === "Enter") this.row(1, true);
      else if (event.key === "Escape") this.focus();
      else return;
    } else if (event.key === "n" || event.key === "p") this.along(event.key === "n" ? 1 : -1);
    else if (event.key === "f") this.filter.click();
    else if (event.key === "/") this.search.focus();
    else if (event.target !== this.rows.element) return;
    else {
      const { page } = this.rows;
      const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 }[event.key];
      if (by === undefined) return;
      this.row(by);
    }
    event.preventDefault();
  }

  /** Goes `by` rows on. @param {number} by @param {boolean} around */
  row(by, around = false) {
    const at = this.rows.beside(by, around);
    if (at !== null) this.go(at);
  }

  /** Goes along what matters, around at the end. @param {number} by */
  along(by) {
    const chain = [...this.path.matters.keys()];
    const here = atMost(chain, by < 0 ? this.at - 1 : this.at);
    this.go(chain[(by < 0 ? here + chain.length : here + 1) % chain.length]);
  }

  /** @param {number} at */
  go(at) {
    this.at = at;
    this.draw();
    this.moved(this.path.last - at);
  }

  draw() {
    this.rows.draw(this.at);
    this.source.draw(this.at);
    this.state.draw(this.at);
  }
}
