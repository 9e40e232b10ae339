import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { temporaryTree } from "../test/temporary-tree.ts";
import { type ConfigFs, realFs } from "./config-fs.ts";
import { resolveHome } from "./home.ts";

test.each([
  [{ QUIRE_HOME: "/q", CODEX_HOME: "/c" }, "/q"],
  [{ CODEX_HOME: "/c" }, "/c"],
  [{ QUIRE_HOME: "", CODEX_HOME: "" }, "/user/.quire"],
  [{ QUIRE_HOME: "/q/../r/" }, "/r"],
  [{}, "/user/.quire"],
])("%o", async (env, home) => {
  expect(await resolveHome(env, "/user")).toBe(home);
});

test("a relative value is refused, so that a repository cannot supply the home", async () => {
  await expect(resolveHome({ QUIRE_HOME: ".quire" }, "/user")).rejects.toMatchObject({
    code: "directory_unusable",
    message: "$QUIRE_HOME (.quire) is not an absolute path.",
    info: { next_step: "Set QUIRE_HOME to an absolute path, or unset it to use ~/.quire." },
  });
  await expect(resolveHome({}, "")).rejects.toMatchObject({ code: "directory_unusable" });
});

test("a file in place of the home, or above it, is refused", async () => {
  await using tree = await temporaryTree();
  await writeFile(tree.path("file"), "");
  const messages = await Promise.all(
    ["file", "file/home"].map((name) =>
      resolveHome({ QUIRE_HOME: tree.path(name) }, "/user").catch((e) => e.message),
    ),
  );
  expect(messages).toEqual([
    `$QUIRE_HOME (${tree.path("file")}) is not a directory.`,
    `$QUIRE_HOME (${tree.path("file/home")}) lies below something that is not a directory.`,
  ]);
});

test("a home that may not be read is refused", async () => {
  const denied: ConfigFs = {
    ...realFs,
    stat: () => Promise.reject(Object.assign(new Error("denied"), { code: "EACCES" })),
  };
  await expect(resolveHome({}, "/user", denied)).rejects.toMatchObject({
    code: "directory_unusable",
    message: "/user/.quire cannot be read (EACCES).",
  });
});
