// A bar between two panes: dragged, or moved with the arrow keys.

import { make } from "./make.js";

const [LEAST, MOST_LEFT] = [15, 75]; // percent

/** @param {HTMLElement} panes its width is divided by --left @param {number} begin percent */
export function split(panes, begin) {
  let left = begin;
  const bar = make("div", {
    class: "split",
    role: "separator",
    tabindex: "0",
    "aria-orientation": "vertical",
    "aria-label": "Width of the source",
    "aria-valuemin": String(LEAST),
    "aria-valuemax": String(MOST_LEFT),
  });
  const set = (/** @type {number} */ percent) => {
    left = Math.min(MOST_LEFT, Math.max(LEAST, percent));
    bar.setAttribute("aria-valuenow", String(Math.round(left)));
    panes.style.setProperty("--left", `${left}%`);
  };
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
    if (by === undefined) return;
    set(left + by);
    event.preventDefault();
  });
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  bar.addEventListener("pointermove", (event) => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const { left: from, width } = panes.getBoundingClientRect();
    set(((event.clientX - from) / width) * 100);
  });
  set(begin);
  return bar;
}
