import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { resolveHome } from "@quire/config";
import {
  createRedactor,
  editSummary,
  findLastThread,
  findThread,
  readSummary,
  type StoredThread,
  secretsOfEnvironment,
} from "@quire/core";
import { CodedError, visibleText } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { newId, threadLogDeps } from "../session/thread-deps.ts";
import type { System } from "../system.ts";
import { parseWords } from "../words.ts";

/** `quire context summary`: what stands for the part of a thread that left its context. */
export async function runSummary(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("context", argv, {
    edit: { type: "boolean" },
    json: { type: "boolean" },
    last: { type: "boolean" },
    all: { type: "boolean" },
  });
  const home = await resolveHome(system.env, system.homeDir);
  const [wanted] = positionals;
  const stored =
    wanted === undefined ? findLastThread(home, values.all ? null : system.cwd) : findThread(home, wanted);
  const found = readSummary(stored);
  if (found === null) {
    throw new CodedError("usage_invalid", `the context of thread ${stored.id} was never compacted`, {
      nextStep: "There is a summary once it was: automatically near the limit, or on request.",
    });
  }
  if (values.edit) return edit(stored, found.summary, home, system);
  const json = { thread_id: stored.id, summary: found.summary, message: found.message };
  system.stdout.write(values.json ? `${JSON.stringify(json, null, 2)}\n` : `${visibleText(found.message)}\n`);
  return EXIT.done;
}

async function edit(stored: StoredThread, summary: string, home: string, system: System): Promise<number> {
  const edited = inEditor(summary, system);
  if (edited.trim() === summary.trim()) {
    system.stderr.write("The summary is as it was; nothing was written.\n");
    return EXIT.done;
  }
  if (edited.trim() === "") {
    throw new CodedError(
      "usage_invalid",
      "an empty summary would take the place of everything that left the context",
      {
        nextStep: "Write at least a sentence, or leave the summary as it is.",
      },
    );
  }
  const redactor = createRedactor({ values: secretsOfEnvironment(system.env) });
  await editSummary(stored, edited, {
    ...threadLogDeps(system, home),
    newId: () => newId(system),
    redact: (text) => redactor.redact(text),
  });
  system.stderr.write(`The summary of ${stored.id} was changed; the log keeps the old one.\n`);
  return EXIT.done;
}

/** Opens the text in the user's editor and returns it as it is saved. */
function inEditor(text: string, system: System): string {
  const editor = system.env.VISUAL || system.env.EDITOR;
  if (!editor) {
    throw new CodedError("usage_invalid", "there is no editor: neither VISUAL nor EDITOR is set", {
      nextStep: "Set one of them, for example: EDITOR=nano quire context summary --edit",
    });
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "quire-summary-"));
  try {
    const file = path.join(folder, "summary.md");
    fs.writeFileSync(file, `${text}\n`, { mode: 0o600 });
    // As git does it: the variable may hold arguments of its own.
    const { status, error } = spawnSync("/bin/sh", ["-c", `${editor} "$1"`, editor, file], {
      stdio: "inherit",
    });
    if (error || status !== 0) {
      throw new CodedError(
        "usage_invalid",
        `the editor ${editor} ended with ${error?.message ?? status}; nothing was changed`,
      );
    }
    return fs.readFileSync(file, "utf8");
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
