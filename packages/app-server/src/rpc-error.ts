import { type ErrorInfo, errorInfoOf } from "@quire/protocol";
import { RPC_CODES, type RpcErrorObject } from "@quire/protocol/app-server";

/** A refusal on the level of the protocol itself: a frame, a method or parameters that cannot be used. */
export class RpcError extends Error {
  readonly rpc: RpcErrorObject;

  constructor(kind: keyof typeof RPC_CODES, code: string, message: string) {
    super(message);
    this.name = "RpcError";
    this.rpc = { code: RPC_CODES[kind], message, data: { code } };
  }
}

/** What a client gets for anything thrown. The stack stays here: it says nothing to a client. */
export function rpcErrorOf(thrown: unknown): RpcErrorObject {
  if (thrown instanceof RpcError) return thrown.rpc;
  const info = errorInfoOf(thrown);
  return {
    code: info.code === "internal" ? RPC_CODES.internalError : RPC_CODES.invalidRequest,
    message: info.message,
    data: dataOf(info),
  };
}

function dataOf(info: ErrorInfo) {
  return {
    code: info.code,
    retryable: info.retryable,
    ...(info.next_step === undefined ? {} : { nextStep: info.next_step }),
    ...(info.details === undefined || info.code === "internal" ? {} : { details: info.details }),
  };
}
