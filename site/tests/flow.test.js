// What the stepping view says made a value is what bpfdoctor's own slices say.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { madeOf } from "../src/stepping/flow.js";
import { Path } from "../src/stepping/path.js";
import { PYTHON, ROOT } from "./made.js";

const MOST = 150; // logs

function logs() {
  const cases = `${ROOT}corpus/cases/`;
  const found = readdirSync(cases, { recursive: true, encoding: "utf8" });
  const stored = found.filter((name) => /\/logs\/6\.12\.[^/]*-l1\.log$/.test(name)).sort();
  const every = Math.ceil(stored.length / MOST);
  return stored.filter((_, at) => at % every === 0).map((name) => `corpus/cases/${name}`);
}

/** @param {number[][]} all */
const sorted = (...all) => [...new Set(all.flat())].sort((one, other) => one - other);

test("what made a value is what our slices say", () => {
  const env = { ...process.env, PYTHONPATH: ROOT };
  const told = execFileSync(PYTHON, ["site/tests/slices.py", ...logs()], { cwd: ROOT, env, maxBuffer: 1e9 });
  const lines = told.toString().trim().split("\n");
  let values = 0;
  let longer = 0;
  for (const { walk, asked } of lines.map((line) => JSON.parse(line))) {
    const path = new Path(walk);
    for (const { of, filled, value, operand, address, checked, unset } of asked) {
      const [step, frame, at, size] = of;
      const followed = madeOf(path, step, { frame, at, size });
      const parts = [...followed.parts];
      const made = parts.filter(([, { use }]) => use === "makes");
      const ours = [0, 1, 2].map((most) => sorted(made.flatMap(([at, { role }]) => (role <= most ? [at] : []))));
      const theirs = [sorted(value), sorted(value, operand), sorted(value, operand, address)];
      const which = `${of} of ${walk.steps.length} steps, the last ${path.text(path.steps[path.last].text)}`;
      if (filled && ours[2].length > theirs[2].length) {
        longer += 1;
        theirs.forEach((steps, role) => assert.deepEqual(sorted(ours[role], steps), ours[role], which));
      } else {
        assert.deepEqual(ours, theirs, which);
        assert.deepEqual(
          sorted(parts.flatMap(([at, { use }]) => (use === "checks" ? [at] : []))),
          sorted(checked),
          which,
        );
        const places = followed.unset.map(({ frame, at, size }) => `${frame} ${size ? `fp${at}` : `r${at}`}`);
        if (!filled) assert.deepEqual([...new Set(places)].sort(), unset, which);
      }
      values += 1;
    }
  }
  console.log(
    `${values} values of ${lines.length} logs; ${longer} of bytes that a helper filled in part go further back`,
  );
  assert.ok(lines.length >= 100 && values > 1000 && longer < values / 50);
});
