// The page says what the terminal says: `python -m scripts.site.answers build/answers.jsonl` asked the terminal.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ROOT, SITE } from "./made.js";

const lines = readFileSync(`${ROOT}build/answers.jsonl`, "utf8").trim().split("\n");

test(`${lines.length} stored logs get the terminal's answer`, async () => {
  /** @type {typeof import("../src/engine.js")} */
  const { start } = await import(`${SITE}app/engine.js`);
  const engine = await start(`${SITE}engine/`, async (name) => new Uint8Array(readFileSync(`${SITE}engine/${name}`)));
  const other = [];
  let longest = 0;
  for (const line of lines) {
    const { of, name, log, sources, html } = JSON.parse(line);
    const begun = performance.now();
    const said = await engine.answer({ logs: [{ name, data: new TextEncoder().encode(log) }], sources, object: null });
    if (other.length === 0 && longest > 0) longest = Math.max(longest, performance.now() - begun);
    else longest = 1; // the first answer starts the engine
    if (said !== html) other.push(of);
  }
  console.log(`the longest took ${Math.round(longest)} ms`);
  assert.deepEqual(other, []);
});
