// The page's address: the link that carries the log, and the step that is chosen in the stepping view.

import { joined, parts } from "./link.js";
import { seldom } from "./stepping/address.js";

/** The step is told in the address only where that carries the log: without it, it leads nowhere. */
export class Address {
  /** What the fragment carries of a log, "" for none: what is packed once is not packed again. */
  log = "";
  #step = "";
  #write = seldom(() => {
    if (this.log) history.replaceState(null, "", joined(this.log, this.#step));
  });

  read() {
    return parts(location.hash).step;
  }

  /** @param {string} told */
  write(told) {
    this.#step = told;
    this.#write(told);
  }

  /** Takes what the address bar has; whether that is another log than before. */
  isNew() {
    const { log, step } = parts(location.hash);
    const isNew = log !== this.log;
    this.log = log;
    this.#step = step;
    return isNew;
  }

  /** Puts a log into the address, with the chosen step. @param {string} log */
  carry(log) {
    this.log = log;
    history.replaceState(null, "", joined(log, this.#step));
  }

  /** What is asked about is another log now. */
  forget() {
    this.log = this.#step = "";
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  }

  get names() {
    return Boolean(this.#step);
  }
}
