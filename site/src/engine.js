// bpfdoctor itself: Python in WebAssembly, with the modules that `make site` packed. Runs in a worker, and in Node
// where tests compare its answers with the terminal's.

import { loadPyodide } from "../engine/pyodide.js";

/**
 * @typedef {object} Question
 * @property {{ name: string, data: Uint8Array }[]} logs the texts, with what each is called in the answer
 * @property {{ name: string, text: string }[]} sources the program's files
 * @property {Uint8Array | null} object the ELF file that it was loaded from
 */

/** @typedef {import("./stepping/ways.js").Wanted} Wanted */

/**
 * @typedef {object} Engine
 * @property {(question: Question) => Promise<string>} answer an HTML page, as `--output-format html` prints it
 * @property {(wanted: Wanted) => string} more JSON of a path of the last answer (stepping/path.js), "" for none
 * @property {(format: string) => string} written the last answer once more, in a format of in_browser.FORMATS
 */

const HOME = "/engine"; // where the pack puts bpfdoctor, and Python's own modules
const PYTHON = "/lib/python3.14";

/**
 * Starts Python. `folder` is where the engine's files are, with a slash at its end; `read` fetches one of them.
 * @param {string} folder
 * @param {(name: string) => Promise<Uint8Array>} read
 * @returns {Promise<Engine>}
 */
export async function start(folder, read) {
  const packed = read("engine.pack").then(unpacked);
  const python = await loadPyodide({
    indexURL: folder,
    env: { PYTHONPATH: PYTHON },
    async fsInit(FS) {
      for (const [path, data] of await packed) {
        FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
        FS.writeFile(path, data);
      }
    },
  });
  python.runPython(BEGIN);
  const [asked, written, more] = ["asked", "written", "more"].map((name) => python.globals.get(name));
  /** @type {Promise<unknown> | undefined} */
  let grammar;

  return {
    async answer({ logs, sources, object }) {
      if (sources.length) {
        grammar ??= import("./trees.js")
          .then((module) => module.trees(folder))
          .then((found) => python.registerJsModule("bpfdoctor_trees", found));
        await grammar;
      }
      return asked(logs, sources, object);
    },
    written,
    more: ({ report, end, older, at }) => more(report, end, older, at),
  };
}

const BEGIN = `
import sys
sys.path.insert(0, "${HOME}")
sys.dont_write_bytecode = True
from bpfdoctor.in_browser import answer

def asked(logs, sources, elf):
    global last
    last = None  # what the last answer holds is not needed any more
    texts = [(each.name, each.data.to_bytes()) for each in logs]
    files = [(each.name, each.text) for each in sources]
    last = answer(texts, files, elf.to_bytes() if elf else b"")
    return last.written("html")

def written(format):
    return last.written(format)

def more(report, end, is_older, at):
    return (last.older if is_older else last.other)(report, end, at)
`;

/**
 * The files of engine.pack (scripts/site/browser/pack.py).
 * @param {Uint8Array} packed
 * @returns {Promise<[string, Uint8Array][]>}
 */
async function unpacked(packed) {
  const stream = new Blob([/** @type {BlobPart} */ (packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const head = bytes.indexOf(10);
  /** @type {[string, number][]} */
  const index = JSON.parse(new TextDecoder().decode(bytes.subarray(0, head)));
  let at = head + 1;
  return index.map(([name, length]) => [name, bytes.subarray(at, (at += length))]);
}
