import fs from "node:fs";
import {
  type RolloutRecord,
  RolloutRecordSchema,
  type SessionMeta,
  type TurnContextRecord,
  type UserInput,
} from "@quire/protocol";
import { isContextMessage } from "../context/session-context.ts";

/** What a list of threads shows, read from both ends of a file. */
export interface ThreadSummary {
  id: string;
  path: string;
  /** Null when the first line is damaged. */
  meta: SessionMeta | null;
  /** The first words of the first message. */
  preview: string;
  lastTurnContext: TurnContextRecord | null;
  createdMs: number;
  modifiedMs: number;
}

const HEAD_BYTES = 256 * 1024;
const TAIL_BYTES = 64 * 1024;
const PREVIEW_CHARACTERS = 200;

/** Costs two reads however long the thread is; null when the file is gone. */
export function summarizeThread(file: { id: string; path: string }): ThreadSummary | null {
  let fd: number;
  try {
    fd = fs.openSync(file.path, "r");
  } catch {
    // Archived or deleted since it was listed.
    return null;
  }
  try {
    const stat = fs.fstatSync(fd);
    const head = wholeLines(readAt(fd, 0, Math.min(stat.size, HEAD_BYTES)), false);
    const from = Math.max(0, stat.size - TAIL_BYTES);
    const tail = from === 0 ? head : wholeLines(readAt(fd, from, stat.size - from), true);
    const meta =
      head.flatMap((record) => (record.type === "session_meta" ? [record.payload] : []))[0] ?? null;
    return {
      ...file,
      meta,
      preview: previewOf(head),
      lastTurnContext: lastContext(tail) ?? lastContext(head),
      createdMs: createdMs(meta, stat.birthtimeMs),
      modifiedMs: stat.mtimeMs,
    };
  } finally {
    fs.closeSync(fd);
  }
}

function createdMs(meta: SessionMeta | null, otherwise: number): number {
  const parsed = meta === null ? Number.NaN : Date.parse(meta.timestamp);
  return Number.isNaN(parsed) ? otherwise : parsed;
}

function readAt(fd: number, position: number, length: number): string {
  const buffer = Buffer.alloc(length);
  const read = fs.readSync(fd, buffer, 0, length, position);
  return buffer.toString("utf8", 0, read);
}

/** Lines that this version understands; the cut ones at the ends are passed over. */
function wholeLines(text: string, skipFirst: boolean): RolloutRecord[] {
  const lines = text.split("\n");
  return lines.slice(skipFirst ? 1 : 0).flatMap((line) => {
    try {
      const record = RolloutRecordSchema.safeParse(JSON.parse(line));
      return record.success ? [record.data] : [];
    } catch {
      // Cut by the window, torn by a crash, or empty.
      return [];
    }
  });
}

function lastContext(records: readonly RolloutRecord[]): TurnContextRecord | null {
  return records.flatMap((record) => (record.type === "turn_context" ? [record.payload] : [])).at(-1) ?? null;
}

function previewOf(records: readonly RolloutRecord[]): string {
  for (const record of records) {
    if (record.type === "event_msg" && record.payload.type === "item_completed") {
      const { item } = record.payload;
      if (item.type === "userMessage") return shorten(item.content.map(textOf).join(" "));
    }
    if (record.type === "response_item" && record.payload.type === "message") {
      const message = record.payload;
      if (message.role !== "user" || isContextMessage(message)) continue;
      const text = message.content.map((part) => ("text" in part ? part.text : "")).join(" ");
      if (text.trim() !== "") return shorten(text);
    }
  }
  return "";
}

function textOf(input: UserInput): string {
  return input.type === "text" ? input.text : "[image]";
}

function shorten(text: string): string {
  const line = text.trim();
  return line.length > PREVIEW_CHARACTERS ? `${line.slice(0, PREVIEW_CHARACTERS)}…` : line;
}
