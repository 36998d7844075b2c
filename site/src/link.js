// A link that carries a log: in its fragment, which browsers never send to a server. #v1.LOG, or #v1.LOG&step=3&path=2
// where it leads to a step of the stepping view.

import { unpack } from "./unpack.js";

/** @typedef {{ name: string, log: string, sources: { name: string, text: string }[] }} Carried */

/** Letters of a fragment: what chats and trackers still take as one link. */
export const MOST = 30_000;
const MARK = "#v1.";
const MOST_UNPACKED = 64 << 20; // a fragment of 30,000 letters may claim to be gigabytes

/**
 * The two parts of a fragment: what carries the log, "" for none, and the step.
 * @param {string} fragment
 */
export function parts(fragment) {
  if (!fragment.startsWith(MARK)) return { log: "", step: "" };
  const end = fragment.indexOf("&");
  return end < 0 ? { log: fragment, step: "" } : { log: fragment.slice(0, end), step: fragment.slice(end + 1) };
}

/**
 * @param {string} log
 * @param {string} step
 */
export function joined(log, step) {
  return step ? `${log}&${step}` : log;
}

/**
 * The fragment, or null where it would be longer than MOST.
 * @param {Carried} carried
 * @returns {Promise<string | null>}
 */
export async function packed(carried) {
  const text = JSON.stringify([carried.name, carried.log, carried.sources.map(({ name, text }) => [name, text])]);
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  if (bytes.length > MOST) return null; // base64 is longer still
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const fragment = MARK + letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return fragment.length > MOST ? null : fragment;
}

/**
 * What a fragment carries; null where it carries nothing. Throws for one that is damaged.
 * @param {string} fragment
 * @returns {Promise<Carried | null>}
 */
export async function unpacked(fragment) {
  const { log: carrier } = parts(fragment);
  if (!carrier) return null;
  const letters = carrier.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  const text = await (await unpack(bytes, "deflate-raw", MOST_UNPACKED)).text();
  const [name, log, sources] = JSON.parse(text);
  if (typeof name !== "string" || typeof log !== "string" || !Array.isArray(sources)) throw new Error("it has no log");
  return { name, log, sources: sources.map(([path, text]) => ({ name: String(path), text: String(text) })) };
}
