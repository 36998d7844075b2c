// One path: its steps, its source and its state, moved through with keys and buttons.

import { Chain } from "./chain.js";
import { Find } from "./find.js";
import { Follow } from "./follow.js";
import { command, help } from "./keys.js";
import { button, make } from "./make.js";
import { atMost, Path } from "./path.js";
import { Rows } from "./rows.js";
import { Source } from "./source.js";
import { split } from "./split.js";
import { State } from "./state.js";
import { Tip } from "./tip.js";
import { Visits } from "./visits.js";
import { ways } from "./ways.js";

/**
 * What is around a path: other paths, and who can be asked for more. `leaves` is the step where it leaves the path
 * before, or -1.
 * @typedef {object} Around
 * @property {(step: number) => void} moved is told of each step that is gone to, by its distance from the last
 * @property {boolean} canAsk
 * @property {number} leaves
 * @property {(step: number, end: number) => void} open
 * @property {() => void} back
 * @property {() => Promise<boolean>} older
 * @property {() => void} searchOlder
 */
/** @typedef { { at: number, wanted: string, shown: string, followed: { spot: import("./path.js").Spot, at: number } | null,
 *   translates: boolean, scrolled: number, hasFocus: boolean, isSearching: boolean } } Kept */
/** @typedef {"all" | "matters" | "value" | "found"} Shown which steps there are rows of */

export class View {
  /**
   * @param {import("./path.js").Walk} walk
   * @param {string} id
   * @param {Around} around
   */
  constructor(walk, id, around) {
    this.path = new Path(walk);
    this.around = around;
    this.ways = ways(walk, around.canAsk);
    this.at = this.path.last;
    this.translates = false;
    const go = (/** @type {number} */ at) => this.go(at);
    const goAndFocus = (/** @type {number} */ at) => {
      this.go(at);
      this.focus();
    };
    const changed = () => this.choose();
    this.find = new Find(this.path, changed);
    const along = (/** @type {number} */ by) => this.alongValue(by);
    this.followed = new Follow(this.path, { changed, along, stop: () => this.stop() });
    const shared = {
      followed: this.followed,
      find: this.find,
      go,
      choose: (/** @type {import("./path.js").Spot} */ spot, /** @type {number} */ at) => this.follow(spot, at),
      way: (/** @type {number} */ row) => this.way(row),
      open: (/** @type {number} */ row) => this.openWay(row),
    };
    this.rows = new Rows(this.path, id, shared);
    this.source = new Source(this.path, { ...shared, go: goAndFocus });
    this.state = new State(this.path, { ...shared, go: goAndFocus });
    this.chain = new Chain(this.path, goAndFocus);
    this.visits = new Visits(this.path);
    this.help = help();
    this.shown = /** @type {HTMLSelectElement} */ (make("select", { "aria-label": "Which steps are shown" }));
    for (const [value, text] of [
      ["all", "all steps"],
      ["matters", "only what matters"],
      ["value", "only this value"],
      ["found", "only what was found"],
    ]) {
      this.shown.append(make("option", { value }, text));
    }
    this.shown.addEventListener("change", changed);
    const panes = make("div", { class: "panes" });
    const rows = Math.max(walk.lines.length, walk.steps.length);
    panes.style.setProperty("--rows", String(Math.min(rows + 1, 100)));
    panes.append(this.source.element, split(panes, 42), this.rows.element);
    this.element = make(
      "div",
      { class: "view" },
      id.endsWith("-0") ? "" : this.about(),
      this.chain.element,
      make(
        "div",
        { class: "bar" },
        button("◂", () => this.along(-1), { "aria-label": "Previous that matters" }),
        "what matters",
        button("▸", () => this.along(1), { "aria-label": "Next that matters" }),
        this.shown,
        this.find.input,
        this.find.count,
        button("Keys ?", () => this.help.showModal(), { class: "keys" }),
      ),
      walk.cut ? make("p", { class: "soft" }, this.cut()) : "",
      this.followed.element,
      make(
        "div",
        { class: "work" },
        panes,
        make("div", { class: "after" }, this.state.say, this.visits.element, this.state.element),
      ),
      this.help,
    );
    this.tip = new Tip(this.element);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.rows.element.addEventListener("scroll", () => {
      if (this.rows.element.scrollTop < 1 && this.rows.element.clientHeight && this.shown.value === "all") around.older();
    });
    this.choose();
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    this.rows.element.focus(options);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.help.open) return;
    const { target } = event;
    if (target === this.find.input) {
      if (event.key === "Enter") this.search(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape") this.focus();
      else return;
    } else {
      if (target instanceof HTMLSelectElement) return;
      const found = command(event, target === this.rows.element);
      if (!found) return;
      found.does(this, event.key);
    }
    event.preventDefault();
  }

  /** Goes `by` rows on. @param {number} by */
  row(by) {
    if (by < 0 && this.at === 0 && this.path.walk.cut) this.around.older();
    else this.goTo(this.rows.beside(by));
  }

  /** Goes to the next step that was found, or the one before, which may be older than all that are here. @param {number} by */
  search(by) {
    const { found } = this.find;
    const isOlder = !found.length || (by < 0 && this.at <= found[0]);
    if (this.find.wanted && isOlder && this.path.walk.cut && this.around.canAsk) this.around.searchOlder();
    else this.goTo(this.find.beside(this.at, by));
  }

  /** The way that has a row behind that of its step: 12.5 is the only one of step 12. @param {number} row */
  way(row) {
    const all = this.ways.get(Math.floor(row)) ?? [];
    return all[Math.round((row % 1) * (all.length + 1)) - 1];
  }

  /** @param {number} row */
  openWay(row) {
    const { other } = this.way(row);
    if (other) this.around.open(Math.floor(row), other.end);
  }

  otherWay() {
    const other = this.ways.get(this.at)?.find((each) => each.other)?.other;
    if (other) this.around.open(this.at, other.end);
    else if (this.at === this.around.leaves) this.around.back();
  }

  /** Which path this is, where it is not the first one. */
  about() {
    const { path, around } = this;
    const [how, before] = path.walk.ending;
    const ends = {
      refused: "is refused",
      exit: "reaches the program's end",
      known: `ends before instruction ${before}, in a state known to be safe`,
      else: "ends",
    }[how];
    const leaves = around.leaves < 0 ? "" : `leaves the one before at instruction ${path.steps[around.leaves].insn} and `;
    return make("p", { class: "about" }, `Another path: it ${leaves}${ends}. `, button("◂ Back", () => around.back()));
  }

  cut() {
    const count = this.path.steps.length.toLocaleString("en");
    const more = this.around.canAsk ? ": scroll up, or press Home" : ", which bpfdoctor's paste page shows";
    return `The newest ${count} steps are here; the log has older ones${more}.`;
  }

  /** What another view of the same path, with more steps, is to take over. @returns {Kept} */
  kept() {
    return {
      at: this.at,
      wanted: this.find.input.value,
      shown: this.shown.value,
      followed: this.followed.chosen,
      translates: this.translates,
      scrolled: this.rows.element.scrollTop,
      hasFocus: this.element.contains(document.activeElement),
      isSearching: document.activeElement === this.find.input,
    };
  }

  /** @param {Kept} kept @param {number} by the steps that are here and were not there */
  take(kept, by) {
    this.at = kept.at + by;
    this.translates = kept.translates;
    this.find.input.value = kept.wanted;
    this.find.look(kept.wanted.trim().toLowerCase());
    if (kept.followed) this.followed.choose(kept.followed.spot, kept.followed.at + by);
    this.shown.value = kept.shown;
    this.choose();
    this.rows.scroll(kept.scrolled, by);
    if (kept.isSearching) this.find.input.focus();
    else if (kept.hasFocus) this.focus({ preventScroll: true });
  }

  /** Goes along what matters, around at the end. @param {number} by */
  along(by) {
    const chain = [...this.path.matters.keys()];
    const here = atMost(chain, by < 0 ? this.at - 1 : this.at);
    this.go(chain[(by < 0 ? here + chain.length : here + 1) % chain.length]);
  }

  /** @param {number} by */
  alongValue(by) {
    this.goTo(this.followed.beside(this.at, by));
  }

  /** @param {number} by */
  visit(by) {
    this.goTo(this.visits.beside(this.at, by));
  }

  otherEnd() {
    this.goTo(this.rows.otherEnd(this.at));
  }

  /** Follows a value, or no value any more where it is this one. @param {import("./path.js").Spot} spot @param {number} at */
  follow(spot, at) {
    if (this.followed.is(spot, at)) this.stop();
    else this.followed.choose(spot, at);
  }

  /** @param {number} register */
  chooseRegister(register) {
    this.follow({ frame: this.state.frame(this.at), at: register, size: 0 }, this.at);
  }

  /** Follows the next value of the state, those first that the step changed. */
  chooseNext() {
    const { keys, changed } = this.state.places(this.at);
    const spots = [...keys.filter((key) => changed.has(key)), ...keys.filter((key) => !changed.has(key))].map((key) =>
      this.state.spot(key),
    );
    const here = spots.findIndex((spot) => this.followed.is(spot, this.at));
    if (spots.length) this.followed.choose(spots[(here + 1) % spots.length], this.at);
  }

  stop() {
    if (this.shown.value === "value") this.shown.value = "all";
    this.followed.clear();
    this.focus();
  }

  /** Shows rows of these steps alone, or of all again. @param {Shown} which */
  show(which) {
    if (which === "value" && !this.followed.chosen) return;
    this.shown.value = this.shown.value === which ? "all" : which;
    this.choose();
  }

  /** Says of each step that is gone to what its printed states mean, until Escape. */
  translate() {
    this.translates = !this.translates;
    this.draw();
  }

  /** Leaves the translation, or else the value. */
  leave() {
    if (this.tip.hide() || this.translates) this.translates = false;
    else if (this.followed.chosen) this.stop();
  }

  /** @param {number | null} at */
  goTo(at) {
    if (at !== null) this.go(at);
  }

  /** @param {number} at */
  go(at) {
    this.at = at;
    this.draw();
    this.around.moved(this.path.last - at);
  }

  /** Which rows there are, and what is lit in them, may have changed. */
  choose() {
    const { matters, steps } = this.path;
    const isThere = { value: this.followed.steps.length > 0, found: this.find.found.length > 0 };
    for (const [value, there] of Object.entries(isThere)) {
      const option = this.shown.querySelector(`[value="${value}"]`);
      if (option instanceof HTMLOptionElement) option.disabled = !there;
    }
    const rows = { matters: [...matters.keys()], value: this.followed.steps, found: this.find.found }[this.shown.value];
    this.rows.show(rows ?? steps.flatMap((_, at) => this.withWays(at)));
    this.source.mark();
    this.draw();
  }

  /** The rows of a step: its own, and one of each way that leaves the path there. @param {number} at */
  withWays(at) {
    const ways = this.ways.get(at);
    return ways ? [at, ...ways.map((_, each) => at + (each + 1) / (ways.length + 1))] : [at];
  }

  draw() {
    this.tip.hide();
    this.rows.draw(this.at);
    this.source.draw(this.at);
    this.state.draw(this.at);
    this.visits.draw(this.at);
    this.chain.draw(this.at);
    this.find.draw(this.at);
    const row = this.translates ? this.rows.chosen : null;
    if (row) this.tip.show(row.querySelector(".printed") ?? row, this.meaning(this.at));
  }

  /** What a step's printed states mean, or else what it made. @param {number} at */
  meaning(at) {
    const { path } = this;
    const said = path.steps[at].printed.map(([shown, meaning]) => `${path.text(shown)}: ${path.text(meaning)}`);
    return said.join("\n") || path.made(at).map(({ words }) => words).join("\n") || "nothing is printed here";
  }
}
