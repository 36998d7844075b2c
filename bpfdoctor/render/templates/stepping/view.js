// One path: its steps, its source and its state, moved through with keys and buttons.

import { Chain } from "./chain.js";
import { Find } from "./find.js";
import { Follow } from "./follow.js";
import { command, help } from "./keys.js";
import { choices, laidOut } from "./layout.js";
import { inTurn, Path } from "./path.js";
import { Rows } from "./rows.js";
import { Source } from "./source.js";
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
    this.shown = choices();
    this.shown.addEventListener("change", changed);
    this.element = laidOut(this, id);
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

  /** Goes along what matters, around at the end. @param {number} by */
  along(by) {
    this.goTo(inTurn([...this.path.matters.keys()], this.at, by));
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
    if (row) this.tip.show(row.querySelector(".printed") ?? row, this.state.meaning(this.at));
  }
}
