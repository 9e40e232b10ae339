import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { CodedError } from "@quire/protocol";
import type { AcceptChannel } from "../channel.ts";
import { serveByteStream } from "./byte-stream.ts";

export interface Listening {
  /** What to tell the user: where clients connect. */
  readonly address: string;
  /** Stops listening and ends every connection. May be called twice. */
  close(): Promise<void>;
}

/**
 * Listens on a unix socket that only this user can open. A socket that nobody listens on any more is replaced; one that
 * is in use makes this fail with `usage_invalid`.
 */
export async function listenUnix(socketPath: string, accept: AcceptChannel): Promise<Listening> {
  fs.mkdirSync(path.dirname(socketPath), { recursive: true, mode: 0o700 });
  await removeStaleSocket(socketPath);
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    void serveByteStream({ input: socket, output: socket, accept, end: () => socket.destroy() }).then(() =>
      sockets.delete(socket),
    );
  });
  await listen(server, socketPath);
  let closing: Promise<void> | null = null;
  return {
    address: `unix://${socketPath}`,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      return closing;
    },
  };
}

/** The file is made with the rights it is to have: between making and changing it somebody could connect. */
function listen(server: net.Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const umask = process.umask(0o177);
    server.once("error", reject);
    server.listen(socketPath, () => {
      server.off("error", reject);
      resolve();
    });
    process.umask(umask);
  });
}

async function removeStaleSocket(socketPath: string): Promise<void> {
  const stat = fs.lstatSync(socketPath, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) {
    throw new CodedError("usage_invalid", `${socketPath} exists and is not a socket`, {
      nextStep: "Give another path, or remove the file yourself.",
    });
  }
  if (await answers(socketPath)) {
    throw new CodedError("usage_invalid", `another server listens on ${socketPath}`, {
      nextStep: "Connect to it, or give another path.",
    });
  }
  fs.rmSync(socketPath, { force: true });
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(socketPath);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}
