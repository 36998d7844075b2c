import type { Question } from "./engine.js";

/** From the page to the worker: a question, or the last answer in another format. */
export type Asked = { id: number } & ({ question: Question } | { format: string });

/** From the worker to the page. */
export type Said =
  | { kind: "progress"; bytes: number }
  | { kind: "ready" }
  | { kind: "answer"; id: number; text: string; milliseconds: number }
  | { kind: "failed"; id: number | null; why: string };
