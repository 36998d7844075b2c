// Arrows beside the source: from the line that the path came from, and to the one where it goes next.

/** @typedef {import("./path.js").Path} Path */

const SVG = "http://www.w3.org/2000/svg";
const FAR = 5000; // steps that are looked at for another line
const RIGHT = 20; // pixels, of the gutter; as in stepping.css

/** @param {string} name @param {Record<string, string | number>} attributes */
function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** The next line on the path, or the one before; null: none. @param {Path} path @param {number} at @param {number} by */
export function lineBeside(path, at, by) {
  const here = path.steps[at].line;
  for (let each = at + by; path.steps[each] && Math.abs(each - at) < FAR; each += by) {
    const { line } = path.steps[each];
    if (line !== null && line !== here) return line;
  }
  return null;
}

export class Arrows {
  constructor() {
    this.element = drawn("svg", { class: "arrows", "aria-hidden": "true", width: RIGHT, height: 1 });
  }

  /**
   * Lines are given by the middle of them, in pixels from above; null: there is none.
   * @param {number | null} from @param {number} here @param {number | null} to
   */
  draw(from, here, to) {
    const all = [from ?? here, here, to ?? here];
    this.element.setAttribute("height", String(Math.max(...all) + RIGHT));
    this.element.replaceChildren(
      ...(from === null ? [] : this.arrow("from", from, here - 3, 12)),
      ...(to === null ? [] : this.arrow("to", here + 3, to, 6)),
    );
  }

  /** @param {string} name @param {number} begin @param {number} end @param {number} left */
  arrow(name, begin, end, left) {
    const round = Math.min(6, Math.abs(end - begin) / 2) * Math.sign(end - begin);
    const way = [
      `M${RIGHT - 2} ${begin}`,
      `H${left + Math.abs(round)}`,
      `Q${left} ${begin} ${left} ${begin + round}`,
      `V${end - round}`,
      `Q${left} ${end} ${left + Math.abs(round)} ${end}`,
      `H${RIGHT - 2}`,
    ];
    const head = `M${RIGHT - 5} ${end - 3}L${RIGHT - 1} ${end}L${RIGHT - 5} ${end + 3}`;
    return [drawn("path", { class: name, d: way.join("") }), drawn("path", { class: name, d: head })];
  }
}
