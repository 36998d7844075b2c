// The paste page: takes a log, has it explained, shows the answer.

import { Cancelled, Engine } from "./client.js";
import { Given, IN_THE_FIELD, megabytes } from "./given.js";
import { MOST, packed, unpacked } from "./link.js";
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
const kept = element("kept", HTMLElement);
const files = element("files", HTMLUListElement);
const program = element("program", HTMLDetailsElement);
const cancel = element("cancel", HTMLButtonElement);
const share = element("share", HTMLButtonElement);
const status = element("status", HTMLElement);
const progress = element("progress", HTMLProgressElement);
const warning = element("warning", HTMLElement);
const programs = element("programs", HTMLElement);
const answer = element("answer", HTMLElement);

let given = new Given();
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

async function explain() {
  const large = given.large;
  if (!large && !log.value.trim()) {
    tell("There is no log yet: paste one, drop a file, or choose an example.");
    log.focus();
    return;
  }
  warning.hidden = true;
  clearAnswer();
  work(true);
  tell(engine.ready ? "Explaining …" : "Loading bpfdoctor …");
  try {
    const { html, milliseconds } = await engine.ask({
      name: large?.name ?? PASTED,
      log: large?.data ?? new TextEncoder().encode(log.value),
      sources: given.sources,
      object: given.object?.data ?? null,
    });
    work(false);
    show(html);
    tell(`Explained in ${Math.round(milliseconds)} ms, in this browser.`);
    status.scrollIntoView({ block: "start" });
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
  stepThroughAll(answer, { links: false }); // the address is the log's
  programs.hidden = found.programs.length < 2;
  programs.replaceChildren(list(found.programs));
}

function clearAnswer() {
  answer.replaceChildren();
  programs.hidden = true;
}

/** @param {{ id: string, name: string, verdict: string, look: string }[]} found */
function list(found) {
  const items = document.createElement("ol");
  for (const { id, name, verdict, look } of found) {
    const link = document.createElement("a");
    link.href = `#${id}`;
    link.textContent = name;
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
  kept.hidden = !given.large;
  log.hidden = Boolean(given.large);
  if (given.large) {
    const { name, data } = given.large;
    kept.replaceChildren(row(`${name}, ${megabytes(data.length)}`, () => (given.large = null)));
  }
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
    for (const file of some) {
      const text = await given.take(file, areProgram);
      if (text !== null) log.value = text;
    }
  } catch (error) {
    listFiles();
    tell(error instanceof Error ? error.message : String(error));
    return;
  }
  if (given.names.length) program.open = true;
  listFiles();
  forgetLink();
  if (log.value.trim() || given.large) await explain();
  else tell("Now the log: paste it, or drop it.");
}

function forgetLink() {
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
}

async function copyLink() {
  const fragment = given.large ? null : await packed({ name: PASTED, log: log.value, sources: given.sources });
  warning.hidden = false;
  if (!log.value.trim() && !given.large) {
    warning.textContent = "There is no log to link to.";
  } else if (fragment === null) {
    warning.textContent = `This log is too long for a link (${MOST.toLocaleString("en")} letters). Send the file.`;
  } else {
    history.replaceState(null, "", fragment);
    const copied = await navigator.clipboard?.writeText(location.href).then(
      () => true,
      () => false,
    );
    warning.textContent =
      `${copied ? "The link is copied" : "The link is in the address bar"}. It holds the log` +
      `${given.sources.length ? " and the source" : ""}: whoever has the link can read it. No server gets it.` +
      (given.object ? " The object is not in it." : "");
  }
}

async function fromLink() {
  try {
    const carried = await unpacked(location.hash);
    if (!carried) return;
    given = new Given();
    given.sources = carried.sources;
    log.value = carried.log;
    program.open = carried.sources.length > 0;
    listFiles();
    await explain();
  } catch (error) {
    tell(`The link is damaged: ${error instanceof Error ? error.message : error}.`);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  explain();
});
log.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) explain();
});
log.addEventListener("input", forgetLink);
log.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const whole = log.selectionStart === 0 && log.selectionEnd === log.value.length;
  if (!text || !whole) return; // somebody puts a log together
  event.preventDefault();
  forgetLink();
  if (text.length > IN_THE_FIELD) {
    given.large = { name: PASTED, data: new TextEncoder().encode(text) };
    log.value = "";
  } else {
    log.value = text;
  }
  listFiles();
  explain();
});
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
  forgetLink();
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
    forgetLink();
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
