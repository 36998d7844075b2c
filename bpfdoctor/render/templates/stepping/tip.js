// Translations of what the kernel prints, where the pointer or the keyboard is. They stay while the pointer is on
// them, and go with Escape.

import { make } from "./make.js";

const PATIENCE = 200; // milliseconds to get from the text to its translation

let made = 0;

export class Tip {
  /** @param {HTMLElement} root elements in it with `data-tip` have a translation */
  constructor(root) {
    this.element = make("div", { class: "tip", role: "tooltip", id: `tip-${++made}`, hidden: "" });
    /** @type {Element | null} */
    this.of = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.leaving = undefined;
    root.append(this.element);
    let place = "";
    root.addEventListener("pointermove", (event) => {
      const here = `${event.clientX} ${event.clientY}`;
      if (here === place) return; // what it is on has moved away, with Escape or a key
      place = here;
      if (event.target instanceof Node && this.element.contains(event.target)) clearTimeout(this.leaving);
      else if (!this.follow(event.target) && this.of) this.leave();
    });
    root.addEventListener("pointerleave", () => this.leave());
    root.addEventListener("focusin", (event) => {
      if (event.target instanceof Element && event.target.matches(":focus-visible")) this.follow(event.target);
    });
    root.addEventListener("focusout", () => this.hide());
    root.addEventListener("scroll", () => this.hide(), { capture: true });
  }

  /** @param {EventTarget | null} target */
  follow(target) {
    const found = target instanceof Element ? target.closest("[data-tip]") : null;
    if (found instanceof HTMLElement) this.show(found, found.dataset.tip ?? "");
    return found !== null;
  }

  /** @param {Element} target @param {string} text */
  show(target, text) {
    clearTimeout(this.leaving);
    this.of?.removeAttribute("aria-describedby");
    this.of = target;
    target.setAttribute("aria-describedby", this.element.id);
    this.element.textContent = text;
    this.element.hidden = false;
    const { left, top, bottom } = target.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.element;
    const fits = bottom + 4 + offsetHeight <= innerHeight || top < offsetHeight + 4;
    this.element.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - offsetWidth - 8))}px`;
    this.element.style.top = `${fits ? bottom + 4 : top - offsetHeight - 4}px`;
  }

  leave() {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.hide(), PATIENCE);
  }

  /** Whether there was one. */
  hide() {
    clearTimeout(this.leaving);
    const was = this.of !== null;
    this.of?.removeAttribute("aria-describedby");
    this.of = null;
    this.element.hidden = true;
    return was;
  }
}
