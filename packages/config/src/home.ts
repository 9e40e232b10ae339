import { isAbsolute, join, resolve } from "node:path";
import { CodedError } from "@quire/protocol";
import { type ConfigFs, errnoOf, isAbsence, realFs } from "./config-fs.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * The Quire home: `$QUIRE_HOME`, else `$CODEX_HOME`, else `~/.quire`. It need not exist yet. Empty variables count as
 * unset.
 * @throws CodedError `directory_unusable` when the value is relative or names something that is not a directory
 */
export async function resolveHome(env: Env, homedir: string, fs: ConfigFs = realFs): Promise<string> {
  const name = env.QUIRE_HOME ? "QUIRE_HOME" : env.CODEX_HOME ? "CODEX_HOME" : null;
  const value = name === null ? join(homedir, ".quire") : (env[name] ?? "");
  const shown = name === null ? value : `$${name} (${value})`;
  if (!isAbsolute(value)) {
    throw new CodedError("directory_unusable", `${shown} is not an absolute path.`, {
      nextStep:
        name === null
          ? "Set HOME, or set QUIRE_HOME to an absolute path."
          : `Set ${name} to an absolute path, or unset it to use ~/.quire.`,
    });
  }
  const home = resolve(value);
  const problem = await directoryProblem(fs, home);
  if (problem !== null) {
    throw new CodedError("directory_unusable", `${shown} ${problem}.`, {
      nextStep: "Move that out of the way, or set QUIRE_HOME to a directory that you can read.",
    });
  }
  return home;
}

async function directoryProblem(fs: ConfigFs, path: string): Promise<string | null> {
  try {
    const facts = await fs.stat(path);
    return facts === null || facts.isDirectory() ? null : "is not a directory";
  } catch (error) {
    if (errnoOf(error) === "ENOTDIR") return "lies below something that is not a directory";
    return isAbsence(error) ? null : `cannot be read (${errnoOf(error) || String(error)})`;
  }
}
