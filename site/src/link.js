// A link that carries a log: in its fragment, which browsers never send to a server.

/** @typedef {{ name: string, log: string, sources: { name: string, text: string }[] }} Carried */

/** Letters of a fragment: what chats and trackers still take as one link. */
export const MOST = 30_000;
const MARK = "#v1.";
const MOST_UNPACKED = 64 << 20; // a fragment of 30,000 letters may claim to be gigabytes

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
  if (!fragment.startsWith(MARK)) return null;
  const letters = fragment.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MOST_UNPACKED) throw new Error("it unpacks to more than 64 MB");
    parts.push(value);
  }
  const [name, log, sources] = JSON.parse(await new Blob(parts).text());
  if (typeof name !== "string" || typeof log !== "string" || !Array.isArray(sources)) throw new Error("it has no log");
  return { name, log, sources: sources.map(([path, text]) => ({ name: String(path), text: String(text) })) };
}
