// Serves a made site as GitHub Pages does: below a folder of the project's name, compressed, cached for ten minutes.
// Every request is remembered, and the bytes that went out.

import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";

const TYPES = /** @type {Record<string, string>} */ ({
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
});
const PREFIX = "/project/";

/** @typedef {{ method: string, path: string, bytes: number }} Served */

/**
 * @param {string} folder
 * @param {number} port 0 for any
 * @param {string[]} changing names of files that browsers are told to ask for each time
 * @returns {Promise<{ url: string, served: Served[], close: () => Promise<void> }>}
 */
export async function serve(folder, port = 0, changing = []) {
  /** @type {Served[]} */
  const served = [];
  /** @type {Map<string, Buffer>} */
  const compressed = new Map();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const asked = { method: request.method ?? "", path: request.url ?? "", bytes: 0 };
    served.push(asked);
    const path = normalize(decodeURIComponent(pathname)).replace(/\/$/, "/index.html");
    const file = join(folder, path.slice(PREFIX.length - 1));
    if (!path.startsWith(PREFIX) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.setHeader("Content-Type", type);
    response.setHeader("Cache-Control", changing.includes(basename(file)) ? "no-cache" : "max-age=600");
    if (type === "application/octet-stream") {
      asked.bytes = statSync(file).size;
      createReadStream(file).pipe(response);
      return;
    }
    const body = compressed.get(file) ?? gzipSync(readFileSync(file), { level: 6 });
    compressed.set(file, body);
    asked.bytes = body.length;
    response.setHeader("Content-Encoding", "gzip").end(body);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(null)));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}${PREFIX}`,
    served,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
