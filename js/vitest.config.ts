import { defineConfig } from "vitest/config";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  define: { NW_ROOT: '""' },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
    // A guard against hanging for ever: a busy machine is no failure.
    testTimeout: 300_000,
  },
});
