// The field that a log is pasted into. The browser itself changes it, so that Ctrl+Z takes a paste back.

import { IN_THE_FIELD } from "./given.js";

// Whoever pastes, or takes that back, wants an answer; whoever types says when.
const ANSWERED = ["insertFromPaste", "insertFromDrop", "historyUndo", "historyRedo"];

const UNDONE_BY_KEY = 64 << 10; // letters; a browser needs half a second to paste four times as many

/**
 * @typedef {object} Hooks
 * @property {() => boolean} isAnswered whether the answer that is shown is about the text as it stands
 * @property {(text: string) => void} replaces a text comes in place of the one that is answered
 * @property {(text: string) => void} keep the text is too long for the field
 * @property {(files: Iterable<File>) => void} take
 * @property {() => void} explain
 * @property {() => void} typed
 */

/**
 * @param {HTMLTextAreaElement} field
 * @param {Hooks} hooks
 */
export function watch(field, hooks) {
  field.addEventListener("paste", (event) => paste(event, field, hooks));
  field.addEventListener("input", (event) => {
    const { inputType } = /** @type {InputEvent} */ (event);
    if (ANSWERED.includes(inputType) && field.value.trim()) hooks.explain();
    else hooks.typed();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) hooks.explain();
  });
  document.addEventListener("paste", (event) => {
    const at = event.target;
    if (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement) return;
    if (!field.hidden) field.focus();
    paste(event, field, hooks);
  });
}

/**
 * A text replaces what is selected. Where nothing is, it replaces the whole text if that is answered: it is another
 * log. A text that is not answered yet is being put together: it gets one piece more.
 * @param {ClipboardEvent} event
 * @param {HTMLTextAreaElement} field
 * @param {Hooks} hooks
 */
function paste(event, field, hooks) {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!text) {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    hooks.take(files);
    return;
  }
  const replaces = field.hidden || (field.selectionStart === field.selectionEnd && hooks.isAnswered());
  if (replaces) {
    hooks.replaces(text);
    field.select();
  }
  const { selectionStart, selectionEnd, value } = field;
  const whole = value.slice(0, selectionStart) + text + value.slice(selectionEnd);
  if (whole.length > IN_THE_FIELD) {
    event.preventDefault();
    hooks.keep(whole);
  } else if (event.target !== field || whole.length > UNDONE_BY_KEY) {
    event.preventDefault();
    field.setRangeText(text, selectionStart, selectionEnd, "end");
    hooks.explain();
  }
}
