import { defineConfig } from "vitest/config";

/**
 * Tests run from source. `unit` holds everything that is quick and touches one package; `e2e` drives the built
 * CLI through its front door and needs `npm run build` first (scripts/test.mjs does that).
 */
export default defineConfig({
  test: {
    pool: "forks",
    // Room for a busy machine: a test that hangs is found later, one that is slow passes.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // Of the tests of a file that may run beside each other: one that waits, and one that works.
    maxConcurrency: 2,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts"] },
      },
      { extends: true, test: { name: "e2e", include: ["tests/**/*.test.ts"], testTimeout: 120_000 } },
    ],
  },
});
