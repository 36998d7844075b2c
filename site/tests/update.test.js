// A new version of the site reaches who has an old one, also where the browser's own cache still has files of that.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launch } from "./browser.js";
import { SITE } from "./made.js";
import { serve } from "./server.js";

/** The site with another script, as its next version has it. @param {string} folder */
function second(folder) {
  cpSync(SITE, folder, { recursive: true });
  const script = join(folder, "app/page.js");
  writeFileSync(script, `${readFileSync(script, "utf8")}\ndocument.documentElement.dataset.version = "2";\n`);
  const list = join(folder, "files.js");
  const [, begin, json, end] = /^([^{]*)(.*\})(\W*)$/s.exec(readFileSync(list, "utf8")) ?? [];
  const listed = JSON.parse(json);
  listed.version = "2";
  listed.files["app/page.js"] = createHash("sha256").update(readFileSync(script)).digest("base64");
  writeFileSync(list, begin + JSON.stringify(listed) + end);
}

test("a new version is installed although an old file is in the browser's own cache", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bpfdoctor-site-"));
  second(folder);
  const browser = await launch();
  let server = await serve(SITE, 0, ["files.js"]);
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.evaluate(() => navigator.serviceWorker.ready);
    const { port } = new URL(server.url);
    await server.close();
    server = await serve(folder, Number(port), ["files.js"]);
    const installed = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
      const worker = registration.installing ?? registration.waiting;
      if (!worker) return "nothing new";
      while (worker.state === "installing") await new Promise((done) => setTimeout(done, 50));
      return worker.state;
    });
    assert.equal(installed, "installed");
    await page.goto("about:blank"); // the old version goes with its last page
    await page.goto(server.url);
    assert.equal(await page.getAttribute("html", "data-version"), "2");
    assert.deepEqual(await page.evaluate(() => caches.keys()), ["bpfdoctor-2"]);
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
});
