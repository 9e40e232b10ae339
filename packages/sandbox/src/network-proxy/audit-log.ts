import { closeSync, constants, fchmodSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import type { ProxyDecision } from "./gate.ts";

export interface AuditLogOptions {
  /** Absolute; made with mode 0600 in a folder that exists. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The file is put aside as `FILE.1` before it grows beyond this; the one put aside before goes away. 4 MiB unless given. */
  readonly maxBytes?: number;
}

/** What a decision is about, beside what the proxy knows. */
export interface AuditContext {
  readonly thread?: string;
  /** The item of the command in the thread's log. */
  readonly item?: string | null;
}

/** Decisions as JSON lines. Holds at most twice `maxBytes` on disk. */
export interface AuditLog {
  /** Throws when the line could not be written whole. */
  write(decision: ProxyDecision, context?: AuditContext): void;
  /** May be called twice. */
  close(): void;
}

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/** Opens the file at the first line. Never follows a link that lies in its place. */
export function createAuditLog(options: AuditLogOptions): AuditLog {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  let descriptor: number | undefined;
  let size = 0;
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  const open = (): number => {
    const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
    const opened = openSync(options.file, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
    fchmodSync(opened, 0o600);
    size = fstatSync(opened).size;
    descriptor = opened;
    return opened;
  };
  return {
    write(decision, context = {}) {
      const line = `${JSON.stringify({ time: new Date(options.now()).toISOString(), ...context, ...decision })}\n`;
      let target = descriptor ?? open();
      if (size > 0 && size + Buffer.byteLength(line) > maxBytes) {
        close();
        renameSync(options.file, `${options.file}.1`);
        target = open();
      }
      const written = writeSync(target, line);
      size += written;
      if (written !== Buffer.byteLength(line))
        throw new Error(`${options.file}: the disk took only part of a line`);
    },
    close,
  };
}
