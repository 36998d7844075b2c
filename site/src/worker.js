// The engine's thread. Messages in: a question, or the last answer's format. Out: progress, ready, answer or failed
// (messages.d.ts).

import { start } from "./engine.js";

/** @typedef {import("./messages.js").Asked} Asked */
/** @typedef {import("./messages.js").Said} Said */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const folder = new URL("../engine/", import.meta.url).href;

/** @param {Said} said */
const say = (said) => scope.postMessage(said);

// What is fetched while Python starts is counted, so that the page can tell how far it is.
let bytes = 0;
const fetched = scope.fetch.bind(scope);
scope.fetch = async (/** @type {Parameters<typeof fetch>} */ ...request) => {
  const response = await fetched(...request);
  if (!response.body) return response;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        say({ kind: "progress", bytes });
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(counted, { status: response.status, headers: response.headers });
};

/** @param {string} name */
async function read(name) {
  const response = await scope.fetch(folder + name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

const engine = start(folder, read);
engine.then(
  () => {
    say({ kind: "ready" });
    setTimeout(warmUp);
  },
  (error) => say({ kind: "failed", id: null, why: String(error) }),
);

// What every answer imports is imported before somebody asks, unless somebody has asked already.
let asked = false;
async function warmUp() {
  if (!asked) await (await engine).answer({ logs: [{ name: "", data: WARM }], sources: [], object: null });
}
const WARM = new TextEncoder().encode("0: (95) exit\nR0 !read_ok\n");

scope.addEventListener("message", async ({ data }) => {
  asked = true;
  const message = /** @type {Asked} */ (data);
  const { id } = message;
  try {
    const ready = await engine;
    const begun = performance.now();
    if ("wanted" in message) return say({ kind: "more", id, walk: ready.more(message.wanted) });
    const text = "question" in message ? await ready.answer(message.question) : ready.written(message.format);
    say({ kind: "answer", id, text, milliseconds: performance.now() - begun });
  } catch (error) {
    say({ kind: "failed", id, why: String(error) });
  }
});
