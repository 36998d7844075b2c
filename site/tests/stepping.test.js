// The stepping view: in the file that `--output-format html` writes, opened from the disk, and in the paste page.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { answered, open, paste } from "./browser.js";
import { ROOT } from "./made.js";

/** @typedef {import("playwright-core").Page} Page */

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = process.env.SHOTS;
const CASE = `${ROOT}corpus/cases/packet-bounds/udp-after-ip-check/`;
const STORED = readdirSync(`${CASE}logs/`).find((name) => /^6\.12\..*-l1\.log$/.test(name));
const LOG = readFileSync(`${CASE}logs/${STORED}`, "utf8");
const folder = mkdtempSync(join(tmpdir(), "bpfdoctor-stepping-"));

/** @type {Awaited<ReturnType<typeof open>>} */
let site;
before(async () => (site = await open()));
after(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

/**
 * The address of the page that the command makes of a log.
 * @param {string} log
 * @param {string[]} options
 */
function made(log, options = []) {
  const name = join(folder, `${readdirSync(folder).length}`);
  writeFileSync(`${name}.log`, log);
  const python = existsSync(`${ROOT}.venv/bin/python`) ? `${ROOT}.venv/bin/python` : "python3";
  const asked = [
    "-m",
    "bpfdoctor",
    "log",
    `${name}.log`,
    "-o",
    `${name}.html`,
    "--output-format",
    "html",
    "--exit-zero",
  ];
  execFileSync(python, [...asked, ...options], { cwd: ROOT });
  return pathToFileURL(`${name}.html`).href;
}

/** @param {Page} page */
const said = (page) => page.textContent(".walk .say");
/** @param {Page} page */
const chosen = (page) => page.textContent(".walk [aria-selected='true'] .number");

test("the keyboard walks the path, and what matters; the address names the step", async () => {
  const { page, errors, context } = await site.page();
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const url = made(LOG, ["--source", `${CASE}prog.bpf.c`]);
  await page.goto(url);
  await page.click(".walk summary");
  assert.equal(await chosen(page), "13");
  assert.match((await said(page)) ?? "", /^Instruction 13, the refused step/);
  assert.match((await page.textContent(".walk [aria-current]")) ?? "", /udp->dest/);
  await page.keyboard.press("ArrowUp");
  assert.equal(await chosen(page), "12");
  assert.match(page.url(), /#step=1$/);
  await page.keyboard.press("Home");
  assert.equal(await chosen(page), "0");
  await page.keyboard.press("End");
  await page.keyboard.press("p");
  const cause = await chosen(page);
  await page.keyboard.press("n");
  assert.equal(await chosen(page), "13");
  assert.ok(Number(cause) < 13);
  await page.keyboard.press("f");
  const rows = await page.locator(".walk [role='option']").count();
  assert.ok(rows > 1 && rows < 14, `${rows} rows matter`);
  await page.keyboard.press("f");
  await page.keyboard.press("/");
  await page.keyboard.type("bytes checked");
  await page.keyboard.press("Enter");
  assert.match((await page.textContent(".walk .state .changed")) ?? "", /packet pointer.*bytes checked/);
  assert.deepEqual(errors, []);
  assert.deepEqual(
    asked.filter((each) => !each.startsWith("file:")),
    [],
  );
  await context.close();
});

test("an address opens the view at its step", async () => {
  const { page, context } = await site.page();
  await page.goto(`${made(LOG)}#step=3`);
  assert.equal(await chosen(page), "10");
  await page.evaluate(() => (location.hash = "#step=99999"));
  await page.waitForFunction(() => document.querySelector(".walk [aria-selected='true'] .number")?.textContent === "0");
  await context.close();
});

test("what a register holds is said, also where the kernel's words stand, with where it is from", async () => {
  const { page, context } = await site.page();
  await page.goto(`${made(LOG)}#step=9`);
  const row = page.locator(".walk .state tr.changed");
  assert.match((await row.textContent()) ?? "", /packet pointer, offset 34, no bytes checked \(was packet pointer/);
  const printed = page.locator(".walk [aria-selected='true'] [title]");
  assert.ok(await printed.count());
  assert.equal(await printed.first().getAttribute("title"), "packet pointer, offset 34, no bytes checked");
  const from = page.locator(".walk .state tr:not(.changed) button", { hasText: "from" }).first();
  const insn = /\d+/.exec((await from.textContent()) ?? "")?.[0];
  await from.click();
  assert.equal(await chosen(page), insn);
  await context.close();
});

test("a hostile log is text", async () => {
  const bad = "</script><!--<script>alert(1)";
  const { page, errors, context } = await site.page();
  await page.goto(`${made(LOG.replaceAll(/; [^@\n]*@/g, `; ${bad} @`))}#step=0`);
  assert.equal(await page.evaluate(() => document.scripts.length), 2); // the data, and what shows it
  assert.match((await page.textContent(".walk .lines")) ?? "", /<\/script>/);
  assert.deepEqual(errors, []);
  await context.close();
});

test("the paste page has it", async () => {
  const { page, errors, context } = await site.page();
  await page.goto(site.url);
  await paste(page, LOG);
  await answered(page);
  await page.click(".walk summary");
  assert.equal(await chosen(page), "13"); // a view is made when its details have opened
  await page.keyboard.press("ArrowUp");
  assert.equal(await chosen(page), "12");
  assert.deepEqual(errors, []);
  await context.close();
});

test("a path of 200000 steps is stepped through without waiting", async () => {
  const { page, context } = await site.page();
  const file = new URL(made(LOG));
  const html = readFileSync(file, "utf8").replace(
    /(<script type="application\/json">)(.*)\n?(<\/script>)/,
    (_, begin, data, end) => {
      const walk = JSON.parse(data);
      const { steps } = walk;
      walk.steps = Array.from({ length: 200_000 }, (_, at) => steps[at % steps.length]);
      return begin + JSON.stringify(walk) + end;
    },
  );
  writeFileSync(file, html);
  await page.goto(`${file.href}#step=100000`);
  await page.waitForSelector(".walk [aria-selected='true']");
  const slowest = await page.evaluate(async () => {
    const list = /** @type {HTMLElement} */ (document.querySelector(".walk .steps"));
    const times = [];
    for (const key of ["ArrowUp", "ArrowDown", "Home", "End", "PageUp", "n", "p", "ArrowUp"]) {
      const begun = performance.now();
      list.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      void list.offsetHeight; // laid out
      times.push(performance.now() - begun);
      await new Promise(requestAnimationFrame);
    }
    return Math.max(...times);
  });
  const drawn = await page.locator(".walk [role='option']").count();
  console.log(
    `${Math.round(html.length / 1e6)} MB: the slowest step took ${slowest.toFixed(1)} ms, ${drawn} rows drawn`,
  );
  assert.ok(drawn < 100);
  assert.ok(slowest < 500, `${slowest} ms, on a machine that does more than this`);
  await context.close();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 390]) {
    test(`everybody can use it: ${colorScheme}, ${width} pixels`, async () => {
      const { page, context } = await site.page({ colorScheme, bypassCSP: true, viewport: { width, height: 900 } });
      await page.goto(`${made(LOG, ["--source", `${CASE}prog.bpf.c`])}#step=3`);
      const across = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(across <= 0, `${across} pixels too wide`);
      await page.evaluate(AXE);
      const found = await page.evaluate(async () => {
        // @ts-expect-error axe has just been put there
        const { violations } = await globalThis.axe.run(document.querySelector(".walk"), {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        });
        return violations.map(
          (/** @type {any} */ each) => `${each.impact} ${each.id}: ${each.nodes[0].html.slice(0, 200)}`,
        );
      });
      assert.deepEqual(found, []);
      if (SHOTS) {
        mkdirSync(SHOTS, { recursive: true });
        await page.screenshot({ path: `${SHOTS}/stepping-${width}-${colorScheme}.png` });
      }
      await context.close();
    });
  }
}
