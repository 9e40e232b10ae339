import fs from "node:fs";
import path from "node:path";
import { CodedError } from "@quire/protocol";

/** Where `quire login` keeps a key. The form is the one that Codex uses, so that either can read the other's. */
export function storedKeyFile(home: string): string {
  return path.join(home, "auth.json");
}

/** The stored API key, or null. Fails with `config_invalid` when the file is there and cannot be used. */
export function readStoredKey(home: string): string | null {
  const file = storedKeyFile(home);
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw unusable(file, "cannot be read", cause);
  }
  try {
    const value: unknown = JSON.parse(text);
    const key = typeof value === "object" && value !== null ? Reflect.get(value, "OPENAI_API_KEY") : null;
    return typeof key === "string" && key !== "" ? key : null;
  } catch (cause) {
    // The parser's own message quotes the text, which may be a key.
    throw unusable(file, "is not JSON", cause instanceof Error ? cause.name : undefined);
  }
}

/** Keeps a key, readable by its owner only. */
export function writeStoredKey(home: string, key: string): void {
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  const file = storedKeyFile(home);
  const staged = `${file}.new`;
  fs.rmSync(staged, { force: true });
  const text = `${JSON.stringify({ auth_mode: "apikey", OPENAI_API_KEY: key }, null, 2)}\n`;
  fs.writeFileSync(staged, text, { mode: 0o600, flag: "wx" });
  fs.renameSync(staged, file);
}

/** Removes the stored key; false when there was none. */
export function removeStoredKey(home: string): boolean {
  const file = storedKeyFile(home);
  if (!fs.existsSync(file)) return false;
  fs.rmSync(file);
  return true;
}

function unusable(file: string, what: string, cause: unknown): CodedError {
  return new CodedError("config_invalid", `the stored key ${file} ${what}`, {
    cause,
    nextStep: "Remove it with quire logout, then log in again.",
  });
}
