// The stepping view: in the file that `--output-format html` writes, opened from the disk, and in the paste page.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { answered, open, paste } from "./browser.js";
import { CASE, LOG, PYTHON, ROOT, stored } from "./made.js";

/** @typedef {import("playwright-core").Page} Page */

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = process.env.SHOTS;
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
  execFileSync(PYTHON, [...asked, ...options], { cwd: ROOT });
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
  assert.match((await page.textContent(".walk .lines [aria-current]")) ?? "", /udp->dest/);
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
  const from = page.locator(".walk .state tr:not(.changed) button", { hasText: "loaded through r1 at" }).first();
  const insn = /\d+$/.exec((await from.textContent()) ?? "")?.[0];
  await from.click();
  assert.equal(await chosen(page), insn);
  await context.close();
});

test("a value is followed: its steps are lit, walked with a key, and shown alone", async () => {
  const { page, errors, context } = await site.page();
  await page.goto(`${made(stored(`${ROOT}corpus/cases/spilled-pointer-overwritten/callback-writes-it/`))}#step=0`);
  await page.keyboard.press("1");
  const said = page.locator(".walk .follow [role='status']");
  assert.equal(await said.textContent(), "R1 before the refused step: made by 5 steps, never checked, used by 1");
  assert.equal(await page.getAttribute(".walk .place[aria-pressed='true']", "aria-label"), "Follow R1");
  const lit = page.locator(".walk .rows .lit .number");
  assert.deepEqual(await lit.allTextContents(), ["9", "16", "17", "18", "10", "11"]);
  const words = await page.locator(".walk .rows .lit .how").allTextContents();
  assert.equal(words[0], "handed to the callback by bpf_loop"); // across the call, through the caller's stack
  assert.ok(await page.locator(".walk .lines .lit").count());
  await page.keyboard.press(",");
  assert.equal(await chosen(page), "10");
  await page.keyboard.press(",");
  assert.equal(await chosen(page), "18");
  await page.keyboard.press(".");
  assert.equal(await chosen(page), "10");
  await page.keyboard.press("o");
  assert.equal(await page.locator(".walk [role='option']").count(), 6);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".walk [role='option']").count(), 17);
  assert.equal(await lit.count(), 0);
  await page.focus(".walk [aria-label='Follow R0']");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Follow R0");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape"); // the translation at the focus was first
  await page.keyboard.press("v"); // what this step changed comes first
  assert.match((await said.textContent()) ?? "", /^R1 before the refused step: /);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a register of a row and a slot of the stack are followed by a click, forwards, too", async () => {
  const { page, context } = await site.page();
  await page.goto(`${made(stored(`${ROOT}corpus/cases/spilled-pointer-overwritten/callback-writes-it/`))}#step=0`);
  const lit = page.locator(".walk .rows .lit .number");
  await page.click(".walk [data-at='0'] [data-register='1']");
  assert.deepEqual(await lit.allTextContents(), ["0"]);
  assert.match((await page.textContent(".walk .follow")) ?? "", /^R1 at first: there from the beginning, /);
  await page.click(".walk [data-at='3'] [data-register='3']");
  assert.deepEqual(await lit.allTextContents(), ["3", "4", "9", "18"]); // the callback stores through it
  await page.click(".walk [data-at='11'] [data-register='1']"); // stored there, read back, and read through
  assert.deepEqual(await lit.allTextContents(), ["9", "16", "17", "18", "10", "11"]);
  await page.click(".walk [data-at='2'] .code");
  await page.click(".walk [aria-label='Follow fp-16']");
  assert.deepEqual(await lit.allTextContents(), ["0"]);
  await context.close();
});

test("what the kernel's words mean is said where the pointer is, and with a key; Escape hides it", async () => {
  const { page, context } = await site.page();
  await page.goto(`${made(LOG)}#step=9`);
  const tip = page.locator(".walk [role='tooltip']");
  const printed = page.locator(".walk [aria-selected='true'] .printed").first();
  assert.ok(await tip.isHidden());
  await printed.hover();
  assert.equal(await tip.textContent(), "packet pointer, offset 34, no bytes checked");
  assert.equal(await printed.getAttribute("aria-describedby"), await tip.getAttribute("id"));
  await tip.hover(); // the pointer can go there
  assert.ok(await tip.isVisible());
  await page.keyboard.press("Escape");
  assert.ok(await tip.isHidden());
  await page.mouse.move(1, 1);
  await page.keyboard.press("t");
  assert.equal(await tip.textContent(), "R3_w=pkt(off=34,r=0): packet pointer, offset 34, no bytes checked");
  await page.keyboard.press("ArrowUp");
  assert.match((await tip.textContent()) ?? "", /^R1_w=pkt\(r=0\): packet pointer, no bytes checked\n/);
  await page.keyboard.press("Escape");
  assert.ok(await tip.isHidden());
  await page.focus(".walk .place >> nth=0");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  await page.locator(".walk .changed .place").focus();
  assert.match((await tip.textContent()) ?? "", /^the log: R3_w=pkt/);
  await context.close();
});

test("calls have rails from end to end, jumps a gap, and the source arrows", async () => {
  const { page, context } = await site.page();
  await page.goto(`${made(stored(`${ROOT}corpus/cases/pointer-not-set/out-parameter/`))}#step=3`);
  const row = (/** @type {number} */ at) => page.locator(`.walk [data-at='${at}']`);
  assert.equal(await row(3).locator(".rail.begin").count(), 1);
  assert.equal(await row(5).locator(".rail:not(.begin, .end)").count(), 1);
  assert.equal(await row(9).locator(".rail.end").count(), 1);
  assert.equal(await row(10).locator(".rail").count(), 0);
  assert.match((await row(8).textContent()) ?? "", /↷ 23, over 6/);
  assert.match((await row(8).getAttribute("class")) ?? "", /skips/);
  await page.keyboard.press("c");
  assert.equal(await chosen(page), "3");
  await page.keyboard.press("c");
  assert.equal(await chosen(page), "23");
  const arrows = await page
    .locator(".walk .arrows path")
    .evaluateAll((all) => all.map((each) => each.getAttribute("class")));
  assert.deepEqual(arrows, ["from", "from", "to", "to"]);
  await page.keyboard.press("End");
  await page.keyboard.press("1");
  const said = "R1 before the refused step: made by 1 step, checked by 1, used by 1; nothing had written fp-8";
  assert.equal(await page.textContent(".walk .follow [role='status']"), said);
  await page.click(".walk .lines .met >> nth=0");
  assert.ok(Number(await page.getAttribute(".walk [aria-selected='true']", "data-at")) < 9);
  await context.close();
});

test("a loop's visits are counted, walked along, and compared", async () => {
  const { page, context } = await site.page();
  await page.goto(`${made(stored(`${ROOT}corpus/cases/infinite-loop/spin-on-map-value/`))}#step=2`);
  const visits = page.locator(".walk .visits");
  const of = /^Visit 4 of 5 of this instruction\. Since visit 3, 2 steps earlier: nothing that is known changed\.$/;
  assert.match((await visits.textContent()) ?? "", of);
  await page.keyboard.press("h");
  await page.keyboard.press("h");
  await page.keyboard.press("h");
  assert.equal(await visits.textContent(), "Visit 1 of 5 of this instruction. ");
  await page.keyboard.press("h");
  await page.keyboard.press("l");
  assert.match(
    (await visits.textContent()) ?? "",
    /^Visit 2 of 5 .* 2 steps earlier: fp-8 .*; R1 not known → any 64-bit number but 0\.$/,
  );
  await page.keyboard.press("Home");
  assert.ok(await visits.isHidden());
  await context.close();
});

test("what is searched for is marked, counted, and shown alone", async () => {
  const { page, context } = await site.page();
  await page.goto(`${made(LOG)}#step=0`);
  const count = page.locator(".walk .count");
  await page.keyboard.press("/");
  await page.keyboard.type("r2");
  const found = Number((await count.textContent())?.split(" ")[0]);
  await page.keyboard.press("Enter");
  assert.equal(await count.textContent(), `1 of ${found} found`);
  await page.keyboard.press("Shift+Enter");
  assert.equal(await count.textContent(), `${found} of ${found} found`);
  assert.deepEqual([...new Set(await page.locator(".walk .code mark").allTextContents())], ["r2"]);
  await page.selectOption(".walk select", "found");
  assert.equal(await page.locator(".walk [role='option']").count(), found);
  await page.fill(".walk input[type='search']", "<nothing>");
  assert.equal(await count.textContent(), "nothing found");
  assert.equal(await page.locator(".walk mark").count(), 0);
  await context.close();
});

test("a list says what the keys do; the panes are moved with them; a chosen step can be printed", async () => {
  const { page, context } = await site.page();
  await page.goto(`${made(LOG)}#step=3`);
  await page.keyboard.press("?");
  const help = page.locator(".walk dialog");
  assert.match((await help.textContent()) ?? "", /previous step/);
  await page.keyboard.press("ArrowUp"); // not for what is behind it
  await page.keyboard.press("Escape");
  assert.ok(await help.isHidden());
  assert.equal(await chosen(page), "10");
  const bar = page.locator(".walk [role='separator']");
  const wide = async () => (await page.locator(".walk .lines").boundingBox())?.width ?? 0;
  const before = await wide();
  await bar.press("ArrowRight");
  assert.ok((await wide()) > before + 20);
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator(".walk .bar").isHidden());
  assert.ok(await page.locator(".walk .state table").isVisible());
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
    for (const key of ["ArrowUp", "ArrowDown", "Home", "End", "PageUp", "n", "p", "1", ",", "ArrowUp"]) {
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
      await page.keyboard.press("1"); // a value is followed, a text is found, a translation is shown
      await page.keyboard.press("t");
      await page.fill(".walk input[type='search']", "r");
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
