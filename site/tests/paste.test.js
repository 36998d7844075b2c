// What the field does with what is pasted into it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answered, open, paste } from "./browser.js";
import { LOG, ROOT, stored } from "./made.js";

/** @typedef {import("playwright-core").Page} Page */

const OTHER = stored(`${ROOT}corpus/cases/map-value-or-null/lookup-not-checked/`);

/** @type {Awaited<ReturnType<typeof open>>} */
let site;
before(async () => (site = await open()));
after(async () => await site.close());

/**
 * Pastes where the caret is, into what is there.
 * @param {Page} page
 * @param {string} text
 */
async function pasteOn(page, text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("Control+V");
}

/** @param {Page} page */
const field = (page) => page.inputValue("#log");

test("a paste replaces the log that is answered, which can be had back by key and by button", async () => {
  const { page, context, errors } = await site.page();
  await page.goto(site.url);
  await paste(page, LOG);
  await answered(page);
  await page.focus("#log");
  await pasteOn(page, OTHER);
  assert.match(await answered(page), /program count/);
  assert.equal(await field(page), OTHER);
  await page.focus("#log");
  await page.keyboard.press("Control+Z");
  assert.match(await answered(page), /program drop_dns/);
  assert.equal(await field(page), LOG);

  await page.focus("#log");
  await pasteOn(page, OTHER);
  await answered(page);
  await page.getByRole("button", { name: "Put both together" }).click();
  await answered(page);
  assert.equal(await page.locator("#programs li").count(), 2);
  await page.focus("#log");
  await pasteOn(page, "R3 !read_ok");
  await answered(page);
  await page.getByRole("button", { name: "Back to it" }).click();
  await answered(page);
  assert.equal(await page.locator("#programs li").count(), 2);
  assert.ok(await page.locator("#replaced").isHidden());
  assert.deepEqual(errors, []);
  await context.close();
});

test("a text that is being put together gets one piece more; each paste is answered", async () => {
  const { page, context, errors } = await site.page();
  await page.goto(site.url);
  const lines = LOG.split("\n");
  await page.focus("#log");
  await pasteOn(page, `${lines.slice(0, 12).join("\n")}`);
  await answered(page);
  await page.focus("#log");
  await page.keyboard.press("Control+End");
  await page.keyboard.type(";"); // somebody goes on writing
  assert.match((await page.textContent("#status")) ?? "", /^The log has changed/);
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Enter");
  await pasteOn(page, lines.slice(12).join("\n"));
  await answered(page);
  assert.ok(
    (await field(page)).startsWith(lines[0]) && (await field(page)).trimEnd().endsWith(LOG.trimEnd().slice(-40)),
  );
  assert.deepEqual(errors, []);
  await context.close();
});

test("a paste anywhere on the page is a log; a long one is kept beside the field", async () => {
  const { page, context, errors } = await site.page();
  await page.goto(site.url);
  await page.locator("h1").click();
  await pasteOn(page, LOG);
  assert.match(await answered(page), /program drop_dns/);
  await page.locator("h1").click();
  await pasteOn(page, LOG.repeat(150));
  await answered(page);
  assert.match((await page.textContent("#kept")) ?? "", /^pasted log, \d+ kB|^pasted log, 0\.\d MB/);
  await page.locator("h1").click();
  await pasteOn(page, OTHER);
  assert.match(await answered(page), /program count/);
  assert.ok(await page.locator("#kept").isHidden());
  assert.deepEqual(errors, []);
  await context.close();
});
