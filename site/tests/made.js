// Where the made site is (SITE in the environment, or build/site), who makes answers, and logs that are stored.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const SITE = process.env.SITE ?? `${ROOT}build/site/`;

/** The Python that has bpfdoctor's packages. */
export const PYTHON = existsSync(`${ROOT}.venv/bin/python`) ? `${ROOT}.venv/bin/python` : "python3";

export const CASE = `${ROOT}corpus/cases/packet-bounds/udp-after-ip-check/`;
export const LOG = stored(CASE);

/**
 * What Linux 6.12 said of a case.
 * @param {string} folder
 */
export function stored(folder) {
  const name = readdirSync(`${folder}logs`).find((name) => /^6\.12\..*-l1\.log$/.test(name));
  return readFileSync(`${folder}logs/${name}`, "utf8");
}
