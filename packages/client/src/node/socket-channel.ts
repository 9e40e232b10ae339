import net from "node:net";
import { ClientError } from "../client-error.ts";
import type { MessageChannel, MessageListener } from "../message-channel.ts";
import { frameSplitter } from "./frame-splitter.ts";

/** Connects to an app-server on a unix socket: a frame a line. Fails with `connection_failed`. */
export function socketChannel(path: string, signal: AbortSignal): Promise<MessageChannel> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path, signal });
    const refused = (cause: Error) =>
      reject(
        new ClientError("connection_failed", `no app-server answers on ${path}: ${cause.message}`, { cause }),
      );
    socket.once("error", refused);
    socket.once("connect", () => {
      socket.off("error", refused);
      resolve(channelOf(socket));
    });
  });
}

function channelOf(socket: net.Socket): MessageChannel {
  let listener: MessageListener | null = null;
  let reason: string | null = null;
  const split = frameSplitter((line) => listener?.frame(line));
  socket.setEncoding("utf8");
  socket.on("data", (text) => split(String(text)));
  socket.on("error", (cause) => {
    reason = cause.message;
  });
  socket.on("close", () => listener?.closed(reason ?? "the server ended it"));
  return {
    listen(next) {
      listener = next;
    },
    send(frame) {
      if (socket.writable) socket.write(`${frame}\n`);
    },
    close: () => socket.destroy(),
  };
}
