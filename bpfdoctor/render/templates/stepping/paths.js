// The paths of one program: the one that is shown, those that were opened from it, and steps that are asked for.

import { joined } from "./join.js";
import { kept, take } from "./keep.js";
import { View } from "./view.js";

/** @typedef {import("./path.js").Walk} Walk */
/** @typedef {import("./ways.js").Wanted} Wanted */
/** @typedef {(wanted: Wanted) => Promise<Walk | null>} More more of an answer, where somebody can be asked */
/**
 * A path that was opened: `oldest` is which path's steps are the oldest here, and how many of it are known.
 * `leaves` is the step where it leaves the path before; `beginsLater`: what they have in common is not known yet.
 * @typedef {object} Opened
 * @property {Walk} walk
 * @property {View} view
 * @property { { end: number, known: number } } oldest
 * @property {number} leaves
 * @property { { before: Opened, step: number } | null } beginsLater
 */

const MOST_ASKED = 20; // pieces of older steps that a search asks for

export class Paths {
  /**
   * @param {HTMLDetailsElement} root
   * @param {Walk} walk
   * @param {(step: number, others: string) => void} moved is told of each step that is gone to, and in which path
   * @param {More | null} more
   */
  constructor(root, walk, moved, more) {
    this.root = root;
    this.moved = moved;
    this.more = more;
    this.asks = false;
    /** @type {Opened[]} */
    this.opened = [];
    this.add(walk, { end: walk.end, known: walk.steps.length }, -1, null);
  }

  get top() {
    return this.opened[this.opened.length - 1];
  }

  get view() {
    return this.top.view;
  }

  /**
   * @param {Walk} walk
   * @param {Opened["oldest"]} oldest
   * @param {number} leaves
   * @param {Opened["beginsLater"]} beginsLater
   */
  add(walk, oldest, leaves, beginsLater) {
    if (this.opened.length) this.view.element.hidden = true;
    const view = this.made(walk, leaves, this.opened.length);
    this.root.append(view.element);
    this.opened.push({ walk, view, oldest, leaves, beginsLater });
  }

  /** @param {Walk} walk @param {number} leaves @param {number} depth */
  made(walk, leaves, depth) {
    const number = [...document.querySelectorAll("details.walk")].indexOf(this.root);
    const others = () => this.opened.slice(1, depth + 1).map((each) => each.walk.end);
    return new View(walk, `walk-${number}-${depth}`, {
      moved: (step) => this.moved(step, others().join("-")),
      canAsk: this.more !== null,
      leaves,
      open: (step, end) => this.open(step, end),
      back: () => this.back(),
      older: () => this.older(),
      searchOlder: () => this.searchOlder(),
    });
  }

  /** Opens the newest path that leaves this one at a step, the one of several that ends at `end`. @param {number} step @param {number} end */
  async open(step, end) {
    const { top } = this;
    const other = top.walk.others.find((each) => each.step === step && each.end === end);
    if (!other) return;
    const walk = other.walk ?? (await this.ask({ end: top.walk.end, older: false, at: top.walk.steps.length - 1 - step }));
    if (!walk || this.top !== top) return;
    if (walk.cut) this.add(walk, { end: walk.end, known: walk.steps.length }, -1, { before: top, step });
    else this.add(joined(top.walk, walk, step), { ...top.oldest }, step, top.beginsLater);
    this.view.go(this.top.leaves < 0 ? 0 : this.top.leaves);
    this.view.focus({ preventScroll: true });
  }

  back() {
    if (this.opened.length < 2) return;
    this.opened.pop()?.view.element.remove();
    this.view.element.hidden = false;
    this.view.go(this.view.at);
    this.view.focus({ preventScroll: true });
  }

  /** Adds older steps; whether there were any. */
  async older() {
    const { top } = this;
    if (!top.walk.cut) return false;
    const found = await this.ask({ end: top.oldest.end, older: true, at: top.oldest.known });
    if (!found || this.top !== top) return false;
    top.oldest.known += found.steps.length;
    let by = found.steps.length;
    let walk = joined(found, top.walk);
    if (top.leaves >= 0) top.leaves += by;
    if (!walk.cut && top.beginsLater) {
      const { before, step } = top.beginsLater;
      walk = joined(before.walk, walk, step);
      by += step;
      [top.oldest, top.beginsLater] = [{ ...before.oldest }, before.beginsLater];
      top.leaves = Math.max(top.leaves, 0) + step;
    }
    const view = this.made(walk, top.leaves, this.opened.length - 1);
    const chosen = kept(top.view);
    top.view.element.replaceWith(view.element);
    take(view, chosen, by);
    Object.assign(top, { walk, view });
    return true;
  }

  /** Adds older steps until one has what is searched for, and goes there. */
  async searchOlder() {
    for (let asked = 0; asked < MOST_ASKED; asked++) {
      const before = this.top.walk.steps.length;
      if (!(await this.older())) break;
      const added = this.top.walk.steps.length - before;
      const found = this.view.find.found.filter((at) => at < added);
      if (!found.length) continue;
      this.view.go(found[found.length - 1]);
      return;
    }
  }

  /** @param {Omit<Wanted, "report">} wanted */
  async ask(wanted) {
    if (!this.more || this.asks) return null;
    this.asks = true;
    this.root.setAttribute("aria-busy", "true");
    try {
      return await this.more({ ...wanted, report: Number(this.root.dataset.report) });
    } finally {
      this.asks = false;
      this.root.removeAttribute("aria-busy");
    }
  }

  /** Goes to the step that has so many behind it, in the path that was reached over others. @param {number} behind @param {string} others */
  async goTo(behind, others) {
    while (this.opened.length > 1) this.back();
    for (const end of others ? others.split("-").map(Number) : []) {
      const other = this.top.walk.others.find((each) => each.end === end);
      if (!other) return;
      await this.open(other.step, end);
    }
    this.view.go(Math.max(0, this.view.path.last - behind));
  }
}
