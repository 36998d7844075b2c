// The search on the page of rules: shows the rows that have every word, and the words stay in the address.

const form = /** @type {HTMLFormElement} */ (document.getElementById("filter"));
const field = /** @type {HTMLInputElement} */ (document.getElementById("words"));
const count = /** @type {HTMLOutputElement} */ (document.getElementById("count"));
const rows = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("li[data-words]"))];
const texts = rows.map((row) => `${row.textContent} ${row.dataset.words}`.toLowerCase());
const groups = [...document.querySelectorAll("section.group")];

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  rows.forEach((row, number) => {
    row.hidden = !words.every((word) => texts[number].includes(word));
    shown += Number(!row.hidden);
  });
  for (const group of groups) {
    /** @type {HTMLElement} */ (group).hidden = !group.querySelector("li:not([hidden])");
  }
  count.value = words.length ? `${shown} of ${rows.length}` : "";
  history.replaceState(null, "", words.length ? `?q=${encodeURIComponent(field.value)}` : location.pathname);
}

field.value = new URLSearchParams(location.search).get("q") ?? "";
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
field.addEventListener("input", show);
if (field.value) show();
