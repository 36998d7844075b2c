// A link carries the log, and leads to a step.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answered, open, paste } from "./browser.js";
import { LOG, stored, ROOT } from "./made.js";

/** @typedef {import("playwright-core").Page} Page */

const OTHER = stored(`${ROOT}corpus/cases/map-value-or-null/lookup-not-checked/`);

/** @type {Awaited<ReturnType<typeof open>>} */
let site;
before(async () => (site = await open()));
after(async () => await site.close());

/**
 * The link that the button copies, and what the page says of it.
 * @param {Page} page
 */
async function copied(page) {
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await page.getByRole("button", { name: "Copy a link" }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes("#v1."));
  return {
    link: await page.evaluate(() => navigator.clipboard.readText()),
    said: (await page.textContent("#warning")) ?? "",
  };
}

/** @param {Page} page */
const chosen = (page) => page.textContent(".walk[open] [aria-selected='true'] .number");

test("a link carries the log to another browser, and to no server", async () => {
  const { page, context } = await site.page();
  await page.goto(site.url);
  await paste(page, LOG);
  await answered(page);
  const { link, said } = await copied(page);
  assert.match(said, /It holds the log: whoever has the link can read it\. No server gets it\.$/);
  await context.close();

  const other = await site.page();
  await other.page.goto(link);
  assert.match(await answered(other.page), /This access can run past the end of the packet/);
  assert.equal(await other.page.inputValue("#log"), LOG);
  assert.ok(site.served.every(({ path }) => !path.includes("v1.")));

  await other.page.goto(`${site.url}#v1.AAAA&step=1`);
  await other.page.waitForFunction(() => document.querySelector("#status")?.textContent?.includes("damaged"));
  await paste(other.page, Array.from({ length: 4000 }, () => Math.random().toString(36)).join(""));
  await answered(other.page);
  assert.equal(new URL(other.page.url()).hash, "");
  await other.page.getByRole("button", { name: "Copy a link" }).click();
  await other.page.waitForFunction(() => document.querySelector("#warning")?.textContent?.includes("too long"));
  await other.context.close();
});

test("a link leads to the chosen step, and the address follows it", async () => {
  const { page, context, errors } = await site.page();
  await page.goto(site.url);
  await paste(page, `${LOG}\n${OTHER}`);
  await answered(page);
  await page.locator(".walk summary").nth(1).click();
  await chosen(page); // a view is made when its details have opened
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  const at = await chosen(page);
  assert.equal(new URL(page.url()).hash, ""); // there is no log in it yet
  const { link, said } = await copied(page);
  assert.match(link, /#v1\.[\w-]+&step=2&path=2$/);
  assert.match(said, /leads to the chosen step/);

  const [log] = link.split("&");
  await page.locator(".walk[open] .steps").focus();
  for (let step = 0; step < 40; step++) await page.keyboard.press(step % 2 ? "ArrowDown" : "ArrowUp");
  await page.keyboard.press("ArrowUp"); // more often than a browser lets a page change its address
  await page.waitForURL(`${log}&step=3&path=2`);
  assert.deepEqual(errors, []);
  await context.close();

  const other = await site.page();
  await other.page.goto(link);
  await answered(other.page);
  assert.equal(await chosen(other.page), at);
  assert.ok(await other.page.locator(".walk[open] .steps").evaluate((list) => list === document.activeElement));
  const top = await other.page.locator(".walk[open]").evaluate((walk) => walk.getBoundingClientRect().top);
  assert.ok(top > -50 && top < 400, `the view is at ${top}`);
  await other.page.evaluate(() => (location.hash = location.hash.replace(/&.*/, "&step=0")));
  await other.page.waitForFunction(() => document.querySelectorAll(".walk[open]").length === 2);
  assert.equal(await other.page.textContent("#status"), ""); // it is not explained again
  await other.page.getByRole("button", { name: "Clear" }).click();
  assert.equal(new URL(other.page.url()).hash, "");
  assert.deepEqual(other.errors, []);
  await other.context.close();
});
