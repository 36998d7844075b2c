// The stepping view: walks along a path, with the source beside it and what was known at each step.
// A step is named by its distance from the last one, which is 0: the refused one.

import { OWN } from "./address.js";
import { Paths } from "./paths.js";

/**
 * Makes the views below `root`, each when it is opened, and goes to the step that the address names.
 * @param {ParentNode} root
 * @param {import("./address.js").Address} address
 * @param {import("./paths.js").More | null} more steps and paths that are not in the page, where there are more
 * @returns {() => void} goes to the step that the address names now
 */
export function stepThroughAll(root, address = OWN, more = null) {
  const found = [...root.querySelectorAll("details.walk")].filter((each) => each instanceof HTMLDetailsElement);
  /** @type {Map<Element, Paths>} */
  const views = new Map();
  const open = (/** @type {HTMLDetailsElement} */ details) => {
    const known = views.get(details);
    if (known) return known;
    const data = details.querySelector("script[type='application/json']")?.textContent ?? "";
    const path = found.indexOf(details) + 1;
    const moved = (/** @type {number} */ step, /** @type {string} */ others) =>
      address.write(`step=${step}${path > 1 ? `&path=${path}` : ""}${others ? `&others=${others}` : ""}`);
    const paths = new Paths(details, JSON.parse(data), moved, more);
    views.set(details, paths);
    return paths;
  };
  for (const details of found) {
    details.addEventListener("toggle", () => {
      if (!details.open) return;
      const isNew = !views.has(details);
      const { view } = open(details);
      view.draw();
      if (!isNew) return;
      view.focus({ preventScroll: true });
      details.scrollIntoView({ block: "nearest" });
    });
  }
  const follow = () => {
    const told = new URLSearchParams(address.read());
    const step = told.get("step");
    const details = found[Number(told.get("path") ?? 1) - 1];
    if (step === null || !/^\d+$/.test(step) || !details) return;
    const paths = open(details);
    details.open = true;
    paths.goTo(Number(step), told.get("others") ?? "").then(() => paths.view.focus({ preventScroll: true }));
    details.scrollIntoView();
  };
  follow();
  return follow;
}
