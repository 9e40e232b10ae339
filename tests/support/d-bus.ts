/**
 * Just enough of D-Bus for a test to be the bus and the service on it at once: the handshake, messages, and the values of a
 * signature (https://dbus.freedesktop.org/doc/dbus-specification.html). Little-endian only, like every client of ours.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Structs, arrays and dictionary entries are lists. */
export type DBusValue = number | string | boolean | DBusValue[] | Variant;

export class Variant {
  readonly type: string;
  readonly value: DBusValue;
  constructor(type: string, value: DBusValue) {
    this.type = type;
    this.value = value;
  }
}

export interface DBusCall {
  path: string;
  /** `INTERFACE.MEMBER`. */
  method: string;
  body: DBusValue[];
}

/** Undefined answers that there is no such method. */
export type DBusHandler = (call: DBusCall) => { signature: string; body: DBusValue[] } | undefined;

export interface DBusServer extends AsyncDisposable {
  /** For DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string;
}

/** A bus whose every name is the handler's. */
export async function openDBus(handle: DBusHandler): Promise<DBusServer> {
  const folder = mkdtempSync(join(tmpdir(), "quire-d-bus-"));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    serve(socket, handle);
  });
  const path = join(folder, "bus");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    address: `unix:path=${path}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function serve(socket: Socket, handle: DBusHandler): void {
  let rest = Buffer.alloc(0);
  let begun = false;
  socket.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf("\r\n"); !begun && end !== -1; end = rest.indexOf("\r\n")) {
      const line = rest.toString("latin1", 0, end).replace("\0", "");
      rest = rest.subarray(end + 2);
      if (line === "BEGIN") begun = true;
      else if (line === "AUTH") socket.write("REJECTED EXTERNAL\r\n");
      else if (line.startsWith("AUTH EXTERNAL ")) socket.write(`OK ${"0".repeat(32)}\r\n`);
      else socket.write("ERROR\r\n");
    }
    while (begun) {
      const length = messageLength(rest);
      if (length === null || rest.length < length) return;
      const answer = answerTo(rest.subarray(0, length), handle);
      rest = rest.subarray(length);
      if (answer !== null) socket.write(answer);
    }
  });
}

const HEADER = "yyyyuua(yv)";
const padded = (length: number, to: number): number => Math.ceil(length / to) * to;

function messageLength(bytes: Buffer): number | null {
  if (bytes.length < 16) return null;
  return padded(16 + bytes.readUInt32LE(12), 8) + bytes.readUInt32LE(4);
}

let lastSerial = 0;

function answerTo(message: Buffer, handle: DBusHandler): Buffer | null {
  const header = new Reader(message);
  const [, type, flags, , bodyLength, serial, fields] = header.values(HEADER);
  if (type !== 1 || !Array.isArray(fields)) return null;
  const field = (number: number): string => {
    const [, found] = fields.filter(Array.isArray).find(([key]) => key === number) ?? [];
    return found instanceof Variant ? String(found.value) : "";
  };
  const body = new Reader(message.subarray(message.length - Number(bodyLength)));
  const call = { path: field(1), method: `${field(2)}.${field(3)}`, body: body.values(field(8)) };
  const answer = handle(call);
  if (Number(flags) & 1) return null;
  const isError = answer === undefined;
  const signature = isError ? "s" : answer.signature;
  const text = writeValues(signature, isError ? [`there is no ${call.method}`] : answer.body);
  const unknown = new Variant("s", "org.freedesktop.DBus.Error.UnknownMethod");
  const entries: DBusValue[] = [
    [5, new Variant("u", Number(serial))],
    [6, new Variant("s", ":1.1")],
    [7, new Variant("s", ":1.0")],
    ...(isError ? [[4, unknown]] : []),
    ...(signature === "" ? [] : [[8, new Variant("g", signature)]]),
  ];
  lastSerial += 1;
  const start = writeValues(HEADER, [0x6c, isError ? 3 : 2, 1, 1, text.length, lastSerial, entries]);
  return Buffer.concat([start, Buffer.alloc(padded(start.length, 8) - start.length), text]);
}

const ALIGNMENT: Readonly<Record<string, number>> = { y: 1, g: 1, v: 1, "(": 8, "{": 8 };
const alignmentOf = (type: string): number => ALIGNMENT[type[0] ?? ""] ?? 4;

/** `a{sv}o` as `["a{sv}", "o"]`. */
function typesOf(signature: string): string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const start = at;
    while (signature[at] === "a") at++;
    let depth = 0;
    do {
      if (/[({]/.test(signature[at] ?? "")) depth++;
      if (/[)}]/.test(signature[at] ?? "")) depth--;
      at++;
    } while (depth > 0);
    types.push(signature.slice(start, at));
  }
  return types;
}

class Reader {
  #at = 0;
  readonly #bytes: Buffer;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  values(signature: string): DBusValue[] {
    return typesOf(signature).map((type) => this.#value(type));
  }

  #value(type: string): DBusValue {
    this.#at = padded(this.#at, alignmentOf(type));
    switch (type[0]) {
      case "y":
        return this.#bytes.readUInt8(this.#at++);
      case "u":
        return this.#number();
      case "b":
        return this.#number() === 1;
      case "s":
      case "o":
        return this.#text(this.#number());
      case "g":
        return this.#text(this.#bytes.readUInt8(this.#at++));
      case "v": {
        const inner = this.#text(this.#bytes.readUInt8(this.#at++));
        return new Variant(inner, this.#value(inner));
      }
      case "a": {
        const length = this.#number();
        this.#at = padded(this.#at, alignmentOf(type.slice(1)));
        const end = this.#at + length;
        const items: DBusValue[] = [];
        while (this.#at < end) items.push(this.#value(type.slice(1)));
        return items;
      }
      default:
        return this.values(type.slice(1, -1));
    }
  }

  #number(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  #text(length: number): string {
    const start = this.#at;
    this.#at += length + 1;
    return this.#bytes.toString("utf8", start, start + length);
  }
}

function writeValues(signature: string, values: readonly DBusValue[]): Buffer {
  const bytes: number[] = [];
  const align = (to: number) => {
    while (bytes.length % to !== 0) bytes.push(0);
  };
  const number = (value: number) => {
    align(4);
    bytes.push(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255);
  };
  const write = (type: string, value: DBusValue): void => {
    const list = Array.isArray(value) ? value : [];
    align(alignmentOf(type));
    if (type === "y") bytes.push(Number(value));
    else if (type === "u" || type === "b") number(Number(value));
    else if (type === "s" || type === "o") {
      const text = Buffer.from(String(value));
      number(text.length);
      bytes.push(...text, 0);
    } else if (type === "g") bytes.push(String(value).length, ...Buffer.from(String(value)), 0);
    else if (value instanceof Variant) {
      write("g", value.type);
      write(value.type, value.value);
    } else if (type.startsWith("a")) {
      const at = bytes.length;
      number(0);
      align(alignmentOf(type.slice(1)));
      const start = bytes.length;
      for (const item of list) write(type.slice(1), item);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length - start);
      bytes.splice(at, 4, ...length);
    } else typesOf(type.slice(1, -1)).forEach((inner, index) => void write(inner, list[index] ?? 0));
  };
  typesOf(signature).forEach((type, index) => void write(type, values[index] ?? 0));
  return Buffer.from(bytes);
}
