import { connectInProcess, createAppServer } from "@quire/app-server";
import { type Client, ClientError, createClient } from "@quire/client";
import { CodedError, ErrorCodeSchema } from "@quire/protocol";
import type { InitializeParams } from "@quire/protocol/app-server";
import { createEngine } from "./engine.ts";
import type { EngineBase } from "./thread-config.ts";

/** An app-server in this process with one client in front of it. */
export interface LocalDoor {
  readonly client: Client;
  /** Ends turns and threads. May be called twice. */
  close(): Promise<void>;
}

/** Front ends of this process use the same methods and notifications as every other client. */
export async function openLocalDoor(base: EngineBase, params: InitializeParams): Promise<LocalDoor> {
  const server = createAppServer(createEngine(base));
  const client = createClient(connectInProcess(server.accept));
  await client.initialize({ ...params, capabilities: { ...params.capabilities, quireItems: true } });
  return {
    client,
    async close() {
      await server.close();
      client.close();
    },
  };
}

/** A refusal of the door as the error that it was behind it, so that it is shown as any other. */
export function asCodedError(thrown: unknown): unknown {
  if (!(thrown instanceof ClientError)) return thrown;
  const code = ErrorCodeSchema.safeParse(thrown.code);
  return new CodedError(code.success ? code.data : "internal", thrown.message, {
    retryable: thrown.retryable,
    cause: thrown,
    ...(thrown.nextStep === null ? {} : { nextStep: thrown.nextStep }),
    ...(thrown.details === null ? {} : { details: thrown.details }),
  });
}
