import { expect, test } from "vitest";
import { nearestKey } from "./nearest-key.ts";

const keys = ["model", "model_provider", "model_providers", "approval_policy", "sandbox_mode", "tui"];

test.each([
  ["modle", "model"],
  ["Model", "model"],
  ["sandbox-mode", "sandbox_mode"],
  ["aproval_polcy", "approval_policy"],
  ["model_providerz", "model_provider"],
  ["tiu", "tui"],
  ["x", null],
  ["temperature", null],
  ["m".repeat(100_000), null],
])("%s", (name, nearest) => {
  expect(nearestKey(name, keys)).toBe(nearest);
});
