// Where a value is from and where it goes: what each step made of what, followed through the path.

import { meets } from "./path.js";

/** @typedef {import("./path.js").Path} Path @typedef {import("./path.js").Spot} Spot */
/**
 * What a step has to do with a value that is followed. `role`: 0 it is the value, 1 an operand, 2 an address;
 * `use`: it makes it, is made of it, checks it, or takes it.
 * @typedef { { role: number, use: "makes" | "made of it" | "checks" | "takes", words: string } } Part
 */
/** @typedef {Spot & { role: number }} Live */

const VALUE = 0;
const ADDRESS = 2;

/** What is left of `live` where `hidden` was written. @param {Live} live @param {Spot} hidden @returns {Live[]} */
function without(live, hidden) {
  if (!meets(live, hidden)) return [live];
  if (!live.size) return [];
  const end = live.at + live.size;
  const behind = hidden.at + hidden.size;
  return [
    ...(live.at < hidden.at ? [{ ...live, size: hidden.at - live.at }] : []),
    ...(behind < end ? [{ ...live, at: behind, size: end - behind }] : []),
  ];
}

/** Adds what is new to those that live. @param {Live[]} all @param {Live} more */
function add(all, more) {
  const known = all.find((each) => each.frame === more.frame && each.at === more.at && each.size === more.size);
  if (!known) all.push(more);
  else known.role = Math.min(known.role, more.role);
}

/** @param {Map<number, Part>} parts @param {number} at @param {Part} part */
function tell(parts, at, part) {
  const known = parts.get(at);
  if (!known || part.role < known.role) parts.set(at, part);
}

/**
 * The steps up to `at` that made what `spot` holds after it, those that checked it on the way, whether the path
 * shows all of that, and what nothing had written that it was made of.
 * @param {Path} path @param {number} at @param {Spot} spot
 */
export function madeOf(path, at, spot) {
  /** @type {Map<number, Part>} */
  const parts = new Map();
  /** @type {Live[]} */
  let wants = [{ ...spot, role: VALUE }];
  /** @type {Live[]} */
  const unset = [];
  let each = at;
  for (; each >= 0 && wants.length; each--) {
    const step = path.steps[each];
    const next = path.steps[each + 1];
    if (next?.gap && each < at) break;
    const isTouched = path.touches(each, wants);
    if (!isTouched && step.kind !== "branch" && !(next?.frame > step.frame)) continue; // as most are
    /** @type {Live[]} */
    const older = [];
    const flows = isTouched ? path.made(each) : [];
    for (const made of flows) {
      for (const to of made.to) {
        const hit = wants.filter((want) => meets(want, to));
        if (!hit.length) continue;
        const role = Math.min(...hit.map((want) => want.role));
        tell(parts, each, { role, use: "makes", words: made.words });
        for (const of of made.of) add(older, { ...of, role: Math.max(of.role, role) });
      }
    }
    const met = step.kind === "branch" ? wants : [];
    wants = flows.reduce((left, made) => made.to.reduce(rest, left), wants);
    // What a function has not written before it began is nobody's.
    if (next && next.frame > step.frame) {
      unset.push(...wants.filter((want) => want.frame >= next.frame));
      wants = wants.filter((want) => want.frame < next.frame);
    }
    for (const want of older) add(wants, want);
    if (!parts.has(each)) {
      const checked = met.filter((want) => (want.role === ADDRESS ? path.reads : path.checks).call(path, each, want));
      const role = Math.min(...checked.map((want) => want.role));
      if (checked.length) tell(parts, each, { role, use: "checks", words: "checked" });
    }
  }
  const isStart = each < 0 && !path.walk.cut && !path.steps[0]?.gap;
  if (isStart) unset.push(...wants.filter((want) => !path.isGiven(want)));
  return { parts, isWhole: isStart || !wants.length, unset: unset.filter(({ role }) => role === VALUE) };
}

/** @param {Live[]} left @param {Spot} written */
function rest(left, written) {
  return left.flatMap((each) => without(each, written));
}

/** @type {Record<string, string>} */
const USES = { branch: "checked", store: "stored, or stored through", call: "given to the call", exit: "returned" };

/**
 * The steps after `at` that make something of what `spot` holds, check it or take it.
 * @param {Path} path @param {number} at @param {Spot} spot
 */
export function madeFrom(path, at, spot) {
  /** @type {Map<number, Part>} */
  const parts = new Map();
  /** @type {Live[]} */
  let live = [{ ...spot, role: VALUE }];
  for (let each = at + 1; each <= path.last && live.length; each++) {
    const step = path.steps[each];
    const next = path.steps[each + 1];
    if (step.gap) break;
    /** @type {Live[]} */
    const made = [];
    const flows = path.touches(each, live) ? path.made(each) : [];
    for (const { words, to, of } of flows) {
      const hit = of.filter((source) => live.some((value) => meets(value, source)));
      const role = Math.min(...hit.map((source) => source.role));
      if (!hit.length) continue;
      if (role === ADDRESS) tell(parts, each, { role, use: "takes", words });
      else {
        tell(parts, each, { role, use: "made of it", words });
        for (const spot of to) add(made, { ...spot, role });
      }
    }
    if (!parts.has(each) && live.some((value) => path.reads(each, value) || path.checks(each, value))) {
      const words = USES[step.kind] ?? "read through";
      tell(parts, each, { role: VALUE, use: step.kind === "branch" ? "checks" : "takes", words });
    }
    live = flows.reduce((left, { to }) => to.reduce(rest, left), live);
    if (next && next.frame > step.frame) live = live.filter((value) => value.frame < next.frame);
    for (const value of made) add(live, value);
    if (next && next.frame < step.frame) live = live.filter((value) => value.frame <= next.frame);
  }
  return parts;
}
