// A path, and what is known along it. Its data is what bpfdoctor/render/walk.py writes.

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
 * @property {[how: "refused" | "exit" | "known" | "else", before: number | null]} ending
 * @property {number} end names the path
 * @property {Other[]} others
 * @property {[step: number, target: number][]} once ways whose first state is known to be safe
 * @property {string[]} texts
 */
/**
 * Paths that leave this one at a step: what the verifier walked before it took the way that is shown.
 * @typedef {object} Other
 * @property {number} step
 * @property {number} bytes of the log
 * @property {number | null} target
 * @property {number | null} insns
 * @property {number | null} exits
 * @property {number | null} known
 * @property {Walk | null} walk the newest of them from that step on
 */

const APART = 256; // steps between two states that are kept

/** The place of the last number that is at most `most`, or -1. @param {number[]} sorted @param {number} most */
export function atMost(sorted, most) {
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

  /** What the last step is to a reader, and what to call the others by. @returns {[last: string, others: string]} */
  get words() {
    const [how, before] = this.walk.ending;
    if (how === "refused") return ["the refused step", "before the refusal"];
    if (how === "exit") return ["the program's end", "before the program's end"];
    const last = how === "known" ? `the last step: before instruction ${before} all is known to be safe` : "the last step";
    return [last, "before the path's end"];
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
