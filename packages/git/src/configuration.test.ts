import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ConfigEntry,
  formatConfiguration,
  parseConfigList,
  safeConfiguration,
} from "./configuration.ts";

const entry = (scope: string, key: string, value?: string, subsection?: string): ConfigEntry => {
  const [section = "", name = ""] = key.split(".");
  return { scope, section, subsection, name, value };
};

test("a listing is taken apart", () => {
  const text = "local\0core.bare\0global\0url.ssh://a.b/.insteadof\nx\ny\0worktree\0user.name\n\0";
  expect(parseConfigList(text)).toEqual([
    entry("local", "core.bare"),
    entry("global", "url.insteadof", "x\ny", "ssh://a.b/"),
    entry("worktree", "user.name", ""),
  ]);
});

test("only what is known to be harmless stays", () => {
  const kept = [
    entry("global", "user.name", "A"),
    entry("global", "core.excludesfile", "~/.ignore"),
    entry("local", "core.repositoryformatversion", "1"),
    entry("local", "extensions.objectformat", "sha256"),
    entry("local", "branch.merge", "refs/heads/main", "main"),
  ];
  const dropped = [
    entry("command", "user.name", "B"),
    entry("local", "core.excludesfile", "/etc/x"),
    entry("local", "core.fsmonitor", "touch x"),
    entry("local", "extensions.partialclone", "origin"),
    entry("local", "remote.url", "ext::touch x", "origin"),
    entry("local", "core.someday", "touch x"),
    entry("global", "filter.clean", "git-lfs clean", "lfs"),
    entry("local", "filter.required", "true", "other"),
    entry("global", "commit.gpgsign"),
  ];
  expect(safeConfiguration([...kept, ...dropped])).toEqual({
    entries: kept,
    filters: ["lfs"],
    signsCommits: true,
    unknownExtensions: [],
  });
});

test("an extension of the format that nobody knows is reported", () => {
  const { unknownExtensions } = safeConfiguration([entry("local", "extensions.sideways", "true")]);
  expect(unknownExtensions).toEqual(["sideways"]);
});

test("git reads back what is written", async () => {
  await using folder = await temporaryDirectory();
  const file = join(folder.path, "config");
  const text = fc.string({ unit: fc.constantFrom(...'ab "\\#;=\n\t[]é') });
  const entries = fc.array(
    fc.record({
      scope: fc.constant("local"),
      section: fc.constantFrom("user", "branch"),
      subsection: fc.option(
        text.filter((name) => !name.includes("\n")),
        { nil: undefined },
      ),
      name: fc.constantFrom("name", "merge"),
      value: fc.option(text, { nil: undefined }),
    }),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(entries, (given) => {
      writeFileSync(file, formatConfiguration(given));
      const listed = execFileSync("git", ["config", "--file", file, "--list", "-z", "--show-scope"], {
        encoding: "utf8",
      });
      const local = parseConfigList(listed).map((one) => ({ ...one, scope: "local" }));
      expect(local).toEqual(given);
    }),
    { numRuns: 25 },
  );
});
