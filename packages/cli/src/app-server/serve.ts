import path from "node:path";
import { type AppServer, createAppServer } from "@quire/app-server";
import {
  isLoopback,
  type Listening,
  listenUnix,
  listenWebSocket,
  serveByteStream,
} from "@quire/app-server/transports";
import { resolveHome } from "@quire/config";
import { CodedError } from "@quire/protocol";
import { createEngine } from "../engine/engine.ts";
import { serverBase } from "../engine/thread-config.ts";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { webSocketToken } from "./web-socket-token.ts";

export interface ServeRequest {
  listen: string;
  tokenFile: string | null;
  origins: readonly string[];
  overrides: readonly string[];
}

/** Serves until the client of stdio leaves, or until a signal comes. */
export async function serve(request: ServeRequest, system: System): Promise<number> {
  const home = await resolveHome(system.env, system.homeDir);
  const server = createAppServer(createEngine(serverBase({ system, home, overrides: request.overrides })));
  const stopped = nextSignal(system);
  try {
    if (request.listen === "stdio://") await Promise.race([serveStdio(server, system), stopped.signal]);
    else {
      const listening = await listen(request, server, system, home);
      system.stderr.write(`listening on ${listening.address}\n`);
      await stopped.signal;
      await listening.close();
    }
    return EXIT.done;
  } finally {
    stopped.cancel();
    await server.close();
  }
}

function serveStdio(server: AppServer, system: System): Promise<void> {
  const { stdin, stdout } = system;
  return serveByteStream({
    input: stdin,
    output: stdout,
    accept: server.accept,
    end: () => stdin.destroy(),
  });
}

async function listen(
  request: ServeRequest,
  server: AppServer,
  system: System,
  home: string,
): Promise<Listening> {
  const unix = /^unix:\/\/(.+)$/.exec(request.listen)?.[1];
  if (unix !== undefined) return listenUnix(path.resolve(system.cwd, unix), server.accept);
  const [, bracketed, plain, port] =
    /^ws:\/\/(?:\[([^\]]+)\]|([^:/]+)):(\d{1,5})\/?$/.exec(request.listen) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65535) {
    throw new CodedError("usage_invalid", `cannot listen on ${JSON.stringify(request.listen)}`, {
      nextStep: "Give stdio://, unix:///path/to/socket or ws://127.0.0.1:PORT.",
    });
  }
  const token = webSocketToken({ file: request.tokenFile, home, mayCreate: isLoopback(host) }, system);
  if (token.createdFile !== null) system.stderr.write(`the token for clients is in ${token.createdFile}\n`);
  const { accept } = server;
  return listenWebSocket({ host, port: Number(port), token: token.value, origins: request.origins, accept });
}

function nextSignal(system: System): { signal: Promise<void>; cancel: () => void } {
  let cancel = () => {};
  const signal = new Promise<void>((resolve) => {
    cancel = system.onStop(() => resolve());
  });
  return { signal, cancel };
}
