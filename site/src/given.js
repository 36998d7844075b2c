// What somebody gave to be explained: logs, and the program's files.

import { TooLarge, unpack } from "./unpack.js";

/** Bytes of a log that the text field shows; a larger one is kept beside it, as a file. */
export const IN_THE_FIELD = 256 << 10;
const MOST = 256 << 20; // bytes of a file: what a browser holds twice
const SOURCE = /\.(?:c|h|py|cc|cpp|rs|go)$/i;

/** @typedef {{ name: string, data: Uint8Array }} Named */
/** @typedef {{ name: string, text: string }} Source */

export class Given {
  /** @type {Named[]} the logs that the field does not show */
  logs = [];
  /** @type {Source[]} */
  sources = [];
  /** @type {Named | null} */
  object = null;

  /** The program's files, as their names. */
  get names() {
    return [...this.sources.map(({ name }) => name), ...(this.object ? [this.object.name] : [])];
  }

  /** @param {string} name */
  remove(name) {
    this.sources = this.sources.filter((source) => source.name !== name);
    if (this.object?.name === name) this.object = null;
  }

  /** @param {Named} log */
  removeLog(log) {
    this.logs = this.logs.filter((each) => each !== log);
  }

  /** The same once more, which stays as it is. */
  copy() {
    return Object.assign(new Given(), this);
  }

  /**
   * Takes files for what they are; logs take the place of those before. Returns the log, where it is one that fits the
   * field; null where there is none for it. Throws for what is too large or cannot be read.
   * @param {Iterable<File>} files
   * @param {boolean} areProgram they were named as parts of the program
   * @returns {Promise<Source | null>}
   */
  async take(files, areProgram) {
    const logs = [];
    for (const file of files) {
      const named = await read(file);
      const { name, data } = named;
      if (isElf(data)) {
        this.object = named;
      } else if (areProgram || SOURCE.test(name)) {
        this.remove(name);
        this.sources = [...this.sources, { name, text: new TextDecoder().decode(data) }];
      } else {
        logs.push(named);
      }
    }
    if (!logs.length) return null;
    const text = logs.length === 1 ? fitting(logs[0].data) : null;
    this.logs = text === null ? logs : [];
    return text === null ? null : { name: logs[0].name, text };
  }
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * A file's bytes; of one that gzip made, what it was made of.
 * @param {File} file
 * @returns {Promise<Named>}
 */
async function read(file) {
  if (file.size > MOST) throw tooLarge(file.name, megabytes(file.size));
  const data = await file.arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => {
      throw new Error(`${file.name} cannot be read: is it a folder? Choose the files in it.`);
    },
  );
  if (data[0] !== 0x1f || data[1] !== 0x8b) return { name: file.name, data };
  try {
    const whole = await unpack(data, "gzip", MOST);
    return { name: file.name.replace(/\.gz$/i, ""), data: new Uint8Array(await whole.arrayBuffer()) };
  } catch (error) {
    if (error instanceof TooLarge) throw tooLarge(file.name, `more than ${megabytes(MOST)} unpacked`);
    throw new Error(`${file.name} is damaged: gzip cannot unpack it.`, { cause: error });
  }
}

/**
 * @param {string} name
 * @param {string} size
 */
function tooLarge(name, size) {
  return new Error(
    `${name} has ${size}, and this page takes ${megabytes(MOST)} at most: ` +
      "bpfdoctor log reads it in a terminal, or give the end of it.",
  );
}

/** @param {Uint8Array} data */
function isElf(data) {
  return data[0] === 0x7f && data[1] === 0x45 && data[2] === 0x4c && data[3] === 0x46;
}

/**
 * A log's text; null where the field is too small for it, or would not give back the same bytes.
 * @param {Uint8Array} data
 */
function fitting(data) {
  if (data.length > IN_THE_FIELD) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    return /[\0\r]/.test(text) ? null : text;
  } catch {
    return null;
  }
}
