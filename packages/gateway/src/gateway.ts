import type { CommandContext } from "@quire/execpolicy";
import type { SandboxDeps } from "@quire/sandbox";
import { chatRoutes } from "./chat/chat-routes.ts";
import { completionRoutes } from "./completions/completion-routes.ts";
import { fileRoutes } from "./files/file-routes.ts";
import { containerRoutes } from "./hosted/container-routes.ts";
import { Containers } from "./hosted/containers.ts";
import { openHosting, readAsParts } from "./hosted/hosting.ts";
import { type FileRules, uploadedImage } from "./hosted/input-file.ts";
import { type AccessRules, LOOPBACK_HOSTS } from "./http/guard.ts";
import {
  DEFAULT_SERVER_LIMITS,
  type ListeningServer,
  listen,
  type ServerLimits,
} from "./http/http-server.ts";
import type { Route } from "./http/router.ts";
import { randomBytesName } from "./random-name.ts";
import type { ReadFile } from "./responses/input-items.ts";
import { responseRoutes } from "./responses/response-routes.ts";
import { ResponseService } from "./responses/response-service.ts";
import { settleOrphans } from "./responses/settle-orphans.ts";
import { DEFAULT_FILE_LIMITS, type FileLimits, FileStore } from "./store/file-store.ts";
import { DEFAULT_RETENTION, ResponseStore, type Retention } from "./store/response-store.ts";
import { ModelRouter, type ModelRouterConfig } from "./upstream/model-router.ts";
import { modelRoutes } from "./upstream/model-routes.ts";
import type { OnUsage } from "./upstream/usage-record.ts";

export interface GatewayOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  token: string;
  /** Names under which other machines may reach it, beside those of the loopback. */
  hosts?: readonly string[];
  /** Origins of web pages that may call; none by default. */
  origins?: readonly string[];
  /** Where responses are kept; made when missing. */
  stateDir: string;
  /** Where hosted tools work. Not below `stateDir`, which commands cannot see, nor a temporary folder. */
  containersDir: string;
  /** The folder from which requests may name files; none by default. */
  filesRoot?: string;
  /** Of files in requests and of uploaded ones. */
  files?: Partial<FileLimits>;
  models: ModelRouterConfig;
  limits?: Partial<ServerLimits>;
  retention?: Partial<Retention>;
  /** Told of every call to a provider, once. */
  onUsage?: OnUsage;
}

/** What the gateway needs of the process it lives in. */
export interface GatewayDeps {
  /** Unix milliseconds. */
  nowMs: () => number;
  randomBytes: (count: number) => Uint8Array;
  /** Calls back once; the returned function cancels. */
  setTimer: (callback: () => void, ms: number) => () => void;
  /** Something its operator should know. */
  note: (text: string) => void;
  /** Identifies this process to later ones, in words that `isOwnerAlive` understands. */
  owner: string;
  isOwnerAlive: (owner: string) => boolean;
  /** What the sandbox of hosted tools needs; null serves none. */
  sandbox: SandboxDeps | null;
  /** Where a program name leads to in the PATH that commands get. */
  resolveProgram: CommandContext["resolveProgram"];
}

export interface Gateway {
  /** For example `http://127.0.0.1:8123/v1`, as clients want it for their base URL. */
  readonly baseUrl: string;
  readonly port: number;
  /** Every endpoint, for whoever checks or lists them. */
  readonly routes: readonly { method: string; path: string }[];
  /** Stops; answers that are under way get `graceMs`. May be called twice. */
  close(graceMs?: number): Promise<void>;
}

/** Opens the gateway. Fails with `usage_invalid` when it cannot listen there. */
export async function openGateway(options: GatewayOptions, deps: GatewayDeps): Promise<Gateway> {
  const randomName = () => randomBytesName(deps.randomBytes, 24);
  const retention = { ...DEFAULT_RETENTION, ...options.retention };
  const store = new ResponseStore(options.stateDir, retention, { ...deps, uniqueName: randomName });
  const router = new ModelRouter(options.models);
  const onUsage = options.onUsage ?? (() => {});
  const limits = { ...DEFAULT_FILE_LIMITS, ...options.files };
  const uploads = new FileStore(options.stateDir, limits, { nowMs: deps.nowMs, uniqueName: randomName });
  const files: FileRules = {
    filesRoot: options.filesRoot ?? null,
    maxBytes: limits.maxFileBytes,
    store: uploads,
  };
  const containers = new Containers(options.containersDir, { nowMs: deps.nowMs, randomName });
  const readFile: ReadFile = async (file, param) => readAsParts(file, param, files);
  const doors = { router, readFile, nowMs: deps.nowMs, randomName, onUsage };
  const service = new ResponseService({
    router,
    store,
    nowMs: deps.nowMs,
    randomName,
    onUsage,
    note: deps.note,
    readImage: (id, param) => uploadedImage(id, param, uploads),
    openHosting: (request) =>
      openHosting(request, {
        containers,
        files,
        sandbox: deps.sandbox,
        resolveProgram: deps.resolveProgram,
        randomName,
        setTimer: deps.setTimer,
      }),
  });
  const settled = settleOrphans(store);
  if (settled > 0) deps.note(`${settled} unfinished responses of an earlier process were marked as failed`);
  const routes: Route[] = [
    ...responseRoutes(service),
    ...chatRoutes(doors),
    ...completionRoutes(doors),
    ...fileRoutes(uploads),
    ...containerRoutes(containers),
    ...modelRoutes(router),
  ];
  const server = await listen(
    { host: options.host, port: options.port },
    { routes, access: accessRules(options), limits: { ...DEFAULT_SERVER_LIMITS, ...options.limits } },
    deps,
  );
  const endSweeps = sweepRegularly([store, uploads, containers], deps);
  return opened(server, routes, async () => {
    endSweeps();
    await service.close();
    await router.close();
  });
}

const SWEEP_EVERY_MS = 10 * 60 * 1000;

/** Removes what has had its time, now and from time to time. The returned function ends it. */
function sweepRegularly(kept: readonly { sweep(): void }[], deps: GatewayDeps): () => void {
  let cancel = () => {};
  const sweep = () => {
    try {
      for (const each of kept) each.sweep();
    } catch (thrown) {
      deps.note(`old responses, files or containers could not be removed: ${String(thrown)}`);
    }
    cancel = deps.setTimer(sweep, SWEEP_EVERY_MS);
  };
  sweep();
  return () => cancel();
}

function accessRules(options: GatewayOptions): AccessRules {
  const named = options.host.includes(":") ? `[${options.host}]` : options.host.toLowerCase();
  return {
    token: options.token,
    hosts: [...LOOPBACK_HOSTS, named, ...(options.hosts ?? [])],
    origins: options.origins ?? [],
  };
}

function opened(server: ListeningServer, routes: readonly Route[], closeRest: () => Promise<void>): Gateway {
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  let closing: Promise<void> | null = null;
  const close = async (graceMs: number) => {
    await server.close(graceMs);
    await closeRest();
  };
  return {
    baseUrl: `http://${host}:${server.port}/v1`,
    port: server.port,
    routes: routes.map(({ method, path }) => ({ method, path })),
    close(graceMs = 5_000) {
      closing ??= close(graceMs);
      return closing;
    },
  };
}
