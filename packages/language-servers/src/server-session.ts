import { pathToFileURL } from "node:url";
import * as z from "zod/mini";
import { type Diagnostic, InitializedSchema, PublishedSchema, PulledSchema } from "./messages.ts";
import { connectServer, type ServerConnection } from "./server-connection.ts";
import type { ServerProcess } from "./server-process.ts";

/** How long nothing new must come before what a server published counts as all of it: they say it in pieces. */
const QUIET_MS = 250;
/** Findings of one file that are looked at. */
const MOST_FINDINGS = 2000;
/** Other files that a server may have something to say of. */
const MOST_FILES = 2000;

/** One initialised server and the files that are open in it. */
export interface ServerSession {
  /** Makes the server hold this text; its findings, or null when they did not come before the signal fired. */
  findings(file: OpenFile, signal: AbortSignal): Promise<readonly Diagnostic[] | null>;
  /** Says that a file is gone. */
  forget(path: string): void;
  readonly connection: ServerConnection;
}

export interface OpenFile {
  /** Absolute. */
  path: string;
  languageId: string;
  text: string;
}

interface Published {
  /** Null where the server does not say it. */
  version: number | null;
  findings: readonly Diagnostic[];
}

/** Initialises a server; null when it gave no usable answer before the signal fired. */
export async function openSession(
  process: ServerProcess,
  root: string,
  signal: AbortSignal,
): Promise<ServerSession | null> {
  const published = new Map<string, Published>();
  const listeners = new Set<(uri: string) => void>();
  const connection = connectServer(process, (method, params) => {
    if (method !== "textDocument/publishDiagnostics") return;
    const { success, data } = z.safeParse(PublishedSchema, params);
    if (!success) return;
    if (published.size >= MOST_FILES && !published.has(data.uri)) return;
    published.set(data.uri, {
      version: data.version ?? null,
      findings: data.diagnostics.slice(0, MOST_FINDINGS),
    });
    for (const listener of [...listeners]) listener(data.uri);
  });
  const answer = await connection.request("initialize", initializeParams(root), signal);
  const initialized = z.safeParse(InitializedSchema, answer);
  if (!initialized.success) return null;
  connection.notify("initialized", {});
  const pulls = initialized.data.capabilities.diagnosticProvider !== undefined;
  const versions = new Map<string, { version: number; text: string }>();

  const hold = ({ path, languageId, text }: OpenFile): { uri: string; version: number } => {
    const uri = pathToFileURL(path).href;
    const known = versions.get(uri);
    if (known?.text === text) return { uri, version: known.version };
    const version = (known?.version ?? 0) + 1;
    versions.set(uri, { version, text });
    published.delete(uri);
    connection.refill();
    if (known === undefined) {
      connection.notify("textDocument/didOpen", { textDocument: { uri, languageId, version, text } });
    } else {
      connection.notify("textDocument/didChange", {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      });
    }
    return { uri, version };
  };

  return {
    connection,
    async findings(file, stop) {
      const { uri, version } = hold(file);
      if (!pulls) return pushed(uri, version, { published, listeners, over: connection.over }, stop);
      const pulled = await connection.request("textDocument/diagnostic", { textDocument: { uri } }, stop);
      const { success, data } = z.safeParse(PulledSchema, pulled);
      return success ? data.items.slice(0, MOST_FINDINGS) : null;
    },
    forget(path) {
      const uri = pathToFileURL(path).href;
      if (!versions.delete(uri)) return;
      published.delete(uri);
      connection.notify("textDocument/didClose", { textDocument: { uri } });
    },
  };
}

interface Pushing {
  published: ReadonlyMap<string, Published>;
  listeners: Set<(uri: string) => void>;
  over: Promise<string>;
}

/** Waits until the server has said something of this version, and then nothing more of it for a moment. */
function pushed(
  uri: string,
  version: number,
  { published, listeners, over }: Pushing,
  signal: AbortSignal,
): Promise<readonly Diagnostic[] | null> {
  return new Promise((resolve) => {
    let quiet: ReturnType<typeof setTimeout> | undefined;
    const answer = () => {
      const known = published.get(uri);
      return known !== undefined && (known.version === null || known.version >= version)
        ? known.findings
        : null;
    };
    const end = (findings: readonly Diagnostic[] | null): void => {
      clearTimeout(quiet);
      listeners.delete(listen);
      signal.removeEventListener("abort", stop);
      resolve(findings);
    };
    const stop = () => end(answer());
    const listen = (changed: string): void => {
      if (changed !== uri || answer() === null) return;
      clearTimeout(quiet);
      quiet = setTimeout(() => end(answer()), QUIET_MS);
    };
    if (signal.aborted) return stop();
    listeners.add(listen);
    signal.addEventListener("abort", stop, { once: true });
    void over.then(() => end(null));
    listen(uri);
  });
}

function initializeParams(root: string) {
  const uri = pathToFileURL(root).href;
  return {
    processId: null,
    clientInfo: { name: "quire" },
    rootUri: uri,
    rootPath: root,
    workspaceFolders: [{ uri, name: "workspace" }],
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: {
        synchronization: { dynamicRegistration: false },
        publishDiagnostics: { versionSupport: true },
        diagnostic: { dynamicRegistration: false },
      },
    },
  };
}
