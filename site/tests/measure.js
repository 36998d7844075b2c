// Milliseconds to the first answer of a new user and to the next ones, and the bytes of a first visit: make bench-site.

import { readFileSync, readdirSync } from "node:fs";
import { answered, open, paste } from "./browser.js";
import { ROOT } from "./made.js";

const CASE = `${ROOT}corpus/cases/packet-bounds/udp-after-ip-check/logs/`;
const LOG = readFileSync(CASE + readdirSync(CASE).find((name) => /^6\.12\..*-l1\.log$/.test(name)), "utf8");
const ROUNDS = 5;

/** @param {number[]} numbers */
const median = (numbers) => Math.round(numbers.sort((a, b) => a - b)[numbers.length >> 1]);

const site = await open();
const cold = [];
const warm = [];
let bytes = 0;
for (let round = 0; round < ROUNDS; round++) {
  site.served.length = 0;
  const { page, context } = await site.page();
  const begun = performance.now();
  await page.goto(site.url);
  await paste(page, LOG);
  await answered(page);
  cold.push(performance.now() - begun);
  await page.evaluate(() => navigator.serviceWorker.ready); // it fetches, too
  bytes = site.served.reduce((sum, each) => sum + each.bytes, 0);
  for (let next = 0; next < 3; next++) {
    const asked = performance.now();
    await page.getByRole("button", { name: "Explain" }).click();
    await answered(page);
    warm.push(performance.now() - asked);
  }
  await context.close();
}
await site.close();
console.log(`cold ${median(cold)} ms, best ${Math.round(Math.min(...cold))} (aim 4000)`);
console.log(`warm ${median(warm)} ms, best ${Math.round(Math.min(...warm))} (aim 300)`);
console.log(`transfer ${(bytes / 1e6).toFixed(2)} MB (aim 8)`);
