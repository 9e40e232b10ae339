import type { Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import type { Gate } from "./gate.ts";
import type { ProxyLimits } from "./limits.ts";
import type { CompiledRules } from "./rules.ts";
import type { Traffic } from "./tunnel.ts";

/** What the protocols of the proxy share. */
export interface ProxyContext {
  readonly gate: Gate;
  readonly rules: CompiledRules;
  readonly limits: ProxyLimits;
  /** Certificates to trust beside Node's own, for requests with added headers. */
  readonly certificates: Pick<SecureContextOptions, "ca">;
}

/** One connection from a command. */
export interface ProxyClient {
  readonly socket: Socket;
  /** Aborted when the client goes away or the proxy is closed. */
  readonly signal: AbortSignal;
  readonly traffic: Traffic;
  /** The label of the command, once it has one. */
  readonly origin: () => string | null;
  /** To be called when the request head is complete: from here on idle times count, not the deadline for the head. */
  headComplete(): void;
}
