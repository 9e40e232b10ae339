import path from "node:path";
import { isLoopback } from "@quire/app-server/transports";
import {
  isProcessAlive,
  loadConfig,
  type ProcessIdentity,
  processStartTime,
  resolveHome,
} from "@quire/config";
import { type Gateway, type GatewayDeps, openGateway } from "@quire/gateway";
import { CodedError, jsonLine, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { commandContext } from "../session/command-context.ts";
import { modelCatalogue } from "../session/model/model-catalogue.ts";
import { sandboxDeps } from "../session/sandbox-parts.ts";
import { workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { gatewayLedger } from "./gateway-ledger.ts";
import { gatewayModels } from "./gateway-models.ts";
import { gatewayToken } from "./gateway-token.ts";

export interface GatewayRequest {
  host: string;
  port: number;
  provider: string | null;
  model: string | null;
  tokenEnv: string | null;
  tokenFile: string | null;
  hosts: readonly string[];
  origins: readonly string[];
  aliases: ReadonlyMap<string, string>;
  filesRoot: string | null;
  bridge: boolean;
  json: boolean;
  overrides: readonly string[];
}

/** Serves until a signal comes. */
export async function serveGateway(request: GatewayRequest, system: System): Promise<number> {
  const home = await resolveHome(system.env, system.homeDir);
  const { overrides } = request;
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, overrides });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const config = {
    ...loaded.config,
    model: request.model ?? loaded.config.model,
    modelProvider: request.provider ?? loaded.config.modelProvider,
  };
  const note = (text: string) => void system.stderr.write(`quire gateway: ${visibleLine(text)}\n`);
  const catalogue = modelCatalogue(config);
  const models = gatewayModels(config, { system, home, catalogue, note });
  const token = gatewayToken(
    {
      variable: request.tokenEnv,
      file: request.tokenFile,
      home,
      mayCreate: isLoopback(request.host),
    },
    system,
  );
  const stopped = nextSignal(system);
  const ledger = gatewayLedger(home, catalogue, system);
  try {
    const gateway = await openGateway(
      {
        host: request.host,
        port: request.port,
        token: token.value,
        hosts: request.hosts,
        origins: request.origins,
        stateDir: path.join(home, "gateway"),
        containersDir: path.join(
          system.env.XDG_CACHE_HOME || path.join(system.homeDir, ".cache"),
          "quire",
          "containers",
        ),
        ...(request.filesRoot === null
          ? {}
          : {
              filesRoot: workingDirectory(
                system.cwd,
                request.filesRoot,
                "Give another one with --files-root.",
              ),
            }),
        models: { ...models, aliases: request.aliases, catalogue, bridge: request.bridge },
        onUsage: ledger.onUsage,
      },
      gatewayDeps(system, home, note),
    );
    announce(gateway, { request, tokenFile: token.file, defaultModel: models.defaultModel }, system);
    await stopped.signal;
    await gateway.close();
    return EXIT.done;
  } finally {
    stopped.cancel();
    ledger.close();
  }
}

function gatewayDeps(system: System, home: string, note: (text: string) => void): GatewayDeps {
  const self: ProcessIdentity = {
    pid: system.pid,
    startTime: processStartTime(system.pid),
    host: system.hostname,
  };
  const place = { cwd: system.cwd, gitRoot: null, extraWritableRoots: [] };
  return {
    nowMs: system.now,
    randomBytes: system.randomBytes,
    setTimer: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    note,
    owner: JSON.stringify(self),
    isOwnerAlive: (owner) => {
      const identity = identityOf(owner);
      return identity !== null && isProcessAlive(self, identity);
    },
    sandbox: sandboxDeps(system, home),
    resolveProgram: commandContext(system, place).resolveProgram,
  };
}

/** Null for a text that no gateway wrote. */
function identityOf(owner: string): ProcessIdentity | null {
  try {
    const value: unknown = JSON.parse(owner);
    if (typeof value !== "object" || value === null) return null;
    if (!("pid" in value && "startTime" in value && "host" in value)) return null;
    const { pid, startTime, host } = value;
    if (typeof pid !== "number" || typeof startTime !== "string" || typeof host !== "string") return null;
    return { pid, startTime, host };
  } catch {
    // Not JSON; whoever it was cannot be asked.
    return null;
  }
}

function announce(
  gateway: Gateway,
  facts: { request: GatewayRequest; tokenFile: string | null; defaultModel: string | null },
  system: System,
): void {
  const { request, tokenFile, defaultModel } = facts;
  if (request.json) {
    const line = {
      type: "listening",
      base_url: gateway.baseUrl,
      port: gateway.port,
      token_file: tokenFile,
      default_model: defaultModel,
    };
    system.stdout.write(`${jsonLine(line)}\n`);
    return;
  }
  const where = tokenFile === null ? `in ${request.tokenEnv}` : `in ${tokenFile}`;
  system.stdout.write(`listening on ${gateway.baseUrl}\nthe token for clients is ${visibleLine(where)}\n`);
}

function nextSignal(system: System): { signal: Promise<void>; cancel: () => void } {
  let cancel = () => {};
  const signal = new Promise<void>((resolve) => {
    cancel = system.onStop(() => resolve());
  });
  return { signal, cancel };
}
