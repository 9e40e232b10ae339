import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "@quire/protocol";
import { realFs } from "./config-fs.ts";
import { findProjectRoot } from "./project-root.ts";
import { editToml } from "./toml-edit.ts";
import type { TomlValue } from "./toml-value.ts";
import type { TrustLevel } from "./trust.ts";
import { forgetTrust, recordTrust } from "./trust-record.ts";
import { readTrustableFiles } from "./trusted-content.ts";
import { rewriteFile } from "./write-file-atomically.ts";

/**
 * Sets one value in a configuration file, or removes it when `value` is null. Comments and order stay. The file is
 * made when it is missing, replaced in one step, and readable by its owner only.
 * @throws CodedError `config_invalid` when the file is broken or cannot be edited in place
 */
export async function setConfigValue(
  path: string,
  keyPath: readonly string[],
  value: TomlValue | null,
  signal?: AbortSignal,
): Promise<void> {
  if (keyPath.length === 0 || keyPath.includes("__proto__")) {
    throw new CodedError("config_invalid", `${path} was not changed: the key is empty or not allowed.`);
  }
  try {
    await rewriteFile(path, (text) => editToml(text ?? "", keyPath, value), signal);
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "config_invalid") throw error;
    const { next_step: nextStep } = error.info;
    const options = { cause: error, ...(nextStep === undefined ? {} : { nextStep }) };
    throw new CodedError("config_invalid", `${path} was not changed. ${error.message}`, options);
  }
}

/**
 * Notes in the user's file that the project around `cwd` is trusted or not, and in `trust.json` what its files hold
 * now: what changes later has no effect until it is trusted again. Returns the real path that was noted: the
 * project's root, or `cwd` where there is none.
 * @throws CodedError as `setConfigValue`
 */
export async function persistTrust(input: {
  home: string;
  cwd: string;
  rootMarkers: readonly string[];
  level: TrustLevel;
  signal?: AbortSignal;
}): Promise<string> {
  const cwd = await realpath(input.cwd);
  const root = (await findProjectRoot(cwd, input.rootMarkers, realFs)) ?? cwd;
  const key = ["projects", root, "trust_level"];
  if (input.level === "trusted") {
    await recordTrust(input.home, root, await readTrustableFiles(root, cwd, realFs), input.signal);
  } else {
    await forgetTrust(input.home, root, input.signal);
  }
  await setConfigValue(join(input.home, "config.toml"), key, input.level, input.signal);
  return root;
}
