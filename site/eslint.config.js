import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.worker } }, files: ["src/**"] },
  { languageOptions: { globals: { ...globals.node, ...globals.browser } }, files: ["build/**", "tests/**"] },
  { rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" } },
];
