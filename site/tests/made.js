// Where the made site is: SITE in the environment, or build/site.

import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const SITE = process.env.SITE ?? `${ROOT}build/site/`;
