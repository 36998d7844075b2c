// What a reader has chosen, for a view of the same path with more steps.

/** @typedef {import("./view.js").View} View */
/** @typedef { { at: number, wanted: string, shown: string, followed: { spot: import("./path.js").Spot, at: number } | null,
 *   translates: boolean, scrolled: number, hasFocus: boolean, isSearching: boolean } } Kept */

/** @param {View} view @returns {Kept} */
export function kept(view) {
  return {
    at: view.at,
    wanted: view.find.input.value,
    shown: view.shown.value,
    followed: view.followed.chosen,
    translates: view.translates,
    scrolled: view.rows.element.scrollTop,
    hasFocus: view.element.contains(document.activeElement),
    isSearching: document.activeElement === view.find.input,
  };
}

/** @param {View} view @param {Kept} kept @param {number} by the steps that are here and were not there */
export function take(view, kept, by) {
  view.at = kept.at + by;
  view.translates = kept.translates;
  view.find.input.value = kept.wanted;
  view.find.look(kept.wanted.trim().toLowerCase());
  if (kept.followed) view.followed.choose(kept.followed.spot, kept.followed.at + by);
  view.shown.value = kept.shown;
  view.choose();
  view.rows.scroll(kept.scrolled, by);
  if (kept.isSearching) view.find.input.focus();
  else if (kept.hasFocus) view.focus({ preventScroll: true });
}
