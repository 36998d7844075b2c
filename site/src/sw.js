// Keeps the site's files, so that the page works offline after the first visit. `files.js` lists them: a new version of
// any is a new list, and this worker is installed anew; until then a page gets all its files of one version.

/** @typedef {{ version: string, files: Record<string, string> }} Listed each file with its SHA-256, in base64 */

const scope = /** @type {ServiceWorkerGlobalScope & { LISTED: Listed }} */ (/** @type {unknown} */ (self));
importScripts("files.js");
const { version, files } = scope.LISTED;
const NAME = `bpfdoctor-${version}`;

async function keep() {
  const cache = await caches.open(NAME);
  for (const [path, digest] of Object.entries(files)) {
    const request = (/** @type {RequestCache} */ cache) => new Request(path, { integrity: `sha256-${digest}`, cache });
    // what the browser kept of an earlier version, as servers that say nothing of it let it do for days, is another file
    await cache.add(request("default")).catch(() => cache.add(request("reload")));
  }
}

async function forgetOthers() {
  for (const name of await caches.keys()) {
    if (name.startsWith("bpfdoctor-") && name !== NAME) await caches.delete(name);
  }
}

/** @type {Promise<Record<string, string>> | undefined} pages that are only read, by their paths */
let pages;

/** @param {Cache} cache */
async function unpacked(cache) {
  const pack = await cache.match("pages.pack");
  if (!pack?.body) return {};
  return new Response(pack.body.pipeThrough(new DecompressionStream("gzip"))).json();
}

/** @param {Request} request */
async function found(request) {
  const cache = await caches.open(NAME);
  const { pathname } = new URL(request.url);
  const path = pathname.slice(new URL(scope.registration.scope).pathname.length).replace(/(^|\/)$/, "$1index.html");
  const kept = await cache.match(path, { ignoreSearch: true });
  if (kept) return kept;
  if (path.endsWith(".html")) {
    const page = (await (pages ??= unpacked(cache)))[path];
    if (page !== undefined) return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
  }
  const response = await fetch(request);
  if (response.ok) await cache.put(path, response.clone()); // it is there the next time
  return response;
}

scope.addEventListener("install", (event) => event.waitUntil(keep()));
scope.addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => scope.clients.claim())));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(scope.registration.scope)) event.respondWith(found(request));
});
