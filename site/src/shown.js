// Puts the HTML of an answer into the page: the same nodes as in the file that `--output-format html` writes.

/**
 * The nodes of the answer, with links to the rules' pages, and the headings of its programs.
 * @param {string} html
 * @returns {{ nodes: DocumentFragment, programs: { id: string, name: string, verdict: string, look: string }[] }}
 */
export function shown(html) {
  const style = html.indexOf("<style>"); // the site has the same rules in its own file
  const bare = html.slice(0, style) + html.slice(html.indexOf("</style>", style));
  const page = new DOMParser().parseFromString(bare, "text/html");
  for (const frame of page.querySelectorAll("body > h1, body > footer, body > script")) frame.remove();
  for (const code of page.querySelectorAll("code")) {
    const rule = /^bpfdoctor explain ([a-z0-9-]+)$/.exec(code.textContent ?? "");
    if (!rule) continue;
    const link = page.createElement("a");
    link.href = `rules/${rule[1]}.html`;
    link.target = "_blank"; // the answer stays
    link.textContent = rule[1];
    code.replaceWith("about this: ", link);
  }
  for (const pre of page.querySelectorAll("pre")) pre.tabIndex = 0; // it scrolls by keyboard
  const programs = [...page.querySelectorAll("body > section")].map((section, number) => {
    section.id = `program-${number + 1}`;
    const verdict = section.querySelector("h2 > span");
    const name = section.querySelector("p.soft")?.textContent?.match(/program (\S+(?: \([^)]*\))?)/)?.[1];
    return {
      id: section.id,
      name: name ?? section.querySelector("h3")?.textContent ?? `program ${number + 1}`,
      verdict: verdict?.textContent ?? "",
      look: verdict?.className ?? "",
    };
  });
  const nodes = document.createDocumentFragment();
  nodes.append(...page.body.childNodes);
  return { nodes, programs };
}
