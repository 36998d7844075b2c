// The rows below a branch: what the verifier walked the other way before it went on.

/** @typedef {import("./path.js").Walk} Walk @typedef {import("./path.js").Other} Other */
/**
 * More of an answer: steps of the path that ends at `end` from `at` on, counted from its last one, or the
 * newest path that leaves it at its step `at`.
 * @typedef { { report: number, end: number, older: boolean, at: number } } Wanted
 */
/** @typedef { { words: string, other: Other | null } } Way `other`: the paths that can be opened */

/** @param {number} count @param {string} one */
const many = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;

/**
 * The ways that leave a path, by the step of their branch.
 * @param {Walk} walk
 * @param {boolean} canAsk for paths that are not here
 * @returns {Map<number, Way[]>}
 */
export function ways(walk, canAsk) {
  /** @type {Map<number, Way[]>} */
  const found = new Map();
  const add = (/** @type {number} */ step, /** @type {Way} */ way) => found.set(step, [...(found.get(step) ?? []), way]);
  for (const other of walk.others) {
    const isHere = other.walk !== null || canAsk;
    add(other.step, { words: inWords(other) + (isHere ? "" : "; not in this page"), other: isHere ? other : null });
  }
  for (const [step, target] of walk.once) {
    add(step, { words: `the other way, to ${target}: known to be safe at once`, other: null });
  }
  return found;
}

/** @param {Other} other */
function inWords({ target, insns, exits, known, bytes }) {
  const to = target === null ? "the other way" : `the other way, to ${target}`;
  if (insns === null || exits === null || known === null) {
    return `${to}: ${(bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 })} MB of the log, not counted`;
  }
  const ends = [];
  if (exits) ends.push(`${exits.toLocaleString("en")} reached the end`);
  if (known) ends.push(`${known.toLocaleString("en")} a state known to be safe`);
  return `${to}: ${many(exits + known, "path")}, ${many(insns, "instruction")}; ${ends.join(", ") || "its end is not shown"}`;
}
