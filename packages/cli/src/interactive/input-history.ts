import fs from "node:fs";
import path from "node:path";
import type { InputHistory } from "@quire/tui";
import type { System } from "../system.ts";

const MOST_KEPT = 1000;
/** The end of the file that is read: thousands of inputs. */
const READ_BYTES = 1024 * 1024;

/** Inputs of earlier runs in `history.jsonl` of the home, a line each: `{"ts": seconds, "text": …}`. */
export function inputHistory(home: string, { now }: Pick<System, "now">): InputHistory {
  const file = path.join(home, "history.jsonl");
  return {
    read: () => {
      const texts = readEnd(file).split("\n").flatMap(textOf).slice(-MOST_KEPT).reverse();
      return [...new Set(texts)];
    },
    append(text) {
      fs.mkdirSync(home, { recursive: true, mode: 0o700 });
      fs.appendFileSync(file, `${JSON.stringify({ ts: Math.floor(now() / 1000), text })}\n`, { mode: 0o600 });
    },
  };
}

function readEnd(file: string): string {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, "r");
  } catch {
    // No history yet, or one that we may not read: it begins anew.
    return "";
  }
  try {
    const { size } = fs.fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, READ_BYTES));
    fs.readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8");
  } finally {
    fs.closeSync(descriptor);
  }
}

function textOf(line: string): string[] {
  try {
    const entry: unknown = JSON.parse(line);
    const text = typeof entry === "object" && entry !== null && "text" in entry ? entry.text : null;
    return typeof text === "string" && text !== "" ? [text] : [];
  } catch {
    // The first line may be cut, and the last one torn.
    return [];
  }
}
