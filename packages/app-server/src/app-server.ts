import type { ServerNotification } from "@quire/protocol/app-server";
import type { AcceptChannel } from "./channel.ts";
import { Connection } from "./connection.ts";
import type { Engine } from "./engine.ts";
import { createDispatcher } from "./method-table.ts";
import { OUTPUT_LIMITS, type OutputLimits } from "./output-queue.ts";
import { LoadedThreads } from "./threads/loaded-threads.ts";
import { PlanLimitsView } from "./wire/plan-limits.ts";

export interface AppServerOptions {
  /** How long an open question waits for a client when all have left. Default 30 s. */
  graceMs?: number;
  /** How long an idle thread without clients stays open. Default 30 minutes. */
  unloadAfterMs?: number;
  outputLimits?: OutputLimits;
}

/** The door: clients come in by `accept`, whatever carries them. */
export interface AppServer {
  readonly accept: AcceptChannel;
  /** Ends every connection, turn and thread. May be called twice. */
  close(): Promise<void>;
}

const DEFAULT_GRACE_MS = 30_000;
const DEFAULT_UNLOAD_MS = 30 * 60_000;

export function createAppServer(engine: Engine, options: AppServerOptions = {}): AppServer {
  const connections = new Set<Connection>();
  const planLimits = new PlanLimitsView();
  const broadcast = ({ method, params }: ServerNotification) => {
    for (const connection of connections) connection.notify(method, params);
  };
  const loaded = new LoadedThreads({
    engine,
    graceMs: options.graceMs ?? DEFAULT_GRACE_MS,
    unloadAfterMs: options.unloadAfterMs ?? DEFAULT_UNLOAD_MS,
    onRateLimits: (limits) => {
      if (!planLimits.take(limits)) return;
      broadcast({ method: "account/rateLimits/updated", params: { rateLimits: planLimits.current } });
    },
  });
  const dispatcher = createDispatcher(engine, loaded, planLimits, broadcast);
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    const open = [...connections];
    await loaded.close();
    await Promise.all(open.map((connection) => connection.settled));
    for (const connection of open) connection.close();
  }

  return {
    accept(channel) {
      const connection = new Connection(channel, {
        dispatcher,
        limits: options.outputLimits ?? OUTPUT_LIMITS,
        onAnswer: (id, answer, from) => loaded.answered(id, answer, from),
        onClose: (closed) => {
          connections.delete(closed);
          loaded.leaveAll(closed);
        },
      });
      connections.add(connection);
      return connection;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
