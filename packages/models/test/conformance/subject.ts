import type { ScriptedServer, ScriptOptions, Step } from "@quire/test-support";
import type { ClientDeps, EndpointOptions } from "../../src/endpoint.ts";
import type { ModelClient } from "../../src/model-client.ts";
import { processDeps } from "../process-deps.ts";

/** What a provider brings so that the same cases can be run against it. */
export interface ConformanceSubject {
  createClient: (options: EndpointOptions, deps: ClientDeps) => ModelClient;
  startServer: (steps: readonly Step[], options?: ScriptOptions) => Promise<ScriptedServer>;
  /** Whether the wire API has tools, images, schemas and a history; the completions have only text. */
  conversations: boolean;
  /** Whether reasoning and freeform calls come over this wire API as what they are. */
  reasoning: boolean;
  freeformTools: boolean;
  /** Whether reaching the output limit is a failure. */
  limitIsFailure: boolean;
  /** The JSON body of an error as this wire API words it. */
  errorBody: (code: string, message: string) => string;
  /** The name of the header that carries the key, and its value. */
  keyHeader: (key: string) => readonly [name: string, value: string];
}

export const SECRET = "sk-conformance-0123456789";
export const CANCEL_MS = 3_000;

export interface Running extends AsyncDisposable {
  server: ScriptedServer;
  client: ModelClient;
  /** Milliseconds that were waited between tries. */
  waits: number[];
  notes: string[];
}

export type Start = (
  steps: readonly Step[],
  options?: Partial<EndpointOptions>,
  script?: ScriptOptions,
) => Promise<Running>;

/** Waits are recorded instead of waited, so that a test of backoff takes no time. */
export function starter(subject: ConformanceSubject): Start {
  return async (steps, options = {}, script) => {
    const server = await subject.startServer(steps, script);
    const waits: number[] = [];
    const notes: string[] = [];
    const sleep: ClientDeps["sleep"] = async (ms) => {
      waits.push(ms);
    };
    const client = subject.createClient(
      {
        provider: "under-test",
        baseUrl: server.url,
        auth: { kind: "bearer", token: SECRET, source: "the environment variable TEST_KEY" },
        ...options,
      },
      processDeps({ sleep, note: (text) => notes.push(text) }),
    );
    return {
      server,
      client,
      waits,
      notes,
      async [Symbol.asyncDispose]() {
        client.close();
        await server.close();
      },
    };
  };
}
