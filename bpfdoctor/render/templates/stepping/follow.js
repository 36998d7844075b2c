// One value, followed: what made it, what is made of it, where it is checked.

import { madeFrom, madeOf } from "./flow.js";
import { button, make } from "./make.js";
import { atMost } from "./path.js";

/** @typedef {import("./path.js").Path} Path @typedef {import("./path.js").Spot} Spot */

/** @param {Spot} spot */
export function named({ frame, at, size }) {
  const place = size ? `fp${at < 0 ? "" : "+"}${at}` : `R${at}`;
  return frame ? `${place} of frame ${frame}` : place;
}

export class Follow {
  /** @param {Path} path @param { { changed: () => void, along: (by: number) => void, stop: () => void } } actions */
  constructor(path, { changed, along, stop }) {
    this.path = path;
    this.changed = changed;
    /** @type { { spot: Spot, at: number } | null} */
    this.chosen = null;
    /** @type {Map<number, import("./flow.js").Part>} */
    this.parts = new Map();
    /** Its steps, oldest first. @type {number[]} */
    this.steps = [];
    this.said = make("span", { role: "status" });
    this.element = make(
      "div",
      { class: "follow", hidden: "" },
      this.said,
      button("◂", () => along(-1), { "aria-label": "Earlier step of this value" }),
      button("▸", () => along(1), { "aria-label": "Later step of this value" }),
      button("Stop", stop),
    );
  }

  /** Follows what `spot` holds after a step (-1: before the first); the refused step changes nothing. @param {Spot} spot @param {number} step */
  choose(spot, step) {
    const at = this.made(step);
    const { parts: before, isWhole, unset } = madeOf(this.path, at, spot);
    // All that was made of it since it came there, also before step `at`.
    const born = this.path.newest(this.path.writers, this.path.key(spot), at);
    const after = madeFrom(this.path, born, spot);
    this.chosen = { spot, at };
    this.parts = new Map([...after, ...before]);
    this.steps = [...this.parts.keys()].sort((one, other) => one - other);
    const makers = [...before.values()].filter(({ use }) => use === "makes").length;
    const checks = [...this.parts.values()].filter(({ use }) => use === "checks").length;
    const users = [...after.values()].filter(({ use }) => use !== "checks").length;
    const say = [
      makers ? `made by ${counted(makers)}` : isWhole && !unset.length ? "there from the beginning" : "made by none of these steps",
      checks ? `checked by ${checks}` : "never checked",
      users ? `used by ${users}` : "not used",
    ];
    const part = (/** @type {Spot} */ spot) => (spot.size % 8 ? `${spot.size} bytes at ${named(spot)}` : named(spot));
    const never = [...new Set(unset.map(part))].join(", ");
    const end = isWhole ? (never && `; nothing had written ${never}`) : "; where it began is not in the log";
    const early = this.path.walk.ending[0] === "refused" ? "before the refused step" : "before the last step";
    const when = at < 0 ? "at first" : at < this.path.last - 1 ? `after instruction ${this.path.steps[at].insn}` : "";
    this.said.textContent = `${named(spot)} ${when || early}: ${say.join(", ")}${end}`;
    this.element.hidden = false;
    this.changed();
  }

  clear() {
    this.chosen = null;
    this.parts = new Map();
    this.steps = [];
    this.said.textContent = "";
    this.element.hidden = true;
    this.changed();
  }

  /** The step after which a value is the same as after `at`. @param {number} at */
  made(at) {
    return at === this.path.last && at > 0 ? at - 1 : at;
  }

  /** Whether it is this value that is followed. @param {Spot} spot @param {number} at */
  is(spot, at) {
    return this.chosen?.at === this.made(at) && named(this.chosen.spot) === named(spot);
  }

  /** The step of it before or after `at`; null: none. @param {number} at @param {number} by */
  beside(at, by) {
    return this.steps[by < 0 ? atMost(this.steps, at - 1) : atMost(this.steps, at) + 1] ?? null;
  }
}

/** @param {number} count */
const counted = (count) => `${count} step${count === 1 ? "" : "s"}`;
