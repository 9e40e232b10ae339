import path from "node:path";
import type { MapAnswer } from "@quire/code-map";
import { resolveHome } from "@quire/config";
import { visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { findGitRoot, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Show the files of a repository that matter most, with the declarations in them.

Usage: quire map [PATH] [--budget BYTES] [--focus FILE|SYMBOL] [--json]

      --budget BYTES   size of the answer, 512 to 65536 (without it: 8192)
      --focus WORD     begin with this file, or with the files that declare this symbol, and what has to do with them
      --json           files, declarations and counts as JSON

Generated, minified, vendored, binary and huge files are left out and counted. What was read is kept in the cache of the
Quire home. See docs/code-awareness.md.
`;

/** `quire map`. */
export async function runMap(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("map", argv, {
    help: { type: "boolean", short: "h" },
    budget: { type: "string" },
    focus: { type: "string" },
    json: { type: "boolean" },
  });
  if (values.help) return showHelp(HELP, system);
  const [wanted = ".", stray] = positionals;
  if (stray !== undefined) throw wrongUse("map", `unexpected argument ${JSON.stringify(stray)}`);
  const { DEFAULT_BUDGET_BYTES } = await import("@quire/code-map");
  const budgetBytes = values.budget === undefined ? DEFAULT_BUDGET_BYTES : await budgetOf(values.budget);
  const home = await resolveHome(system.env, system.homeDir);
  const folder = workingDirectory(system.cwd, wanted);
  const root = findGitRoot(folder) ?? folder;
  const { openMapOf } = await import("../code-map/open-map.ts");
  const map = openMapOf(root, system, home);
  const began = system.monotonicMs();
  const stopping = new AbortController();
  const unlisten = system.onStop(() => stopping.abort());
  try {
    const answer = await map.map({
      path: path.relative(root, folder).split(path.sep).join("/"),
      focus: values.focus ?? null,
      budgetBytes,
      signal: stopping.signal,
    });
    const ms = Math.round(system.monotonicMs() - began);
    const missing = values.focus === undefined ? null : missingFocus(values.focus, answer);
    if (missing !== null) system.stderr.write(`${missing}\n`);
    system.stdout.write(
      values.json
        ? `${JSON.stringify({ ...jsonOf(root, answer), ...(missing === null ? {} : { warning: missing }), ms }, null, 2)}\n`
        : answer.text,
    );
    return EXIT.done;
  } catch (thrown) {
    if (stopping.signal.aborted) return EXIT.interrupted;
    throw thrown;
  } finally {
    unlisten();
    await map.close();
  }
}

/** Words for a focus that nothing is the name of; null where something is. */
function missingFocus(word: string, { focus }: MapAnswer): string | null {
  const place = "among the files of this map";
  if (focus === "nothing")
    return `nothing is called ${JSON.stringify(visibleLine(word))} ${place}; it is shown without a focus`;
  if (focus !== "use") return null;
  return `no file or declaration is called ${JSON.stringify(visibleLine(word))} ${place}; it begins with the files that use the word`;
}

async function budgetOf(word: string): Promise<number> {
  const { LEAST_BUDGET_BYTES, MOST_BUDGET_BYTES } = await import("@quire/code-map");
  const bytes = Number(word);
  if (Number.isSafeInteger(bytes) && bytes >= LEAST_BUDGET_BYTES && bytes <= MOST_BUDGET_BYTES) return bytes;
  throw wrongUse(
    "map",
    `--budget ${JSON.stringify(word)} is not a number of bytes from ${LEAST_BUDGET_BYTES} to ${MOST_BUDGET_BYTES}`,
  );
}

/** The files of the text, with everything that is known of them. */
function jsonOf(root: string, { content, shownFiles }: MapAnswer) {
  const shown = new Set(shownFiles);
  return {
    root,
    files: content.files,
    code_files: content.codeFiles,
    left_out: content.skipped,
    folders: Object.fromEntries(content.folders),
    grammars: content.hasGrammars,
    map: content.ranked
      .filter(({ path: file }) => shown.has(file))
      .map(({ path: file, symbols, moreSymbols }) => ({ path: file, symbols, more_symbols: moreSymbols })),
  };
}
