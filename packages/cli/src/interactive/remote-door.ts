import fs from "node:fs";
import path from "node:path";
import { isLoopback } from "@quire/app-server/transports";
import { connectLasting, type LastingClient } from "@quire/client/lasting";
import { socketChannel, webSocketChannel } from "@quire/client/node";
import { CodedError } from "@quire/protocol";
import type { InitializeParams } from "@quire/protocol/app-server";
import { longEnough, readToken } from "../app-server/web-socket-token.ts";
import type { EngineBase } from "../engine/thread-config.ts";
import type { RemoteArguments } from "./arguments.ts";

/** Where an app-server listens. */
type Address =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "webSocket";
      readonly url: string;
      readonly isPrivate: boolean;
      readonly isOwn: boolean;
    };

const USUAL_VARIABLE = "QUIRE_APP_SERVER_TOKEN";

/** An app-server elsewhere, with a connection that is made again when it is lost. */
export async function openRemoteDoor(
  remote: RemoteArguments,
  params: InitializeParams,
  { system, home }: Pick<EngineBase, "system" | "home">,
): Promise<{ client: LastingClient; connection: LastingClient; close(): Promise<void> }> {
  const address = addressOf(remote.address, system.cwd);
  const token = address.kind === "unix" ? null : tokenOf(remote, address, { system, home });
  const client = await connectLasting({
    connect: (signal) =>
      address.kind === "unix"
        ? socketChannel(address.path, signal)
        : webSocketChannel({ url: address.url, token, signal }),
    initialize: { ...params, capabilities: { ...params.capabilities, quireItems: true } },
    clock: {
      now: system.now,
      after(ms, call) {
        const timer = setTimeout(call, ms);
        return () => clearTimeout(timer);
      },
    },
  });
  return { client, connection: client, close: async () => client.close() };
}

function addressOf(text: string, cwd: string): Address {
  const unix = /^unix:\/\/(.+)$/.exec(text)?.[1];
  if (unix !== undefined) return { kind: "unix", path: path.resolve(cwd, unix) };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === "ws:" || url.protocol === "wss:") && url.username === "") {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const isOwn = isLoopback(host);
    return { kind: "webSocket", url: text, isPrivate: url.protocol === "wss:" || isOwn, isOwn };
  }
  throw new CodedError("usage_invalid", `${JSON.stringify(text)} is no address of an app-server`, {
    nextStep: "Give ws://HOST:PORT, wss://HOST:PORT or unix:///path/to/socket.",
  });
}

/** Null where there is none. A token is never sent where others could read it on its way. */
function tokenOf(
  { tokenFile, tokenVariable, address: text }: RemoteArguments,
  { isPrivate, isOwn }: Extract<Address, { kind: "webSocket" }>,
  { system, home }: Pick<EngineBase, "system" | "home">,
): string | null {
  if (!isPrivate) {
    throw new CodedError("usage_invalid", `${text} would carry the token in the clear`, {
      nextStep: "Use wss://, or a tunnel to the same port: ssh -L PORT:127.0.0.1:PORT HOST.",
    });
  }
  if (tokenFile !== null) return readToken(path.resolve(system.cwd, tokenFile));
  const variable = tokenVariable ?? USUAL_VARIABLE;
  const value = system.env[variable];
  if (value) return longEnough(value, variable);
  if (tokenVariable !== null) {
    throw new CodedError("usage_invalid", `the environment variable ${tokenVariable} is not set`);
  }
  // A server of this machine left its own there.
  const own = path.join(home, "app-server-token");
  return isOwn && fs.existsSync(own) ? readToken(own) : null;
}
