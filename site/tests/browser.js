// A browser that looks at the made site: Debian's Chromium, served by server.js.

import { chromium } from "playwright-core";
import { SITE } from "./made.js";
import { serve } from "./server.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContextOptions} Options */

/** Milliseconds that anything may take: CI's machines are small, and do more than this. */
export const PATIENCE = 90_000;

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"], // CI is root
  });

export async function open() {
  const server = await serve(SITE);
  const browser = await launch();
  return {
    ...server,
    /**
     * A page of a new user's. What it asks of anybody is in `asked`, what went wrong in it in `errors`.
     * @param {Options} [options]
     */
    async page(options) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      context.setDefaultTimeout(PATIENCE);
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const page = await context.newPage();
      /** @type {string[]} */
      const errors = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      return { page, context, errors };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * Pastes as a user does: from the clipboard, with the keyboard.
 * @param {Page} page
 * @param {string} text
 */
export async function paste(page, text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.focus("#log");
  await page.keyboard.press("Control+A"); // a text that is pasted into another is put together, not asked about
  await page.keyboard.press("Control+V");
}

/**
 * Drops files onto the page.
 * @param {Page} page
 * @param {{ name: string, content: string | number[] }[]} files
 */
export async function drop(page, files) {
  await page.evaluate((files) => {
    const data = new DataTransfer();
    for (const { name, content } of files) {
      data.items.add(new File([typeof content === "string" ? content : new Uint8Array(content)], name));
    }
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, files);
}

/**
 * The text of the answer, once there is one; the next call waits for another.
 * @param {Page} page
 */
export async function answered(page) {
  await page.waitForFunction(() => document.querySelector("#status")?.textContent?.startsWith("Explained"));
  await page.evaluate(() => document.querySelector("#status")?.replaceChildren());
  return (await page.textContent("#answer")) ?? "";
}
