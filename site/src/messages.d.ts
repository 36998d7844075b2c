import type { Question } from "./engine.js";
import type { Wanted } from "./stepping/ways.js";

/** From the page to the worker: a question, or the last answer in another format, or more of its paths. */
export type Asked = { id: number } & ({ question: Question } | { format: string } | { wanted: Wanted });

/** From the worker to the page. */
export type Said =
  | { kind: "progress"; bytes: number }
  | { kind: "ready" }
  | { kind: "answer"; id: number; text: string; milliseconds: number }
  | { kind: "more"; id: number; walk: string }
  | { kind: "failed"; id: number | null; why: string };
