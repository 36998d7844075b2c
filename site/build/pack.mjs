// Makes the engine's files: node site/build/pack.mjs SOURCES OUT. SOURCES has the modules as scripts/site/engine.py
// gathered them. Only this Python compiles for this Python: pack.py runs in the Pyodide that the page will have.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { loadPyodide } from "pyodide";

const [sources, out] = process.argv.slice(2).map((path) => resolve(path));
const packages = createRequire(import.meta.url);
const pyodide = dirname(packages.resolve("pyodide/package.json"));
const treeSitter = dirname(packages.resolve("web-tree-sitter"));
mkdirSync(out, { recursive: true });
// Code keeps the numbers of its lines, but no columns: these are many, and only for tracebacks.
const python = await loadPyodide({ indexURL: pyodide, env: { PYTHONNODEBUGRANGES: "1" } });
for (const [inside, outside] of [
  ["/in/engine", sources],
  ["/out", out],
]) {
  python.FS.mkdirTree(inside);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: outside }, inside);
}
python.runPython(readFileSync(new URL("../../scripts/site/browser/pack.py", import.meta.url), "utf8"));
// Many servers, Debian 12's nginx among them, send .mjs as something that no browser runs.
for (const file of ["pyodide.mjs", "pyodide.asm.mjs"]) {
  const text = readFileSync(join(pyodide, file), "utf8");
  writeFileSync(join(out, asScript(file)), text.replaceAll(/\bpyodide(\.asm)?\.mjs\b/g, asScript));
}
copyFileSync(join(pyodide, "pyodide.asm.wasm"), join(out, "pyodide.asm.wasm"));
copyFileSync(join(treeSitter, "web-tree-sitter.js"), join(out, "web-tree-sitter.js"));
copyFileSync(join(treeSitter, "web-tree-sitter.wasm"), join(out, "web-tree-sitter.wasm"));
copyFileSync(packages.resolve("tree-sitter-c/tree-sitter-c.wasm"), join(out, "tree-sitter-c.wasm"));
// Pyodide asks for a list of packages that could be installed; there is none.
const lock = JSON.parse(readFileSync(join(pyodide, "pyodide-lock.json"), "utf8"));
writeFileSync(join(out, "pyodide-lock.json"), JSON.stringify({ info: lock.info, packages: {} }));

/** @param {string} name */
function asScript(name) {
  return name.replace(/mjs$/, "js");
}
