import type { Socket } from "node:net";
import type { ProxyClient, ProxyContext } from "./proxy-context.ts";
import { joinSockets } from "./tunnel.ts";
import { connectUpstream } from "./upstream.ts";

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const NO_USABLE_METHOD = 0xff;
const CONNECT = 1;
const ADDRESS_TYPE = { ipv4: 1, name: 3, ipv6: 4 } as const;
const REPLY = { granted: 0, notAllowed: 2, unreachable: 4, badCommand: 7, badAddressType: 8 } as const;

/** Speaks SOCKS 5 to one command: CONNECT by name or address, without a password. Resolves when it is gone. */
export async function serveSocks(context: ProxyContext, client: ProxyClient): Promise<void> {
  const { socket } = client;
  const reader = new SocketReader(socket);
  const [, count = 0] = await reader.take(2);
  const methods = await reader.take(count);
  if (!methods.includes(NO_AUTHENTICATION)) return finish(socket, [VERSION, NO_USABLE_METHOD]);
  socket.write(Buffer.from([VERSION, NO_AUTHENTICATION]));
  const [version, command, , type] = await reader.take(4);
  if (version !== VERSION) return finish(socket, []);
  if (command !== CONNECT) return finish(socket, reply(REPLY.badCommand));
  const host = await readAddress(reader, type);
  if (host === undefined) return finish(socket, reply(REPLY.badAddressType));
  const port = Buffer.from(await reader.take(2)).readUInt16BE();
  client.headComplete();
  const { signal } = client;
  const answer = await context.gate.decide({ host, port, method: "socks5", origin: client.origin(), signal });
  if (answer.kind === "deny") {
    return finish(socket, reply(answer.cause === "unresolved" ? REPLY.unreachable : REPLY.notAllowed));
  }
  const { connectMs, idleMs } = context.limits;
  let upstream: Socket;
  try {
    upstream = await connectUpstream({ ...answer, connectMs }, client.signal);
  } catch {
    // The protocol has no words for why.
    return finish(socket, reply(REPLY.unreachable));
  }
  socket.write(reply(REPLY.granted));
  await joinSockets(socket, upstream, { idleMs, traffic: client.traffic });
}

async function readAddress(reader: SocketReader, type: number | undefined): Promise<string | undefined> {
  if (type === ADDRESS_TYPE.ipv4) return [...(await reader.take(4))].join(".");
  if (type === ADDRESS_TYPE.ipv6) {
    const groups =
      Buffer.from(await reader.take(16))
        .toString("hex")
        .match(/.{4}/g) ?? [];
    return groups.join(":");
  }
  if (type !== ADDRESS_TYPE.name) return undefined;
  const [length = 0] = await reader.take(1);
  return Buffer.from(await reader.take(length)).toString("latin1");
}

/** The bound address is of no use to anyone here, so it is left zero. */
function reply(code: number): Buffer {
  return Buffer.from([VERSION, code, 0, ADDRESS_TYPE.ipv4, 0, 0, 0, 0, 0, 0]);
}

function finish(socket: Socket, last: Uint8Array | readonly number[]): void {
  socket.end(Buffer.from(last));
}

/** Takes exact numbers of bytes from a paused socket and leaves the rest in it. */
class SocketReader {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Rejects when the connection ends first. */
  take(count: number): Promise<Uint8Array> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const bytes: Buffer | null = count === 0 ? Buffer.alloc(0) : socket.read(count);
        if (bytes?.length === count) settle(() => resolve(bytes));
        // At its end a stream hands out what is left, though it is less.
        else if (bytes !== null || socket.readableEnded || socket.destroyed) ended();
      };
      const ended = () => settle(() => reject(new Error("the connection ended early")));
      const settle = (then: () => void) => {
        socket.off("readable", attempt);
        socket.off("end", ended);
        socket.off("close", ended);
        then();
      };
      socket.on("readable", attempt);
      socket.on("end", ended);
      socket.on("close", ended);
      attempt();
    });
  }
}
