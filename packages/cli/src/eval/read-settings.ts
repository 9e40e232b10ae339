import fs from "node:fs";
import { parseToml } from "@quire/config";
import { CodedError } from "@quire/protocol";

/** A TOML file of settings. Fails with `config_invalid`, naming the line. */
export async function readSettings(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("usage_invalid", `the settings cannot be read: ${reason}`, { cause });
  }
  const result = await parseToml(text);
  if (result.ok) return { ...result.table };
  throw new CodedError("config_invalid", `${file}:${result.line}: ${result.message}`);
}
