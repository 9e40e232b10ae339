import type { Client } from "@modelcontextprotocol/client";
import { type AskPerson, answerElicitations, askNobody, wentToAddresses } from "./elicitation.ts";
import { addressProblem, httpTransport } from "./http-transport.ts";
import type { OpenCalls } from "./open-calls.ts";
import { answerSampling, type Sample } from "./sampling.ts";
import { ServerLog } from "./server-log.ts";
import type { McpServerOffer, McpServerOptions } from "./server-options.ts";
import type { SpawnServer } from "./server-process.ts";
import type { McpServerFacts, McpServerState } from "./server-state.ts";
import { StdioTransport } from "./stdio-transport.ts";

export interface ConnectDeps {
  readonly spawn: SpawnServer;
  /** What we tell servers of ourselves. */
  readonly client: { readonly name: string; readonly version: string };
  /** Milliseconds of a monotonic clock. */
  readonly monotonicMs: () => number;
  /** Asks a person what a server wants to know. Without it every such question is declined. */
  readonly askPerson?: AskPerson;
  /** Answers for a model, for servers with the option `sampling`; without it they are refused. */
  readonly sample?: Sample;
  /** Told when a server without that option asked for a model's answer, which was refused. */
  readonly onSamplingRefused?: (server: string) => void;
  /** Called whenever what a server is doing has changed. */
  readonly onState?: (server: string, state: McpServerState) => void;
  /** Called whenever a server's tools were read. */
  readonly onTools?: (server: string, offer: McpServerOffer) => void;
}

export interface ConnectHooks {
  /** Ends the attempt, and nothing after it. */
  readonly signal: AbortSignal;
  readonly onEnd: (connection: Connection) => void;
  readonly onToolsChanged: () => void;
  /** Whose time stands still while a person is asked. */
  readonly calls: OpenCalls;
}

/** A server that has been greeted. Whoever gets it closes it. */
export interface Connection {
  readonly client: Client;
  facts(): McpServerFacts;
  /** Why its process ended; null while it runs, and for a server that is no process of ours. */
  reason(): string | null;
  /** What the server printed last, worded as the end of a message; empty when that was nothing. */
  diagnostics(): string;
  /** What a thrown error is. The library's classes are known only once it is loaded. */
  kindOf(thrown: unknown): "timeout" | "rejection" | "other";
  /** Whether an error said that a person has to go to addresses first, and the person did. */
  overcome(thrown: unknown, signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

export type ConnectOutcome =
  | { readonly kind: "connected"; readonly connection: Connection }
  | { readonly kind: "failed"; readonly message: string; readonly needsSignIn?: boolean };

type Library = typeof import("@modelcontextprotocol/client");
type AnyTransport = StdioTransport | ReturnType<typeof httpTransport>;

/** The revision of the protocol that has no greeting. A server that knows only that one refuses to be greeted. */
const UNGREETED = "2026-07-28";

/**
 * Starts a server and greets it; one that refuses the greeting is started once more and spoken to without. A failure is an
 * answer; nothing of the attempt is left running then.
 */
export async function connect(
  options: McpServerOptions,
  deps: ConnectDeps,
  hooks: ConnectHooks,
): Promise<ConnectOutcome> {
  const library = await import("@modelcontextprotocol/client");
  const greeted = await attempt(options, deps, hooks, library, null);
  if (greeted.kind === "connected" || !greeted.refusedGreeting) return greeted;
  const other = await attempt(options, deps, hooks, library, UNGREETED);
  return other.kind === "connected" ? other : greeted;
}

type Attempt =
  | Extract<ConnectOutcome, { kind: "connected" }>
  | (Extract<ConnectOutcome, { kind: "failed" }> & { readonly refusedGreeting?: boolean });

/** `revision`: the only one to speak; null greets the server and takes what it offers. */
async function attempt(
  options: McpServerOptions,
  deps: ConnectDeps,
  hooks: ConnectHooks,
  library: Library,
  revision: string | null,
): Promise<Attempt> {
  let needsSignIn = false;
  const opened = await openTransport(options, deps, library, () => {
    needsSignIn = true;
  });
  if (opened.kind === "failed") return opened;
  const connection = connectionOver(options, opened.transport, deps, hooks, library, revision);
  try {
    await connection.client.connect(opened.transport, { signal: hooks.signal });
    return { kind: "connected", connection };
  } catch (thrown) {
    const why = messageOf(thrown, connection, hooks.signal);
    await connection.close();
    const refusedGreeting = !needsSignIn && !hooks.signal.aborted && isRefusal(thrown, library);
    return { kind: "failed", message: `${why}${connection.diagnostics()}`, needsSignIn, refusedGreeting };
  }
}

/** Whether the server answered, and said no. */
function isRefusal(thrown: unknown, { ProtocolError, SdkHttpError }: Library): boolean {
  if (thrown instanceof SdkHttpError) return [400, 404, 405].includes(thrown.status ?? 0);
  return thrown instanceof ProtocolError;
}

function connectionOver(
  { id, sampling = false }: McpServerOptions,
  transport: AnyTransport,
  deps: ConnectDeps,
  hooks: ConnectHooks,
  library: Library,
  revision: string | null,
): Connection {
  const { Client, ProtocolError, SdkError, SdkErrorCode } = library;
  // No roots: what a server may see is what the sandbox shows it.
  const client = new Client(deps.client, {
    capabilities: { elicitation: { form: {}, url: {} }, ...(sampling ? { sampling: {} } : {}) },
    ...(revision === null ? {} : { versionNegotiation: { mode: { pin: revision } } }),
  });
  const log = new ServerLog();
  answerElicitations(client, id, deps.askPerson ?? askNobody, hooks.calls);
  const { sample = refuseSampling } = deps;
  const refuse = (code: number, message: string) => new ProtocolError(code, message);
  if (sampling) answerSampling(client, id, { sample, calls: hooks.calls, refuse });
  const stdio = transport instanceof StdioTransport ? transport : null;
  const connection: Connection = {
    client,
    facts() {
      const { name = "", version = "" } = client.getServerVersion() ?? {};
      return { name, version, capabilities: { ...client.getServerCapabilities() } };
    },
    reason: () => stdio?.reason ?? null,
    diagnostics: () => printed(`${log.text}${stdio?.diagnostics ?? ""}`),
    kindOf(thrown) {
      if (thrown instanceof SdkError && thrown.code === SdkErrorCode.RequestTimeout) return "timeout";
      return thrown instanceof ProtocolError ? "rejection" : "other";
    },
    async overcome(thrown, signal) {
      if (!(thrown instanceof ProtocolError) || thrown.code !== ADDRESS_FIRST) return false;
      const ask = deps.askPerson ?? askNobody;
      return wentToAddresses(thrown.data, { server: id, ask, calls: hooks.calls, signal });
    },
    async close() {
      await client.close();
      await transport.close();
    },
  };
  client.fallbackRequestHandler = refuseRequest(library, () => deps.onSamplingRefused?.(id));
  client.onclose = () => hooks.onEnd(connection);
  // A message that does not fit is the server's mistake; the request it was meant for, if any, runs into its timeout.
  client.onerror = () => undefined;
  client.setNotificationHandler("notifications/tools/list_changed", hooks.onToolsChanged);
  client.setNotificationHandler("notifications/message", ({ params }) => log.add(params.level, params.data));
  return connection;
}

const METHOD_NOT_FOUND = -32601;
/** A call needs a person to go to an address first. */
const ADDRESS_FIRST = -32042;

/** A server that asks for what it was not offered gets an answer that its author can act on. */
function refuseRequest(
  { ProtocolError }: Library,
  onSampling: () => void,
): (request: { method: string }) => Promise<never> {
  return async ({ method }) => {
    const isSampling = method === "sampling/createMessage";
    if (isSampling) onSampling();
    const why = isSampling
      ? "Quire does not answer requests for a model: the user has not let this server use theirs. Return the material, and the model of the thread reads it."
      : `Quire does not answer ${method.slice(0, 100)}; it did not offer to.`;
    throw new ProtocolError(METHOD_NOT_FOUND, why);
  };
}

const refuseSampling: Sample = async () => ({ kind: "refused", message: "There is no model to ask." });

type Opened = { kind: "opened"; transport: AnyTransport } | { kind: "failed"; message: string };

async function openTransport(
  { id, transport }: McpServerOptions,
  deps: ConnectDeps,
  library: Library,
  onUnauthorized: () => void,
): Promise<Opened> {
  if (transport.kind === "http") {
    const problem = addressProblem(transport.url);
    return problem === null
      ? {
          kind: "opened",
          transport: httpTransport(library.StreamableHTTPClientTransport, transport, onUnauthorized),
        }
      : { kind: "failed", message: problem };
  }
  const { argv, cwd, env } = transport;
  const spawned = await deps.spawn({ server: id, argv, cwd, env });
  if (spawned.kind === "failed") return spawned;
  return { kind: "opened", transport: new StdioTransport(spawned.process, library.deserializeMessage) };
}

/** What went wrong, in words; for an attempt that was given up, that no answer came. */
export function messageOf(thrown: unknown, connection: Connection, signal: AbortSignal): string {
  if (signal.aborted) return "it gave no answer";
  return connection.reason() ?? (thrown instanceof Error ? thrown.message : String(thrown));
}

const SHOWN_LINES = 4;

function printed(diagnostics: string): string {
  const lines = diagnostics.trim().split("\n").slice(-SHOWN_LINES);
  const text = lines.join("\n").slice(-600);
  return text === "" ? "" : `; it printed last: ${text}`;
}
