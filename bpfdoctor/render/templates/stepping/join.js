// Two pieces of a path as one: older steps before the known ones, or what two paths have in common before the rest.

/** @typedef {import("./path.js").Walk} Walk @typedef {import("./path.js").Step} Step */
/** @typedef {import("./path.js").Place} Place @typedef {import("./path.js").Held} Held */

/**
 * The first `count` steps of `older`, and then those of `newer`.
 * @param {Walk} older
 * @param {Walk} newer
 * @param {number} count
 * @returns {Walk}
 */
export function joined(older, newer, count = older.steps.length) {
  const texts = [...older.texts];
  const known = new Map(texts.map((text, at) => [text, at]));
  const moved = newer.texts.map((text) => {
    const at = known.get(text);
    return at === undefined ? texts.push(text) - 1 : at;
  });
  const lines = [...older.lines];
  const places = new Map(lines.map((line, at) => [line.join("\0"), at]));
  const line = newer.lines.map((each) => places.get(each.join("\0")) ?? lines.push(each) - 1);
  const order = sorted(lines);
  const own = older.steps.slice(0, count).map((step) => ({ ...step, line: step.line === null ? null : order[step.line] }));
  const behind = newer.steps.map((step) => renumbered(step, moved, step.line === null ? null : order[line[step.line]]));
  /** @type {Walk["lines"]} */
  const table = [];
  order.forEach((to, from) => (table[to] = lines[from]));
  return {
    ...newer,
    texts,
    lines: table,
    steps: [...own, ...behind],
    begins: older.begins,
    cut: older.cut,
    matters: [...older.matters.filter(([at]) => at < count), ...shifted(newer.matters, count)],
    once: [...older.once.filter(([at]) => at < count), ...shifted(newer.once, count)],
    others: [
      ...newer.others.map((each) => ({ ...each, step: each.step + count })),
      ...older.others.filter(({ step }) => step < count),
    ],
  };
}

/** Where each line goes: by file and number; those that have none stay where they are, at the front. @param {Walk["lines"]} lines */
function sorted(lines) {
  const places = lines.map((_, at) => at);
  places.sort((one, other) => {
    const [[file, number], [otherFile, otherNumber]] = [lines[one], lines[other]];
    return file < otherFile ? -1 : file > otherFile ? 1 : number - otherNumber || one - other;
  });
  /** @type {number[]} */
  const to = [];
  places.forEach((from, at) => (to[from] = at));
  return to;
}

/** @template {unknown[]} Rest @param {[number, ...Rest][]} told @param {number} by @returns {[number, ...Rest][]} */
const shifted = (told, by) => told.map(([at, ...rest]) => [at + by, ...rest]);

/**
 * The step with other indices of texts and lines.
 * @param {Step} step
 * @param {number[]} to
 * @param {number | null} line
 * @returns {Step}
 */
function renumbered(step, to, line) {
  const place = (/** @type {Place} */ [frame, name, size]) => /** @type {Place} */ ([frame, to[name], size]);
  return {
    ...step,
    line,
    text: to[step.text],
    reads: step.reads.map((each) => to[each]),
    changed: step.changed.map(([frame, name, value]) => /** @type {Held} */ ([frame, to[name], to[value]])),
    printed: step.printed.map(([shown, meaning]) => [to[shown], to[meaning]]),
    made: step.made.map(([words, into, of]) => [
      to[words],
      into.map(place),
      of.map(([role, ...each]) => [role, ...place(each)]),
    ]),
    ...(step.checked ? { checked: step.checked.map(place) } : {}),
  };
}
