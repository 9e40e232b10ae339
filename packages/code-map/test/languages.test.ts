import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findGrammars } from "../src/grammar.ts";
import { languageOfFile } from "../src/languages.ts";
import { createSymbolReader } from "../src/read-symbols.ts";

const CASES = join(import.meta.dirname, "cases");
const SOURCES = readdirSync(CASES).filter((name) => name.endsWith(".txt"));

test.each(SOURCES)("the declarations of cases/%s", async (name) => {
  const language = languageOfFile(name.replace(/\.txt$/, ""));
  if (language === null) throw new Error(`${name} has no language`);
  const read = createSymbolReader(CASES, findGrammars() ?? "", () => performance.now());
  const symbols = await read({ path: name, language });
  const lines = symbols.map(
    ({ depth, line, kind, name: own, signature, exported }) =>
      `${"  ".repeat(depth)}${line} ${exported ? "" : "(own) "}${kind} ${own} | ${signature}\n`,
  );
  const file = join(CASES, name.replace(/txt$/, "expected"));
  if (process.env.UPDATE_CASES === "1") writeFileSync(file, lines.join(""));
  expect(lines.join("")).toBe(readFileSync(file, "utf8"));
});
