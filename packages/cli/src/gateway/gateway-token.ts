import fs from "node:fs";
import path from "node:path";
import { CodedError } from "@quire/protocol";
import { longEnough, readToken } from "../app-server/web-socket-token.ts";
import type { System } from "../system.ts";

export interface GatewayTokenRequest {
  /** The name of an environment variable that holds it. */
  variable: string | null;
  file: string | null;
  home: string;
  /** Whether a token may be made up: only where other machines cannot connect. */
  mayCreate: boolean;
}

/** The token that clients must send. Made once and kept in the Quire home, so that clients can be set up with it. */
export function gatewayToken(
  request: GatewayTokenRequest,
  system: Pick<System, "env" | "cwd" | "randomBytes">,
): { value: string; file: string | null } {
  if (request.variable !== null) {
    const value = system.env[request.variable];
    if (value) return { value: longEnough(value, request.variable), file: null };
    throw new CodedError("usage_invalid", `the environment variable ${request.variable} is not set`);
  }
  if (request.file !== null) {
    const file = path.resolve(system.cwd, request.file);
    return { value: readToken(file), file };
  }
  if (!request.mayCreate) {
    throw new CodedError("usage_invalid", "other machines could connect, and there is no token", {
      nextStep: "Give one with --token-env or --token-file, or listen on 127.0.0.1.",
    });
  }
  const file = path.join(request.home, "gateway-token");
  if (!fs.existsSync(file)) {
    fs.mkdirSync(request.home, { recursive: true, mode: 0o700 });
    const value = Buffer.from(system.randomBytes(32)).toString("base64url");
    writeNew(file, `${value}\n`);
  }
  return { value: readToken(file), file };
}

/** Of two gateways that start together one makes the token and both read it. */
function writeNew(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
  }
}
