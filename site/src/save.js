// Takes the answer away: as a file, or as text for an issue.

const KINDS = { html: "text/html", json: "application/json" };

/**
 * @param {string} name of the log
 * @param {"html" | "json"} format
 * @param {string} text
 */
export function download(name, format, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: KINDS[format] }));
  link.download = `${name.replace(/\.(?:log|txt)$/i, "").replaceAll(/[^\w.-]+/g, "-")}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser still reads it
}

/**
 * Whether the text is in the clipboard now.
 * @param {string} text
 * @returns {Promise<boolean>}
 */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
