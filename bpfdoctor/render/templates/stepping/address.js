// Where the chosen step is told, so that a link leads to it.

/**
 * `told` is "step=N", "&path=K" where it is not the first path of the page, and "&others=A-B" where it is one that was
 * opened from that: where each in between ends.
 * @typedef {object} Address
 * @property {() => string} read
 * @property {(told: string) => void} write
 */

const BETWEEN = 300; // milliseconds; a browser that is told more often than some hundred times in half a minute refuses

/**
 * Calls `action` at once, later ones at most every BETWEEN milliseconds, with the newest text.
 * @param {(told: string) => void} action
 * @returns {(told: string) => void}
 */
export function seldom(action) {
  /** @type {string | null} */
  let waiting = null;
  let rests = false;
  const next = () => {
    rests = waiting !== null;
    if (waiting === null) return;
    action(waiting);
    waiting = null;
    setTimeout(next, BETWEEN);
  };
  return (told) => {
    waiting = told;
    if (!rests) next();
  };
}

/** The fragment of the page's own address: #step=N. @type {Address} */
export const OWN = {
  read: () => location.hash.slice(1),
  write: seldom((told) => history.replaceState(null, "", `#${told}`)),
};
