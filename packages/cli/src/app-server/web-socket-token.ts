import fs from "node:fs";
import path from "node:path";
import { CodedError } from "@quire/protocol";
import type { System } from "../system.ts";

const VARIABLE = "QUIRE_APP_SERVER_TOKEN";
const MIN_LENGTH = 16;

export interface TokenRequest {
  /** What the user named; null leaves it to the environment or to us. */
  file: string | null;
  home: string;
  /** Whether a token may be made up: only where other machines cannot connect. */
  mayCreate: boolean;
}

/** The token that WebSocket clients must show. `createdFile` is set when it was made just now. */
export function webSocketToken(
  request: TokenRequest,
  system: Pick<System, "env" | "cwd" | "randomBytes">,
): { value: string; createdFile: string | null } {
  if (request.file !== null) {
    return { value: readToken(path.resolve(system.cwd, request.file)), createdFile: null };
  }
  const fromEnvironment = system.env[VARIABLE];
  if (fromEnvironment) return { value: longEnough(fromEnvironment, VARIABLE), createdFile: null };
  if (!request.mayCreate) {
    throw new CodedError("usage_invalid", "other machines could connect, and there is no token", {
      nextStep: `Give one with --ws-token-file or ${VARIABLE}, or listen on 127.0.0.1.`,
    });
  }
  const file = path.join(request.home, "app-server-token");
  const value = Buffer.from(system.randomBytes(32)).toString("base64url");
  fs.mkdirSync(request.home, { recursive: true, mode: 0o700 });
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, `${value}\n`, { mode: 0o600, flag: "wx" });
  return { value, createdFile: file };
}

/** A token from a file that only its owner may read. Fails with `usage_invalid`. */
export function readToken(file: string): string {
  let text: string;
  try {
    const { mode } = fs.statSync(file);
    if ((mode & 0o077) !== 0) {
      throw new CodedError("usage_invalid", `the token file ${file} can be read by others`, {
        nextStep: `chmod 600 ${file}`,
      });
    }
    text = fs.readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("usage_invalid", `the token file cannot be read: ${reason}`, { cause });
  }
  return longEnough(text.trim(), file);
}

/** The token, if it is long enough and can stand in a header. `where` names its origin in the error. */
export function longEnough(token: string, where: string): string {
  if (token.length >= MIN_LENGTH && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new CodedError(
    "usage_invalid",
    `the token in ${where} is not ${MIN_LENGTH} or more plain characters`,
    {
      nextStep: "Use a random one, for example of: openssl rand -hex 32",
    },
  );
}
