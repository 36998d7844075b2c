import type { Question } from "./engine.js";

/** From the page to the worker. */
export type Asked = Question & { id: number };

/** From the worker to the page. */
export type Said =
  | { kind: "progress"; bytes: number }
  | { kind: "ready" }
  | { kind: "answer"; id: number; html: string; milliseconds: number }
  | { kind: "failed"; id: number | null; why: string };
