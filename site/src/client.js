// The page's side of the worker: asks it, tells how far it is, and ends it when somebody cancels.

/** @typedef {import("./engine.js").Question} Question */
/** @typedef {import("./messages.js").Said} Said */
/** @typedef {import("./messages.js").Asked} Asked */
/** @typedef {import("./stepping/ways.js").Wanted} Wanted */
/** @typedef {import("./stepping/path.js").Walk} Walk */
/** @typedef {{ text: string, milliseconds: number }} Answer */

/** The question was cancelled, or another one took its place. */
export class Cancelled extends Error {}

export class Engine {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {{ id: number, resolve: (answer: Answer) => void, reject: (error: Error) => void } | null} */
  #waiting = null;
  /** @type {Map<number, (walk: Walk | null) => void>} */
  #wanted = new Map();
  #ready = false;
  #answered = false;
  #questions = 0;
  #progress;

  /** @param {(bytes: number, ready: boolean) => void} progress bytes fetched since the start, and whether it can answer */
  constructor(progress) {
    this.#progress = progress;
  }

  get ready() {
    return this.#ready;
  }

  /** Loads what it needs; does nothing when that has begun. */
  start() {
    if (this.#worker) return;
    // A worker that is a file of its own is not bound by the page's Content-Security-Policy; one from a blob is.
    const module = new URL("./worker.js", import.meta.url).href;
    const blob = URL.createObjectURL(new Blob([`import ${JSON.stringify(module)};`], { type: "text/javascript" }));
    const worker = new Worker(blob, { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#hear(/** @type {Said} */ (data)));
    worker.addEventListener("error", (event) => this.#fail(event.message || "its files could not be fetched"));
    this.#worker = worker;
  }

  /**
   * The answer to a question. Rejects with Cancelled, and with an Error that says what went wrong.
   * @param {Question} question
   * @returns {Promise<Answer>}
   */
  ask(question) {
    if (this.#waiting) this.cancel();
    this.start();
    return this.#send({ id: ++this.#questions, question });
  }

  /**
   * The last answer in another format. Null where it is gone, or another question is being answered.
   * @param {string} format
   * @returns {Promise<string | null>}
   */
  async written(format) {
    if (!this.#answered || this.#waiting) return null;
    return (await this.#send({ id: ++this.#questions, format })).text;
  }

  /**
   * More of a path of the last answer; null where there is none, or the answer is gone.
   * @param {Wanted} wanted
   * @returns {Promise<Walk | null>}
   */
  more(wanted) {
    if (!this.#answered) return Promise.resolve(null);
    const id = ++this.#questions;
    return new Promise((resolve) => {
      this.#wanted.set(id, resolve);
      this.#worker?.postMessage({ id, wanted });
    });
  }

  /**
   * @param {Asked} asked
   * @returns {Promise<Answer>}
   */
  #send(asked) {
    return new Promise((resolve, reject) => {
      this.#waiting = { id: asked.id, resolve, reject };
      this.#worker?.postMessage(asked);
    });
  }

  /** Ends the question that is being answered; the engine is loaded anew. */
  cancel() {
    this.#end(new Cancelled());
    this.start();
  }

  /** @param {Error} why */
  #end(why) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#ready = this.#answered = false;
    for (const resolve of this.#wanted.values()) resolve(null);
    this.#wanted.clear();
    this.#waiting?.reject(why);
    this.#waiting = null;
  }

  /** @param {string} why */
  #fail(why) {
    this.#end(new Error(why));
  }

  /** @param {Said} said */
  #hear(said) {
    switch (said.kind) {
      case "progress":
        return this.#progress(said.bytes, false);
      case "ready":
        this.#ready = true;
        return this.#progress(0, true);
      case "answer":
        this.#answered = true;
        if (this.#waiting?.id === said.id) {
          this.#waiting.resolve(said);
          this.#waiting = null;
        }
        return;
      case "more":
        this.#wanted.get(said.id)?.(said.walk ? JSON.parse(said.walk) : null);
        this.#wanted.delete(said.id);
        return;
      case "failed":
        return this.#fail(said.why);
    }
  }
}
