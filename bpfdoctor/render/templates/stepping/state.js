// What is known after the chosen step: registers and stack, what changed, where it is from, who reads it next.

import { button, make, marked } from "./make.js";

/** @typedef {import("./path.js").Path} Path @typedef {import("./path.js").Spot} Spot */

export class State {
  /**
   * @param {Path} path
   * @param { { followed: import("./follow.js").Follow, find: { wanted: string }, go: (step: number) => void,
   *   choose: (spot: Spot, at: number) => void }} shared
   */
  constructor(path, shared) {
    this.path = path;
    this.shared = shared;
    this.say = make("p", { class: "say", role: "status" });
    this.element = make("div", { class: "state", tabindex: "0", role: "region", "aria-label": "State" });
  }

  /** The frame that is shown after a step: where the path goes on. @param {number} at */
  frame(at) {
    return (this.path.steps[at + 1] ?? this.path.steps[at]).frame;
  }

  /** What is known after step `at`, and before it; of places whose name begins with their frame. @param {number} at */
  known(at) {
    const was = this.path.before(at);
    const now = new Map(was);
    this.path.change(now, at);
    return { was, now };
  }

  /** The places of the state that is shown, in its order. @param {number} at */
  places(at) {
    const { was, now } = this.known(at);
    const frame = this.frame(at);
    const changed = new Set(this.path.steps[at].changed.map(([frame, place]) => `${frame} ${this.path.text(place)}`));
    const isThere = (/** @type {string} */ key) => {
      const owner = Number(key.split(" ")[0]);
      return this.path.text(now.get(key) ?? 0) !== "" && (owner === frame || (changed.has(key) && owner < frame));
    };
    const order = (/** @type {string} */ key) => {
      const { frame, at, size } = this.spot(key);
      return frame * 10_000 + (size ? 100 - at : at);
    };
    const keys = [...now.keys()].filter(isThere).sort((one, other) => order(one) - order(other));
    // A call empties registers of the caller's: that is no news in the function.
    const isOurs = (/** @type {string} */ key) => key.startsWith(`${frame} `) || this.spot(key).size > 0;
    const isLost = (/** @type {string} */ key) => !this.path.text(now.get(key) ?? 0) && this.spot(key).frame <= frame;
    const lost = [...changed].filter((key) => isLost(key) && isOurs(key)).sort((one, other) => order(one) - order(other));
    return { was, now, changed, keys, lost };
  }

  /** @param {string} key @returns {Spot} */
  spot(key) {
    const [frame, place] = key.split(" ");
    return { frame: Number(frame), at: Number(place.replace(/^(r|fp)/, "")), size: place.startsWith("fp") ? 8 : 0 };
  }

  /** @param {string} key @param {number} frame the one that is shown */
  name(key, frame) {
    const [owner, place] = key.split(" ");
    return place.replace(/^r/, "R") + (Number(owner) === frame ? "" : ` of frame ${owner}`);
  }

  /** @param {number} at the step that is chosen */
  draw(at) {
    const { path } = this;
    const step = path.steps[at];
    const back = path.last - at;
    const why = path.matters.get(at);
    const [last, others] = path.words;
    const head = back ? `${back} ${others}` : last;
    this.say.textContent = `Instruction ${step.insn}, ${head}${why ? `: ${why}` : ""}`;
    const { was, now, changed, keys, lost } = this.places(at);
    const frame = this.frame(at);
    const printed = new Map(step.printed.map(([shown]) => [path.text(shown).split(/[=_]/)[0].toLowerCase(), shown]));
    const rows = keys.map((key) => {
      const shown = Number(key.split(" ")[0]) === step.frame ? printed.get(key.split(" ")[1]) : undefined;
      const old = changed.has(key) ? was.get(key) : undefined;
      return this.row(at, key, this.words(now.get(key)), {
        name: this.name(key, frame),
        was: this.words(old),
        isChanged: changed.has(key),
        ...(shown === undefined ? {} : { tip: path.text(shown) }),
      });
    });
    if (lost.length) rows.push(this.lost(lost, was, frame));
    const heads = ["place", back || path.walk.ending[0] === "known" ? "after this step" : "before it", "made", "read next"];
    const table = make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, ...rows),
    );
    const focused = document.activeElement;
    const label = focused && this.element.contains(focused) ? focused.getAttribute("aria-label") : null;
    this.element.replaceChildren(rows.length ? table : make("p", { class: "soft" }, "The log shows no state here."));
    const again = label && this.element.querySelector(`[aria-label="${label}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  /** @param {number | undefined} value */
  words(value) {
    return value === undefined ? "" : this.path.text(value);
  }

  /**
   * @param {number} at @param {string} key @param {string} words
   * @param { { name: string, was: string, isChanged: boolean, tip?: string } } told
   */
  row(at, key, words, { name, was, isChanged, tip }) {
    const { followed, find, choose } = this.shared;
    const spot = this.spot(key);
    const place = button(name, () => choose(spot, at), {
      class: "place",
      "aria-pressed": String(followed.is(spot, at)),
      "aria-label": `Follow ${name}`,
      ...(tip ? { "data-tip": `the log: ${tip}` } : {}),
    });
    return make(
      "tr",
      isChanged ? { class: "changed" } : {},
      make("th", { scope: "row", "aria-label": name }, place), // the button's own is longer
      make("td", {}, ...marked(words, find.wanted), was ? make("span", { class: "soft" }, ` (was ${was})`) : ""),
      make("td", {}, ...this.made(at, key)),
      make("td", {}, this.link(this.path.readBy(key, at), "")),
    );
  }

  /** What made it, and the check that the verifier learnt from since. @param {number} at @param {string} key */
  made(at, key) {
    const { path } = this;
    const maker = path.newest(path.writers, key, at);
    const learnt = path.newest(path.learners, key, at);
    const made = maker < 0 ? undefined : path.made(maker).find(({ to }) => to.some((each) => path.key(each) === key));
    const isChecked = learnt > maker && path.checks(learnt, this.spot(key));
    return [this.link(maker, made?.words ?? ""), isChecked ? this.link(learnt, "checked") : ""];
  }

  /** The places of which nothing is known any more, in one row. @param {string[]} keys
   * @param {Map<string, number>} was @param {number} frame */
  lost(keys, was, frame) {
    const names = keys.map((key) => this.name(key, frame)).join(" ");
    const old = keys.map((key) => this.words(was.get(key))).filter(Boolean);
    const said = make("td", { colspan: "3" }, "not known any more");
    if (old.length) said.append(make("span", { class: "soft" }, ` (was ${old.join("; ")})`));
    return make("tr", { class: "changed lost" }, make("th", { scope: "row" }, names), said);
  }

  /** @param {number} at @param {string} text */
  link(at, text) {
    if (at < 0) return "";
    const { insn } = this.path.steps[at];
    return button(text ? `${text} at ${insn}` : `at ${insn}`, () => this.shared.go(at), { class: "plain" });
  }

  /** What a step's printed states mean, or else what it made. @param {number} at */
  meaning(at) {
    const { path } = this;
    const said = path.steps[at].printed.map(([shown, meaning]) => `${path.text(shown)}: ${path.text(meaning)}`);
    return said.join("\n") || path.made(at).map(({ words }) => words).join("\n") || "nothing is printed here";
  }
}
