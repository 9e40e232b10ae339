import { type RpcErrorData, RpcErrorDataSchema, type RpcErrorObject } from "@quire/protocol/app-server";

/**
 * A request that did not get its result. `code` is the server's stable code (`thread_busy`, `config_invalid`, …), or
 * `connection_closed` and `request_cancelled` from this side.
 */
export class ClientError extends Error {
  readonly code: string;
  /** The number on the wire; null when the error did not come over it. */
  readonly rpcCode: number | null;
  readonly retryable: boolean;
  readonly nextStep: string | null;
  /** More lines about it, where the server has some. */
  readonly details: string | null;

  constructor(code: string, message: string, options: { rpc?: RpcErrorObject; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const data = dataOf(options.rpc);
    this.name = "ClientError";
    this.code = data?.code ?? code;
    this.rpcCode = options.rpc?.code ?? null;
    this.retryable = data?.retryable ?? false;
    this.nextStep = data?.nextStep ?? null;
    this.details = data?.details ?? null;
  }
}

export function rpcFailure(rpc: RpcErrorObject): ClientError {
  return new ClientError("request_failed", rpc.message, { rpc });
}

function dataOf(rpc: RpcErrorObject | undefined): RpcErrorData | null {
  const parsed = RpcErrorDataSchema.safeParse(rpc?.data);
  return parsed.success ? parsed.data : null;
}
