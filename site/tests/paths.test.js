// Other paths in the stepping view, and older steps: in the file, and in the paste page, which can be asked.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { answered, open, paste } from "./browser.js";
import { ROOT } from "./made.js";

/** @typedef {import("playwright-core").Page} Page */

// As a program of 3,500 instructions without a branch would be refused, with a loop's worth of different values.
const LONG = `${Array.from({ length: 3500 }, (_, at) => `${at}: (b7) r1 = ${at} ; R1_w=${at}`).join("\n")}
3500: (95) exit
R0 !read_ok
`;
const LOADS = readFileSync(`${ROOT}tests/unit/trace/loads/6.18.44-ways-l2.log`, "utf8");

/** @type {Awaited<ReturnType<typeof open>>} */
let site;
before(async () => (site = await open()));
after(() => site.close());

/** @param {Page} page */
const chosen = (page) => page.textContent(".walk .view:not([hidden]) [aria-selected='true'] .number");
/** @param {Page} page */
const numbers = (page) => page.locator(".walk .view:not([hidden]) [role='option'] .number").allTextContents();

test("a program that loads is stepped through, and its other paths are opened below their branches", async () => {
  const { page, errors, context } = await site.page();
  await page.goto(site.url);
  await paste(page, LOADS);
  await answered(page);
  const walk = page.locator(".walk").first();
  assert.match((await walk.locator("summary").textContent()) ?? "", /^Step through a path that the verifier walked/);
  await walk.locator("summary").click();
  assert.match(
    (await page.textContent(".walk .say")) ?? "",
    /^Instruction 23, the last step before instruction 24: this state is known to be safe/,
  );
  const shown = await numbers(page);
  const ways = walk.locator(".way[data-way]");
  assert.match(
    (await ways.first().textContent()) ?? "",
    /the other way, to 14: 3 paths, 27 instructions; 1 reached the end, 2/,
  );
  await ways.first().click();
  assert.equal(await chosen(page), "13");
  assert.match(
    (await page.textContent(".walk .about")) ?? "",
    /leaves the one before at instruction 13 and ends before/,
  );
  await page.keyboard.press("ArrowDown");
  assert.equal(await chosen(page), "14");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("w"); // at the branch the other way is the path before
  assert.equal(await walk.locator(".about").count(), 0);
  assert.deepEqual(await numbers(page), shown);
  assert.deepEqual(errors, []);
  await context.close();
});

test("older steps come when somebody scrolls up, goes there or searches them; the place is kept", async () => {
  const { page, errors, context } = await site.page();
  await page.goto(site.url);
  await paste(page, LONG);
  await answered(page);
  const many = async () => Number(await page.getAttribute(".walk [role='option']", "aria-setsize"));
  const bring = async (/** @type {() => Promise<unknown>} */ act, /** @type {number} */ count) => {
    await act();
    await page.waitForFunction(
      (count) => document.querySelector(".walk [role='option']")?.getAttribute("aria-setsize") === String(count),
      count,
    );
  };
  await page.click(".walk summary");
  assert.equal(await many(), 1000);
  await page.keyboard.press("ArrowUp");
  assert.equal(await chosen(page), "3499");
  await page.evaluate(() => document.querySelector(".walk .steps")?.scrollTo(0, 500));
  await bring(() => page.evaluate(() => document.querySelector(".walk .steps")?.scrollTo(0, 0)), 2000);
  assert.match((await page.textContent(".walk .say")) ?? "", /^Instruction 3499, 1 before the refusal/);
  assert.ok((await numbers(page)).includes("2501"), "what was seen is seen"); // 2501 was the first
  await page.focus(".walk .steps");
  await bring(() => page.keyboard.press("Home"), 3000); // the top is seen, so the next come, too
  assert.equal(await chosen(page), "1501");
  await page.keyboard.press("/");
  await page.keyboard.type("r1 = 44");
  await bring(() => page.keyboard.press("Shift+Enter"), 3501);
  await page.waitForFunction(
    () => document.querySelector(".walk [aria-selected='true'] .number")?.textContent === "449",
  );
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("type")), "search");
  assert.doesNotMatch((await page.textContent(".walk .view")) ?? "", /log has older ones/);
  assert.match((await page.textContent(".walk .state")) ?? "", /449/);
  assert.deepEqual(errors, []);
  await context.close();
});
