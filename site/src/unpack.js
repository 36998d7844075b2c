// Unpacks what a stranger packed: a few bytes may claim to be gigabytes.

export class TooLarge extends Error {}

/**
 * What was packed. Throws TooLarge beyond `most` bytes, and a TypeError for what is damaged.
 * @param {Uint8Array} bytes
 * @param {CompressionFormat} format
 * @param {number} most
 * @returns {Promise<Blob>}
 */
export async function unpack(bytes, format, most) {
  const packed = new Blob([/** @type {BlobPart} */ (bytes)]).stream();
  const reader = packed.pipeThrough(new DecompressionStream(format)).getReader();
  const pieces = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(pieces);
    size += value.length;
    if (size > most) {
      reader.cancel();
      throw new TooLarge(`it unpacks to more than ${most >> 20} MB`);
    }
    pieces.push(value);
  }
}
