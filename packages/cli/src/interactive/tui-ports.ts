import fs from "node:fs";
import path from "node:path";
import { type LoadedConfig, persistTrust } from "@quire/config";
import type { PromptFile, SetupPorts, TuiPorts } from "@quire/tui";
import { openKeyStore } from "../session/model/key-store.ts";
import type { System } from "../system.ts";

const LONGEST_PROMPT = 256 * 1024;
const MOST_PROMPTS = 500;

/** The user's saved prompts: `prompts/*.md` of the home, sorted by name. A file that cannot be read is left out. */
export function readSavedPrompts(home: string): PromptFile[] {
  const folder = path.join(home, "prompts");
  let names: string[];
  try {
    names = fs.readdirSync(folder).filter((name) => name.endsWith(".md"));
  } catch {
    // No such folder: the usual case.
    return [];
  }
  return names
    .sort()
    .slice(0, MOST_PROMPTS)
    .flatMap((name) => {
      const text = readPrompt(path.join(folder, name));
      return text === null ? [] : [{ name: name.slice(0, -3), text }];
    });
}

function readPrompt(file: string): string | null {
  try {
    const facts = fs.statSync(file);
    return facts.isFile() && facts.size <= LONGEST_PROMPT ? fs.readFileSync(file, "utf8") : null;
  } catch {
    // Removed meanwhile, or not for us to read: as if it were not there.
    return null;
  }
}

/** What the guided set-up needs beside the configuration. That it was shown is remembered in a file of the home. */
export function setupPorts(system: Pick<System, "env">, home: string, loaded: LoadedConfig): SetupPorts {
  const mark = path.join(home, "setup-shown");
  return {
    isDone: () => fs.existsSync(mark),
    markDone() {
      fs.mkdirSync(home, { recursive: true, mode: 0o700 });
      fs.writeFileSync(mark, "", { mode: 0o600 });
    },
    storeKey: async (key) => openKeyStore(home, loaded.config.authStore).write(key).place,
    hasVariable: (name) => Boolean(system.env[name]),
  };
}

/** Records what the user decided about a project, as `--trust` does. */
export function trustDecision(home: string, loaded: LoadedConfig): NonNullable<TuiPorts["decideTrust"]> {
  const { projectRootMarkers: rootMarkers } = loaded.config;
  return async (cwd, level) => {
    await persistTrust({ home, cwd, rootMarkers, level });
  };
}
