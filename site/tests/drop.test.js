// Files that are dropped, and the answer that is taken away: the terminal's, byte by byte.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { answered, drop, open } from "./browser.js";
import { CASE, LOG, PYTHON, ROOT, stored } from "./made.js";

/** @typedef {import("playwright-core").Page} Page */

const SOURCE = readFileSync(`${CASE}prog.bpf.c`, "utf8");
const folder = mkdtempSync(join(tmpdir(), "bpfdoctor-drop-"));

/** @type {Awaited<ReturnType<typeof open>>} */
let site;
before(async () => (site = await open()));
after(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

/**
 * What `bpfdoctor log` prints, in the folder of the files.
 * @param {string[]} options
 */
async function terminal(options) {
  const command = ["-m", "bpfdoctor", "log", "--exit-zero", ...options];
  const done = await promisify(execFile)(PYTHON, command, {
    cwd: folder,
    env: { ...process.env, PYTHONPATH: ROOT },
    maxBuffer: 64 << 20,
  });
  return done.stdout;
}

/**
 * The answer as a file, by the button that saves it.
 * @param {Page} page
 * @param {string} format
 */
async function saved(page, format) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: `Save as ${format}` }).click(),
  ]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

test("five stored logs, saved: the bytes of the terminal, as HTML, JSON and Markdown", async () => {
  const { page, context, errors } = await site.page();
  await page.goto(site.url);
  const cases = [
    "map-value-or-null/lookup-not-checked",
    "infinite-loop/condition-never-changes",
    "unreleased-reference/early-return",
    "packet-bounds/udp-after-ip-check",
    "call-in-critical-section/helper-under-lock",
  ];
  for (const [number, each] of cases.entries()) {
    const name = `case-${number}.log`;
    const content = stored(`${ROOT}corpus/cases/${each}/`);
    writeFileSync(join(folder, name), content);
    await drop(page, [{ name, content }]);
    const [, html, json, markdown] = await Promise.all([
      answered(page),
      terminal([name, "--output-format", "html"]),
      number ? "" : terminal([name, "--output-format", "json"]),
      number ? "" : terminal([name, "--output-format", "markdown"]),
    ]);
    assert.deepEqual(await saved(page, "HTML"), { name: `case-${number}.html`, text: html });
    if (number) continue;
    assert.deepEqual(await saved(page, "JSON"), { name: "case-0.json", text: json });
    await page.getByRole("button", { name: "Copy as Markdown" }).click();
    await page.waitForFunction(() => document.querySelector("#status")?.textContent?.includes("copied as Markdown"));
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), markdown);
  }
  assert.deepEqual(errors, []);
  await context.close();
});

/** Which clang there is, "" for none: a machine that has only what the site needs has none. */
const compiler = (() => {
  try {
    return execFileSync(process.env.CLANG ?? "clang", ["--version"]).toString();
  } catch {
    return "";
  }
})();

test(
  "log, source and object in any order: lines, columns and the patch are the user's",
  { skip: !compiler },
  async () => {
    writeFileSync(join(folder, "prog.bpf.c"), SOURCE);
    writeFileSync(join(folder, "refused.log"), LOG);
    const headers = `/usr/include/${execFileSync("uname", ["-m"]).toString().trim()}-linux-gnu`;
    const options = ["-target", "bpf", "-O2", "-g", "-I", headers, "-c", "prog.bpf.c", "-o", "prog.o"];
    execFileSync(process.env.CLANG ?? "clang", options, { cwd: folder });
    const object = { name: "prog.o", content: [...readFileSync(join(folder, "prog.o"))] };
    const log = { name: "refused.log", content: LOG };
    const source = { name: "prog.bpf.c", content: SOURCE };
    const wanted = ["refused.log", "--output-format", "html", "--object", "prog.o"];

    const { page, context, errors } = await site.page();
    await page.goto(site.url);
    await drop(page, [object]);
    await page.waitForFunction(() => document.querySelector("#status")?.textContent?.startsWith("Now the log"));
    await drop(page, [log]);
    const html = await terminal(wanted);
    const shown = await answered(page);
    if (/version 14\./.test(compiler)) assert.match(shown, /prog\.bpf\.c:24:11 in drop_dns/); // it made the log's program
    assert.equal((await saved(page, "HTML")).text, html);
    const both = await terminal([...wanted, "--source", "prog.bpf.c"]);
    for (const order of [[source], [log, object, source], [source, log, object]]) {
      await drop(page, order);
      assert.match(await answered(page), /\+\s+if \(\(void \*\)\(udp \+ 1\) > data_end\)/);
      assert.equal((await saved(page, "HTML")).text, both);
    }
    assert.deepEqual(errors, []);
    await context.close();
  },
);

test("several logs, a packed one, and what is no log", async () => {
  const { page, context, errors } = await site.page();
  await page.goto(site.url);
  const packed = [...gzipSync(LOG)];
  await drop(page, [
    { name: "one.log", content: stored(`${ROOT}corpus/cases/map-value-or-null/lookup-not-checked/`) },
    { name: "two.log.gz", content: packed },
  ]);
  await answered(page);
  assert.deepEqual(await page.locator("#programs li").allTextContents(), ["count refused", "drop_dns refused"]);
  assert.match((await page.textContent("#answer")) ?? "", /one\.log: refused.*two\.log: refused/s);
  assert.equal(await page.locator("#kept li").count(), 2);
  await page.getByRole("button", { name: "Copy a link" }).click();
  await page.waitForFunction(() => document.querySelector("#warning")?.textContent?.includes("carries one log"));

  await drop(page, [{ name: "two.log.gz", content: packed }]);
  await answered(page);
  assert.equal(await page.inputValue("#log"), LOG);
  const { text } = await saved(page, "HTML");
  for (const [name, content, said] of /** @type {[string, string | number[], RegExp][]} */ ([
    ["two.html", text, /two\.html is a page that bpfdoctor made, not a log/],
    ["core.xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], /core\.xz is compressed with xz, not a log/],
    ["picture.png", [0x89, 0x50, 0x4e, 0x47], /is a picture, not a log/],
  ])) {
    await drop(page, [{ name, content }]);
    assert.match(await answered(page), said);
  }
  await drop(page, [{ name: "cut.log.gz", content: packed.slice(0, 300) }]);
  await page.waitForFunction(() => document.querySelector("#status")?.textContent?.startsWith("cut.log.gz is damaged"));
  assert.deepEqual(errors, []);
  await context.close();
});
