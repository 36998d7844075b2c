// A path, and what is known along it. Its data is what bpfdoctor/render/walk.py writes.

/** @typedef {[frame: number, place: number, value: number]} Held indices of texts; the value "" is unknown */
/** @typedef {[frame: number, place: number, size: number]} Place its name is an index of texts; size 0: a register */
/** @typedef {[role: number, ...Place]} Source 0 it became the value, 1 an operand, 2 the address it was read at */
/** @typedef {[words: number, to: Place[], of: Source[]]} Made */
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
 * @property {Made[]} made
 * @property {Place[]} [checked] what a branch tells something of
 * @property {boolean} [gap] the log does not show what ran before it
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
 * @property {number} end names the newest of them
 * @property {number} bytes of the log
 * @property {number | null} target
 * @property {number | null} insns
 * @property {number | null} exits
 * @property {number | null} known
 * @property {Walk | null} walk the newest of them from that step on
 */
/** A register by its number (size 0), or `size` bytes of a stack from `at` on.
 * @typedef { { frame: number, at: number, size: number } } Spot */
/** @typedef { { words: string, to: Spot[], of: (Spot & { role: number })[] } } Flow */

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

/** The next of the sorted numbers after `at` (1), or the one before it (-1), around at the ends; null: there is none.
 * @param {number[]} sorted @param {number} at @param {number} by */
export function inTurn(sorted, at, by) {
  const count = sorted.length;
  const here = atMost(sorted, by < 0 ? at - 1 : at);
  return sorted[(here + (by < 0 ? count : 1)) % count] ?? null;
}

/** @template Key @param {Map<Key, number[]>} table @param {Key} key @param {number} at */
function note(table, key, at) {
  const known = table.get(key);
  if (!known) table.set(key, [at]);
  else if (known[known.length - 1] !== at) known.push(at);
}

/** @param {Spot} one @param {Spot} other */
export function meets(one, other) {
  if (one.frame !== other.frame) return false;
  if (!one.size || !other.size) return !one.size && !other.size && one.at === other.at;
  return one.at < other.at + other.size && other.at < one.at + one.size;
}

/** @param {Spot} spot the register, or the slot that the bytes begin in */
const slot = ({ frame, at, size }) => {
  const low = Math.floor(at / 8) * 8;
  return `${frame} ${size ? `fp${low < 0 ? "" : "+"}${low}` : `r${at}`}`;
};

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
    /** Of texts that name places. @type {number[]} */
    this.numbers = [];
    /** What was written, learned and read where, and which frame was entered when. @type {Map<string, number[]>} */
    this.writers = new Map();
    /** @type {Map<string, number[]>} */
    this.learners = new Map();
    /** @type {Map<string, number[]>} */
    this.readers = new Map();
    /** @type {Map<number, number[]>} */
    this.entered = new Map();
    /** The steps of each instruction. @type {Map<number, number[]>} */
    this.visits = new Map();
    const state = new Map(walk.begins.map(([frame, place, value]) => [`${frame} ${walk.texts[place]}`, value]));
    this.steps.forEach((step, at) => {
      if (at % APART === 0) this.kept.push(new Map(state));
      note(this.visits, step.insn, at);
      if (at < this.last && this.steps[at + 1].frame > step.frame) note(this.entered, this.steps[at + 1].frame, at);
      for (const [frame, place, value] of step.changed) {
        const key = `${frame} ${walk.texts[place]}`;
        state.set(key, value);
        note(this.learners, key, at);
      }
      for (const place of step.reads) note(this.readers, `${step.frame} ${walk.texts[place]}`, at);
      for (const [, to] of step.made) for (const each of to) note(this.writers, slot(this.spot(...each)), at);
    });
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
    const last = how === "known" ? `the last step before instruction ${before}` : "the last step";
    return [last, "before the path's end"];
  }

  /** Which register, or where on the stack. @param {number} place */
  number(place) {
    return (this.numbers[place] ??= Number(this.text(place).replace(/^(r|fp)/, "")));
  }

  /** @param {number} frame @param {number} place @param {number} size @returns {Spot} */
  spot(frame, place, size) {
    return { frame, at: this.number(place), size };
  }

  /** Whether step `at` writes one of them, or makes something of it. Most do not: this is fast.
   * @param {number} at @param {Spot[]} spots */
  touches(at, spots) {
    const { made } = this.steps[at];
    for (let each = 0; each < made.length; each++) {
      const [, to, of] = made[each];
      for (const place of to) if (this.isIn(spots, place[0], place[1], place[2])) return true;
      for (const place of of) if (this.isIn(spots, place[1], place[2], place[3])) return true;
    }
    return false;
  }

  /** @param {Spot[]} spots @param {number} frame @param {number} place @param {number} size */
  isIn(spots, frame, place, size) {
    const at = this.number(place);
    for (let each = 0; each < spots.length; each++) {
      const spot = spots[each];
      if (spot.frame !== frame || !spot.size !== !size) continue;
      if (size ? at < spot.at + spot.size && spot.at < at + size : at === spot.at) return true;
    }
    return false;
  }

  /** As the tables name its register, or the slot that its bytes begin in. @param {Spot} spot */
  key(spot) {
    return slot(spot);
  }

  /** What step `at` made of what. @param {number} at @returns {Flow[]} */
  made(at) {
    return this.steps[at].made.map(([words, to, of]) => ({
      words: this.text(words),
      to: to.map((each) => this.spot(...each)),
      of: of.map(([role, ...each]) => ({ ...this.spot(...each), role })),
    }));
  }

  /** Whether step `at` takes its values from there. @param {number} at @param {Spot} spot */
  reads(at, spot) {
    const { frame, reads } = this.steps[at];
    if (frame !== spot.frame) return false;
    const place = spot.size ? Math.floor(spot.at / 8) * 8 : spot.at;
    return reads.some((each) => this.number(each) === place && this.text(each).startsWith(spot.size ? "f" : "r"));
  }

  /** Whether it is there when the path begins: the context, or a global function's arguments. @param {Spot} spot */
  isGiven({ at, size }) {
    return !size && at > 0 && at <= (this.steps[0].insn === 0 ? 1 : 5);
  }

  /** Whether step `at` is a branch that tells something of it. @param {number} at @param {Spot} spot */
  checks(at, spot) {
    return !!this.steps[at].checked?.some(([frame, place, size]) => this.isIn([spot], frame, place, size));
  }

  /** What is known before step `at`. @param {number} at @returns {Map<string, number>} */
  before(at) {
    const kept = Math.floor(at / APART);
    const state = new Map(this.kept[kept]);
    for (let each = kept * APART; each < at; each++) this.change(state, each);
    return state;
  }

  /** @param {Map<string, number>} state @param {number} at */
  change(state, at) {
    for (const [frame, place, value] of this.steps[at].changed) state.set(`${frame} ${this.text(place)}`, value);
  }

  /**
   * The newest step in `table`, at most `at`, that has to do with `key` in this call of its function; -1: none.
   * @param {Map<string, number[]>} table @param {string} key @param {number} at
   */
  newest(table, key, at) {
    const known = table.get(key) ?? [];
    const found = known[atMost(known, at)] ?? -1;
    const entered = this.entered.get(Number(key.split(" ")[0])) ?? [];
    return found < (entered[atMost(entered, at)] ?? 0) ? -1 : found;
  }

  /** The first step after `at` that reads what `key` holds then; -1: none. @param {string} key @param {number} at */
  readBy(key, at) {
    const next = (/** @type {number[]} */ known) => known[atMost(known, at) + 1] ?? Infinity;
    const read = next(this.readers.get(key) ?? []);
    const end = Math.min(
      next(this.writers.get(key) ?? []), // what writes it may read it first
      next(this.entered.get(Number(key.split(" ")[0])) ?? []),
    );
    return read <= end && read !== Infinity ? read : -1;
  }
}
