import type { ChildProcess } from "node:child_process";
import type { FilterArch } from "../seccomp/system-calls.ts";
import { handoffCommand, receiveListener } from "./listener-handoff.ts";
import { createNetworkProxy, type NetworkProxyOptions } from "./network-proxy.ts";
import type { ProxyRules } from "./rules.ts";

/** What a proxied network needs from the outside beside its rules. Without `onDecision`, decisions go nowhere. */
export type NetworkHooks = Partial<Omit<NetworkProxyOptions, "rules">>;

/** The network of one sandbox's commands: private, with one door. Owns the proxy until `close`. */
export interface ProxiedNetwork {
  /** Prefix of a command; see `handoffCommand`. */
  command(perl: string, descriptors: { readonly channel: number; readonly environment: number }): string[];
  /** Serves a process that was started with the prefix, until it ends. It needs a channel (`ipc`). */
  attach(child: ChildProcess): void;
  /** Gives the command of a process its label; it may come later than the process. */
  label(child: ChildProcess, origin: string | null): void;
  close(): Promise<void>;
}

/** Throws when a rule is not usable. */
export function createProxiedNetwork(
  rules: ProxyRules,
  hooks: NetworkHooks,
  arch: FilterArch,
): ProxiedNetwork {
  const proxy = createNetworkProxy({ onDecision: () => undefined, ...hooks, rules });
  const labels = new WeakMap<ChildProcess, string | null>();
  return {
    label: (child, origin) => labels.set(child, origin),
    command: (perl, descriptors) => handoffCommand({ perl, arch, ...descriptors }),
    attach(child) {
      const over = () => child.exitCode !== null || child.signalCode !== null;
      receiveListener(child, (server) => {
        // The process, not its door, is what our own process stays alive for.
        server.unref();
        const service = proxy.adopt(server, () => labels.get(child) ?? null);
        if (over()) service.end();
        else child.once("exit", () => service.end());
      });
    },
    close: () => proxy.close(),
  };
}
