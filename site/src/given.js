// What somebody gave to be explained: the log, and the program's files.

/** Bytes of a log that the text field shows; a larger one is kept beside it, as a file. */
export const IN_THE_FIELD = 256 << 10;
const MOST = 256 << 20; // bytes of a file: what a browser holds twice
const SOURCE = /\.(?:c|h|py|cc|cpp|rs|go)$/i;

/** @typedef {{ name: string, text: string }} Source */

export class Given {
  /** @type {{ name: string, data: Uint8Array } | null} */
  large = null;
  /** @type {Source[]} */
  sources = [];
  /** @type {{ name: string, data: Uint8Array } | null} */
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

  /**
   * Takes a file for what it is. Returns a log's text where it fits the field; throws for what is too large.
   * @param {File} file
   * @param {boolean} isProgram it was named as a part of the program
   * @returns {Promise<string | null>}
   */
  async take(file, isProgram) {
    if (file.size > MOST) {
      throw new Error(
        `${file.name} has ${megabytes(file.size)}, and this page takes ${megabytes(MOST)} at most: ` +
          "bpfdoctor log reads it in a terminal, or give the end of it.",
      );
    }
    const data = new Uint8Array(await file.arrayBuffer());
    if (isElf(data)) {
      this.object = { name: file.name, data };
      return null;
    }
    if (isProgram || SOURCE.test(file.name)) {
      this.remove(file.name);
      this.sources.push({ name: file.name, text: new TextDecoder().decode(data) });
      return null;
    }
    if (data.length <= IN_THE_FIELD && isText(data)) {
      this.large = null;
      return new TextDecoder().decode(data);
    }
    this.large = { name: file.name, data };
    return null;
  }
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {Uint8Array} data */
function isElf(data) {
  return data[0] === 0x7f && data[1] === 0x45 && data[2] === 0x4c && data[3] === 0x46;
}

/**
 * Whether a text field gives back the same bytes.
 * @param {Uint8Array} data
 */
function isText(data) {
  try {
    return !/[\0\r]/.test(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch {
    return false;
  }
}
