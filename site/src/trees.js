// C sources as trees for Python (scripts/site/browser/tree_sitter.py reads what `parse` returns).

import { Language, Parser } from "../engine/web-tree-sitter.js";

const COLUMNS = 7;

/** @typedef {{ types: string[], fields: string[], parse: (text: string) => Int32Array }} Trees */

/**
 * The grammar of C, loaded. `engine` is the folder of its files, with a slash at its end.
 * @param {string} engine
 * @returns {Promise<Trees>}
 */
export async function trees(engine) {
  await Parser.init({ locateFile: (/** @type {string} */ name) => engine + name });
  const language = await Language.load(`${engine}tree-sitter-c.wasm`);
  const parser = new Parser().setLanguage(language);
  return {
    types: language.types,
    fields: Array.from(language.fields, (name) => name ?? ""),
    parse(text) {
      const tree = parser.parse(text);
      if (!tree) throw new Error("the source cannot be parsed");
      const table = flat(tree.walk());
      tree.delete();
      return table;
    },
  };
}

/**
 * One row a node, parents first: type, field, named, start, end, the row after its last descendant, parent.
 * @param {import("../engine/web-tree-sitter.js").TreeCursor} cursor
 * @returns {Int32Array}
 */
function flat(cursor) {
  /** @type {number[]} */
  const cells = [];
  /** @type {number[]} */
  const open = []; // rows whose subtree is not yet finished
  for (;;) {
    const row = cells.length / COLUMNS;
    cells.push(
      cursor.nodeTypeId,
      cursor.currentFieldId,
      Number(cursor.nodeIsNamed),
      cursor.startIndex,
      cursor.endIndex,
      row + 1,
      open.at(-1) ?? -1,
    );
    if (cursor.gotoFirstChild()) {
      open.push(row);
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) {
        cursor.delete();
        return Int32Array.from(cells);
      }
      cells[/** @type {number} */ (open.pop()) * COLUMNS + 5] = cells.length / COLUMNS;
    }
  }
}
