import type { ClientMethod, ClientParams, ClientResult } from "@quire/protocol/app-server";
import type { Call } from "../connection.ts";

/** The handlers of some methods; parameters are parsed before, results are typed by the protocol. */
export type Handlers<M extends ClientMethod> = {
  readonly [Method in M]: (
    params: ClientParams<Method>,
    call: Call,
  ) => Promise<ClientResult<Method>> | ClientResult<Method>;
};
