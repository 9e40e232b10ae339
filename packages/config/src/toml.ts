import { isUtf8 } from "node:buffer";
import type { Table } from "./table.ts";

/** A parsed document, or where and why it could not be parsed. Lines and columns start at 1. */
export type TomlResult =
  | { ok: true; table: Table }
  | { ok: false; message: string; line: number; column: number; lineText: string };

const NESTING_LIMIT = 64;
const LINE_TEXT_LIMIT = 120;
const SECRET_LINE = /token|secret|password|passwd|authorization|api_?-?key|header/i;

/** Parses TOML. The parser is loaded on first use: a start without any configuration file does not pay for it. */
export async function parseToml(source: string): Promise<TomlResult> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return { ok: true, table: parse(source, { maxDepth: NESTING_LIMIT }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const line = error instanceof TomlError ? error.line : 1;
    return {
      ok: false,
      message: (reason.split("\n")[0] ?? reason).replace(/^Invalid TOML document: /, ""),
      line,
      column: error instanceof TomlError ? error.column : 1,
      lineText: quoteLine(source.split(/\r?\n/)[line - 1] ?? ""),
    };
  }
}

/** Decodes a file as UTF-8 without a byte order mark; null when it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  // A fatal TextDecoder says the same and takes a millisecond to set up.
  if (!isUtf8(bytes)) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** The line as it may be shown: bounded, without control characters, without what looks like a credential. */
function quoteLine(line: string): string {
  const shown = SECRET_LINE.test(line) ? line.replace(/=.*$/s, "= (hidden)") : line;
  const clean = shown.replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd").trim();
  return clean.length > LINE_TEXT_LIMIT ? `${clean.slice(0, LINE_TEXT_LIMIT)}…` : clean;
}
