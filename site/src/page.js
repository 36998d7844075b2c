// The paste page: takes a log, has it explained, shows the answer.

import { Address } from "./address.js";
import { Cancelled, Engine } from "./client.js";
import { watch } from "./field.js";
import { Given, megabytes } from "./given.js";
import { MOST, packed, unpacked } from "./link.js";
import { copied, download } from "./save.js";
import { shown } from "./shown.js";
import { stepThroughAll } from "./stepping/index.js";

const PASTED = "pasted log"; // what the answer calls it
const engineBytes = Number(document.body.dataset.engineBytes);

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const form = element("question", HTMLFormElement);
const log = element("log", HTMLTextAreaElement);
const kept = element("kept", HTMLUListElement);
const files = element("files", HTMLUListElement);
const program = element("program", HTMLDetailsElement);
const cancel = element("cancel", HTMLButtonElement);
const share = element("share", HTMLButtonElement);
const status = element("status", HTMLElement);
const progress = element("progress", HTMLProgressElement);
const warning = element("warning", HTMLElement);
const replaced = element("replaced", HTMLElement);
const save = element("save", HTMLElement);
const programs = element("programs", HTMLElement);
const answer = element("answer", HTMLElement);

let given = new Given();
/** What was explained last; null where something else is in the field now. @type {{ text: string, html: string } | null} */
let explained = null;
/** What was there before a text took its place. @type {{ given: Given, text: string }} */
let before = { given, text: "" };
/** The file that the field has the text of. */
let file = { name: PASTED, text: "" };
let follow = () => {};
const address = new Address();
const engine = new Engine((bytes, ready) => {
  progress.value = ready ? engineBytes : Math.min(bytes, engineBytes);
  if (busy) tell(ready ? "Explaining …" : `Loading bpfdoctor: ${megabytes(bytes)} of ${megabytes(engineBytes)}`);
  if (ready) progress.hidden = true;
  if (ready && !busy) keepOffline();
});
let busy = false;

/** @param {string} text */
function tell(text) {
  status.textContent = text;
}

/** @param {boolean} now */
function work(now) {
  busy = now;
  cancel.hidden = !now;
  progress.hidden = !now || engine.ready;
  answer.setAttribute("aria-busy", String(now));
}

function hasLog() {
  return given.logs.length > 0 || log.value.trim() !== "";
}

function logs() {
  return given.logs.length ? given.logs : [{ name: name(), data: new TextEncoder().encode(log.value) }];
}

function name() {
  return log.value === file.text ? file.name : PASTED;
}

async function explain() {
  if (!hasLog()) {
    tell("There is no log yet: paste one, drop a file, or choose an example.");
    log.focus();
    return;
  }
  warning.hidden = true;
  clearAnswer();
  explained = { text: log.value, html: "" };
  work(true);
  tell(engine.ready ? "Explaining …" : "Loading bpfdoctor …");
  try {
    const { sources, object } = given;
    const { text, milliseconds } = await engine.ask({ logs: logs(), sources, object: object?.data ?? null });
    work(false);
    explained.html = text;
    tell(`Explained in ${Math.round(milliseconds)} ms, in this browser.`);
    show(text);
    if (!address.read()) status.scrollIntoView({ block: "start" });
    keepOffline();
  } catch (error) {
    if (error instanceof Cancelled) return; // whoever cancelled said so
    work(false);
    tell(`There is no answer: ${error instanceof Error ? error.message : error}. Try again, or reload the page.`);
  }
}

/** The service worker reads all files once more: not while somebody waits for them. Without it, all works online. */
function keepOffline() {
  navigator.serviceWorker?.register("sw.js").catch(() => {});
}

/** @param {string} html */
function show(html) {
  const found = shown(html);
  answer.replaceChildren(found.nodes);
  follow = stepThroughAll(answer, address, (wanted) => engine.more(wanted));
  save.hidden = false;
  programs.hidden = found.programs.length < 2;
  programs.replaceChildren(list(found.programs));
}

function clearAnswer() {
  answer.replaceChildren();
  programs.hidden = save.hidden = true;
  follow = () => {};
  explained = null;
}

/** @param {{ id: string, name: string, verdict: string, look: string }[]} found */
function list(found) {
  const items = document.createElement("ol");
  for (const { id, name, verdict, look } of found) {
    const link = document.createElement("a");
    link.href = `#${id}`;
    link.textContent = name;
    link.addEventListener("click", (event) => {
      event.preventDefault(); // the address carries the log
      document.getElementById(id)?.scrollIntoView();
    });
    const tag = document.createElement("span");
    tag.className = look;
    tag.textContent = verdict;
    const item = document.createElement("li");
    item.append(link, " ", tag);
    items.append(item);
  }
  return items;
}

/** What the page has of the program, each with a button that takes it away; a large log as well. */
function listFiles() {
  const rows = given.names.map((name) => row(name, () => given.remove(name)));
  files.replaceChildren(...rows);
  log.hidden = given.logs.length > 0;
  kept.hidden = !log.hidden;
  kept.replaceChildren(
    ...given.logs.map((each) => row(`${each.name}, ${megabytes(each.data.length)}`, () => given.removeLog(each))),
  );
  replaced.hidden = true;
}

/**
 * @param {string} name
 * @param {() => void} remove
 */
function row(name, remove) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Remove";
  button.setAttribute("aria-label", `Remove ${name}`);
  button.addEventListener("click", () => {
    remove();
    listFiles();
    address.forget();
  });
  item.append(name, " ", button);
  return item;
}

/**
 * @param {Iterable<File>} some
 * @param {boolean} areProgram
 */
async function take(some, areProgram) {
  try {
    const found = await given.take(some, areProgram);
    if (found) {
      file = found;
      log.value = found.text;
    }
  } catch (error) {
    listFiles();
    tell(error instanceof Error ? error.message : String(error));
    return;
  }
  if (given.names.length) program.open = true;
  listFiles();
  address.forget();
  if (hasLog()) await explain();
  else tell("Now the log: paste it, or drop it.");
}

async function copyLink() {
  const { sources } = given;
  const fragment = address.log || (given.logs.length ? null : await packed({ name: name(), log: log.value, sources }));
  warning.hidden = false;
  if (!hasLog()) {
    warning.textContent = "There is no log to link to.";
  } else if (given.logs.length > 1) {
    warning.textContent = "A link carries one log. Send the files, or the answer as HTML.";
  } else if (fragment === null) {
    const most = MOST.toLocaleString("en");
    warning.textContent = `This log is too long for a link (${most} letters). Send the file, or the answer as HTML.`;
  } else {
    address.carry(fragment);
    warning.textContent =
      `${(await copied(location.href)) ? "The link is copied" : "The link is in the address bar"}. It holds the log` +
      `${sources.length ? " and the source" : ""}: whoever has the link can read it. No server gets it.` +
      (address.names ? " It leads to the chosen step." : "") +
      (given.object ? " The object is not in it." : "");
  }
}

async function fromLink() {
  try {
    if (!address.isNew()) return follow();
    const carried = await unpacked(location.hash);
    if (!carried) return;
    given = new Given();
    given.sources = carried.sources;
    log.value = carried.log;
    file = { name: carried.name, text: carried.log };
    program.open = carried.sources.length > 0;
    listFiles();
    await explain();
  } catch (error) {
    tell(`The link is damaged: ${String(error instanceof Error ? error.message : error).replace(/\.$/, "")}.`);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  explain();
});
watch(log, {
  isAnswered: () => Boolean(explained?.text && explained.text === log.value),
  replaces(text) {
    before = { given: given.copy(), text: log.value };
    if (!hasLog() || (!given.logs.length && log.value === text)) return;
    given.logs = [];
    listFiles();
    replaced.hidden = false;
  },
  keep(text) {
    const wasReplaced = !replaced.hidden;
    given.logs = [{ name: PASTED, data: new TextEncoder().encode(text) }];
    log.value = "";
    listFiles();
    replaced.hidden = !wasReplaced;
    address.forget();
    explain();
  },
  take: (some) => take(some, false),
  explain() {
    address.forget();
    explain();
  },
  typed() {
    address.forget();
    replaced.hidden = true;
    if (explained && !busy) tell("The log has changed: Explain, or Ctrl+Enter, answers it.");
  },
});
element("back", HTMLButtonElement).addEventListener("click", () => restore(before.given, before.text));
element("both", HTMLButtonElement).addEventListener("click", () => {
  const [first, second] = [before.given.logs, logs()];
  const both = before.given.copy();
  if (first.length) both.logs = [...first, ...second];
  restore(both, first.length ? "" : `${before.text.trimEnd()}\n${log.value}`);
});

/**
 * @param {Given} files
 * @param {string} text
 */
function restore(files, text) {
  given = files;
  log.value = text;
  listFiles();
  address.forget();
  explain();
}

/** @param {string} format */
async function takeAway(format) {
  const text = format === "html" ? (explained?.html ?? null) : await engine.written(format);
  if (text === null) tell("The answer is gone: Explain makes it again.");
  else if (format !== "markdown") download(logs()[0].name, format === "html" ? "html" : "json", text);
  else tell((await copied(text)) ? "The answer is copied as Markdown." : "This browser does not let a page copy.");
}

for (const button of save.querySelectorAll("button[data-format]")) {
  button.addEventListener("click", () =>
    takeAway(String(/** @type {HTMLButtonElement} */ (button).dataset.format)).catch((error) =>
      tell(`That could not be written: ${error.message}.`),
    ),
  );
}
cancel.addEventListener("click", () => {
  engine.cancel();
  work(false);
  tell("Cancelled.");
});
share.addEventListener("click", copyLink);
element("clear", HTMLButtonElement).addEventListener("click", () => {
  if (busy) engine.cancel();
  work(false);
  given = new Given();
  log.value = "";
  warning.hidden = true;
  program.open = false;
  listFiles();
  clearAnswer();
  address.forget();
  tell("");
  log.focus();
});
for (const [id, isProgram] of /** @type {[string, boolean][]} */ ([
  ["open", false],
  ["add", true],
])) {
  const input = element(id, HTMLInputElement);
  input.addEventListener("change", async () => {
    const chosen = [...(input.files ?? [])];
    input.value = ""; // the same file may be chosen again
    await take(chosen, isProgram);
  });
}
for (const button of document.querySelectorAll("button[data-example]")) {
  button.addEventListener("click", async () => {
    const { example, source } = /** @type {HTMLButtonElement} */ (button).dataset;
    given = new Given();
    const read = async (/** @type {string} */ name) => (await fetch(`examples/${name}`)).text();
    log.value = await read(String(example));
    if (source) given.sources = [{ name: source.replace(/^[^.]*\./, "prog."), text: await read(source) }];
    program.open = Boolean(source);
    listFiles();
    address.forget();
    await explain();
  });
}
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", () => document.body.classList.remove("dropping"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  const text = event.dataTransfer?.getData("text/plain");
  if (event.dataTransfer?.files.length) take(event.dataTransfer.files, false);
  else if (text) take([new File([text], PASTED)], false);
});
window.addEventListener("hashchange", fromLink);

element("without-script", HTMLElement).remove();
form.hidden = false;
fromLink();
// Whoever saves data loads the engine with the first question.
const connection = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator).connection;
if (!connection?.saveData) engine.start();
