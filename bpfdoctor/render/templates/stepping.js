// The stepping view: walks along the refused path, with the source beside it and what was known at each step.
// Its data is what bpfdoctor/render/walk.py writes. A step is named by its distance from the refused one, which is 0.

/** @typedef {[frame: number, place: number, value: number]} Held indices of texts; the value "" is unknown */
/**
 * @typedef {object} Step
 * @property {number} insn
 * @property {number} text
 * @property {string} kind
 * @property {number} frame
 * @property {number | null} line
 * @property {number | null} target
 * @property {boolean | null} taken
 * @property {number[]} reads
 * @property {Held[]} changed
 * @property {[number, number][]} printed
 */
/**
 * @typedef {object} Walk
 * @property {Step[]} steps
 * @property {Held[]} begins
 * @property {[file: string, line: number, text: string][]} lines
 * @property {[step: number, why: string][]} matters
 * @property {boolean} cut
 * @property {string[]} texts
 */

/** @typedef {object} Options @property {boolean} [links] */

const ROW = 24; // pixels; as in stepping.css
const APART = 256; // steps between two states that are kept
const BEYOND = 8; // rows that are drawn beyond what is seen

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} inside
 */
function make(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

/** The place of the last number that is at most `most`, or -1. @param {number[]} sorted @param {number} most */
function atMost(sorted, most) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What is known along a path. */
export class Path {
  /** @param {Walk} walk */
  constructor(walk) {
    this.walk = walk;
    this.steps = walk.steps;
    this.last = walk.steps.length - 1;
    /** @type {Map<number, string>} */
    this.matters = new Map(walk.matters);
    /** @type {Map<string, number>[]} */
    this.kept = [];
    /** @type {Map<string, number[]>} */
    this.writers = new Map();
    /** @type {Map<string, number[]>} */
    this.readers = new Map();
    const state = new Map(walk.begins.map(([frame, place, value]) => [`${frame} ${place}`, value]));
    this.steps.forEach((step, at) => {
      if (at % APART === 0) this.kept.push(new Map(state));
      for (const [frame, place, value] of step.changed) {
        const key = `${frame} ${place}`;
        state.set(key, value);
        this.note(this.writers, key, at);
      }
      for (const place of step.reads) this.note(this.readers, `${step.frame} ${place}`, at);
    });
  }

  /** @param {Map<string, number[]>} table @param {string} key @param {number} at */
  note(table, key, at) {
    const known = table.get(key);
    if (known) known.push(at);
    else table.set(key, [at]);
  }

  /** @param {number} index */
  text(index) {
    return this.walk.texts[index];
  }

  /** What is known before step `at`. @param {number} at @returns {Map<string, number>} */
  before(at) {
    const kept = Math.floor(at / APART);
    const state = new Map(this.kept[kept]);
    for (let each = kept * APART; each < at; each++) {
      for (const [frame, place, value] of this.steps[each].changed) state.set(`${frame} ${place}`, value);
    }
    return state;
  }

  /** The step that made what `key` holds after step `at`; -1: it is older. @param {string} key @param {number} at */
  madeBy(key, at) {
    const writers = this.writers.get(key) ?? [];
    return writers[atMost(writers, at)] ?? -1;
  }

  /** The first step after `at` that reads what `key` holds then; -1: none. @param {string} key @param {number} at */
  readBy(key, at) {
    const readers = this.readers.get(key) ?? [];
    const writers = this.writers.get(key) ?? [];
    const next = readers[atMost(readers, at) + 1] ?? -1;
    const end = writers[atMost(writers, at) + 1] ?? Infinity; // what writes it may read it first
    return next <= end ? next : -1;
  }
}

class View {
  /**
   * @param {HTMLDetailsElement} root
   * @param {Walk} walk
   * @param {((step: number) => void) | null} moved is told of each step that is gone to
   */
  constructor(root, walk, moved) {
    this.path = new Path(walk);
    this.moved = moved;
    this.at = this.path.last;
    this.found = "";
    this.only = false;
    this.rows = this.path.steps.map((_, at) => at);
    const id = `walk-${[...document.querySelectorAll("details.walk")].indexOf(root)}`;
    this.id = id;
    this.search = /** @type {HTMLInputElement} */ (make("input", { type: "search", placeholder: "Search", "aria-label": "Search the steps" }));
    this.filter = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox" }));
    this.say = make("p", { class: "say", role: "status" });
    this.source = make("div", { class: "lines", tabindex: "0", role: "region", "aria-label": "Source" });
    this.inner = make("div", { class: "rows", role: "presentation" });
    this.list = make(
      "div",
      { class: "steps", tabindex: "0", role: "listbox", "aria-label": "Steps of the refused path", id },
      this.inner,
    );
    this.state = make("div", { class: "state", tabindex: "0", role: "region", "aria-label": "State" });
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
      make("div", { class: "panes" }, this.source, this.list),
      this.say,
      this.state,
    );
    root.append(view);
    this.lines = walk.lines.map(([file, line, text]) =>
      make("div", file ? { title: `${file}:${line}` } : {}, make("span", {}, line ? String(line) : ""), text),
    );
    this.drawSource();
    this.list.addEventListener("scroll", () => this.drawRows());
    this.list.addEventListener("click", (event) => {
      const row = event.target instanceof Element ? event.target.closest("[data-at]") : null;
      if (row instanceof HTMLElement) this.go(Number(row.dataset.at));
    });
    view.addEventListener("keydown", (event) => this.key(event));
    this.search.addEventListener("input", () => this.choose());
    this.filter.addEventListener("change", () => {
      this.only = this.filter.checked;
      this.choose();
    });
    new ResizeObserver(() => this.drawRows()).observe(this.list);
  }

  /** Which rows there are: all, those that matter, those with the text that is looked for. */
  choose() {
    const wanted = this.search.value.trim().toLowerCase();
    this.rows = this.path.steps.flatMap((step, at) =>
      (!this.only || this.path.matters.has(at)) && (!wanted || this.words(step).includes(wanted)) ? [at] : [],
    );
    this.inner.replaceChildren();
    this.draw();
  }

  /** @param {Step} step */
  words(step) {
    const { texts, lines } = this.path.walk;
    const source = step.line === null ? "" : lines[step.line][2];
    const changed = step.changed.map(([, place, value]) => `${texts[place]} ${texts[value]}`);
    const printed = step.printed.map(([shown]) => texts[shown]);
    return [step.insn, texts[step.text], source, ...changed, ...printed].join("\n").toLowerCase();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === this.search) {
      if (event.key === "Enter") this.row(1, true);
      else if (event.key === "Escape") this.list.focus();
      else return;
    } else if (event.key === "n" || event.key === "p") this.along(event.key === "n" ? 1 : -1);
    else if (event.key === "f") this.filter.click();
    else if (event.key === "/") this.search.focus();
    else if (event.target !== this.list) return;
    else {
      const page = Math.max(1, Math.floor(this.list.clientHeight / ROW) - 1);
      const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 }[event.key];
      if (by === undefined) return;
      this.row(by);
    }
    event.preventDefault();
  }

  /** Goes `by` rows on. @param {number} by @param {boolean} around */
  row(by, around = false) {
    const count = this.rows.length;
    if (!count) return;
    const here = atMost(this.rows, this.at);
    let next = by < 0 && this.rows[here] !== this.at ? here + 1 + by : here + by;
    if (around) next %= count;
    this.go(this.rows[Math.min(Math.max(next, 0), count - 1)]);
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
    this.moved?.(this.path.last - at);
  }

  draw() {
    const row = this.rows.indexOf(this.at);
    this.inner.style.height = `${this.rows.length * ROW}px`;
    if (row >= 0) {
      const { scrollTop, clientHeight } = this.list;
      if (row * ROW < scrollTop || (row + 1) * ROW > scrollTop + clientHeight) {
        this.list.scrollTop = row * ROW - clientHeight / 2;
      }
    }
    this.drawRows();
    this.markSource();
    this.drawState();
  }

  /** Draws the rows that are seen, and a few more. */
  drawRows() {
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - BEYOND);
    const end = Math.min(this.rows.length, Math.ceil((this.list.scrollTop + this.list.clientHeight) / ROW) + BEYOND);
    const drawn = [];
    for (let row = first; row < end; row++) drawn.push(this.drawn(row));
    this.inner.replaceChildren(...drawn);
    if (drawn.some((each) => each.id === `${this.id}-${this.at}`)) {
      this.list.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
    } else this.list.removeAttribute("aria-activedescendant");
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
        class: why === undefined ? "" : at === this.path.last ? "matters refused" : "matters",
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
    const { kind, taken, target } = this.path.steps[at];
    const next = this.path.steps[at + 1];
    if (kind === "branch") return taken === null ? "" : taken ? `↷ jumps to ${target}` : "↓ goes on";
    if (kind === "goto") return target === null ? "" : `↷ ${target}`;
    if (!next || next.frame === this.path.steps[at].frame) return "";
    return next.frame > this.path.steps[at].frame ? `⇒ enters ${next.insn}` : `⇐ back to ${next.insn}`;
  }

  /** The source, once: it is short. */
  drawSource() {
    let file = "";
    for (const [number, line] of this.lines.entries()) {
      const name = this.path.walk.lines[number][0];
      if (name && name !== file) this.source.append(make("div", { class: "soft file" }, name));
      file = name || file;
      this.source.append(line);
    }
    if (!this.lines.length) this.source.append(make("p", { class: "soft" }, "The log shows no source lines."));
    for (const at of this.path.matters.keys()) {
      const line = this.path.steps[at].line;
      if (line !== null) this.lines[line].classList.add("matters");
    }
  }

  markSource() {
    this.source.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const line = this.lines[this.path.steps[this.at].line ?? -1];
    if (!line) return;
    line.setAttribute("aria-current", "step");
    const { offsetTop, offsetHeight } = line;
    const { scrollTop, clientHeight } = this.source;
    if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) {
      this.source.scrollTop = offsetTop - clientHeight / 2;
    }
  }

  drawState() {
    const { at, path } = this;
    const step = path.steps[at];
    const back = path.last - at;
    const why = path.matters.get(at);
    const head = back ? `${back} before the refusal` : "the refused step";
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
    this.state.replaceChildren(
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
    made.addEventListener("click", () => {
      this.go(at);
      this.list.focus();
    });
    return made;
  }
}

/**
 * Makes the views below `root`, each when it is opened. With `links` the address names the step: #step=N, and
 * &path=K where it is not the first path of the page.
 * @param {ParentNode} root
 * @param {Options} options
 */
export function stepThroughAll(root, { links = true } = {}) {
  const found = [...root.querySelectorAll("details.walk")].filter((each) => each instanceof HTMLDetailsElement);
  /** @type {Map<Element, View>} */
  const views = new Map();
  const open = (/** @type {HTMLDetailsElement} */ details) => {
    const known = views.get(details);
    if (known) return known;
    const data = details.querySelector("script[type='application/json']")?.textContent ?? "";
    const path = found.indexOf(details) + 1;
    const named = (/** @type {number} */ step) =>
      history.replaceState(null, "", `#step=${step}${path > 1 ? `&path=${path}` : ""}`);
    const view = new View(details, JSON.parse(data), links ? named : null);
    views.set(details, view);
    return view;
  };
  for (const details of found) {
    details.addEventListener("toggle", () => {
      if (!details.open) return;
      const isNew = !views.has(details);
      const view = open(details);
      view.draw();
      if (isNew) view.list.focus({ preventScroll: true });
    });
  }
  const follow = () => {
    const told = new URLSearchParams(location.hash.slice(1));
    const step = told.get("step");
    const details = found[Number(told.get("path") ?? 1) - 1];
    if (step === null || !/^\d+$/.test(step) || !details) return;
    const view = open(details);
    details.open = true;
    view.go(Math.max(0, view.path.last - Number(step)));
    details.scrollIntoView();
    view.list.focus({ preventScroll: true });
  };
  if (links) {
    addEventListener("hashchange", follow);
    follow();
  }
}
