// Everybody can use it: contrast, labels, focus (axe-core), in both themes and at both widths.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { answered, open } from "./browser.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = process.env.SHOTS; // a folder for pictures, for who wants to look

/** @type {Awaited<ReturnType<typeof open>>} */
let site;
before(async () => (site = await open()));
after(async () => await site.close());

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 390]) {
    test(`${colorScheme}, ${width} pixels`, async () => {
      // axe is put into the page past its policy; that the policy holds is page.test.js's
      const { page, context } = await site.page({ colorScheme, bypassCSP: true, viewport: { width, height: 844 } });
      for (const path of ["", "rules/index.html", "rules/packet-bounds.html", "gallery.html", "docs/json.html"]) {
        await page.goto(site.url + path);
        if (!path) {
          await page.click("button[data-example]");
          await answered(page);
        }
        const name = `${path || "index.html"} (${colorScheme}, ${width})`;
        const across = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(across <= 0, `${name} is ${across} pixels too wide`);
        await page.evaluate(AXE);
        const found = await page.evaluate(async () => {
          // @ts-expect-error axe has just been put there
          const { violations } = await globalThis.axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
          });
          return violations.map(
            (/** @type {any} */ each) => `${each.impact} ${each.id}: ${each.nodes[0].html.slice(0, 200)}`,
          );
        });
        assert.deepEqual(found, [], name);
        if (SHOTS) {
          mkdirSync(SHOTS, { recursive: true });
          const file = `${(path || "index").replace("/", "-").replace(".html", "")}-${width}-${colorScheme}.png`;
          await page.screenshot({ path: `${SHOTS}/${file}`, fullPage: path === "" });
        }
      }
      await context.close();
    });
  }
}
