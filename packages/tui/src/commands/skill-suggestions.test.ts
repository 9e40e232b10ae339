import { expect, test } from "vitest";
import { skillSuggestions } from "./skill-suggestions.ts";

const skill = (name: string, enabled = true) =>
  ({ name, description: `does ${name}`, path: `/${name}`, scope: "user", enabled, pluginId: null }) as const;

test("skills that can be used are offered once, with what they are for", () => {
  const entries = [
    { cwd: "/a", skills: [skill("release"), skill("off", false)], errors: [] },
    { cwd: "/b", skills: [skill("release")], errors: [{ path: "/x", message: "broken" }] },
  ];
  expect(skillSuggestions(entries)).toEqual([{ value: "release", hint: "does release", isComplete: true }]);
});
