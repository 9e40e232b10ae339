import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createCatalogue, createModelClient } from "@quire/models";
import { createOfflineRepairClient } from "@quire/offline-repair";
import type { SandboxDeps } from "@quire/sandbox";
import {
  lastingFolder,
  type ScriptedServer,
  type ScriptOptions,
  type Step,
  scriptedResponses,
} from "@quire/test-support";
import OpenAI from "openai";
import * as z from "zod";
import {
  featuresOf,
  type Gateway,
  type GatewayDeps,
  type GatewayOptions,
  openGateway,
  type Upstream,
  type UsageRecord,
} from "../src/index.ts";

export const TOKEN = "token-of-the-tests-0123456789";

/** The error object of an answer; fails for anything else. */
export async function errorIn(answer: Response) {
  const Shape = z.strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  });
  return { status: answer.status, ...Shape.parse(await answer.json()).error };
}

/** As OpenAI's documentation has it, but with a deadline, and with statuses nobody knows taken for "not yet". */
export async function polled(openai: OpenAI, id: string, withinMs = 30_000) {
  const terminal = new Set<string | undefined>(["completed", "failed", "incomplete", "cancelled"]);
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; ) {
    const response = await openai.responses.retrieve(id);
    if (terminal.has(response.status)) return response;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the response did not end");
}

export interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly server: ScriptedServer;
  /** The official client, as anybody would make one. */
  readonly openai: OpenAI;
  readonly stateDir: string;
  readonly notes: string[];
  readonly usage: UsageRecord[];
  /** A plain request with the token. */
  fetch(route: string, init?: RequestInit): Promise<Response>;
  post(route: string, body: unknown): Promise<Response>;
}

export interface WorldOptions {
  script?: ScriptOptions;
  options?: Partial<GatewayOptions>;
  models?: Partial<GatewayOptions["models"]>;
  /** What the scripted provider speaks. Default `responses`. */
  wire?: string;
  deps?: Partial<GatewayDeps>;
  /** Kept afterwards. */
  stateDir?: string;
}

function sandboxDeps(stateDir: string): SandboxDeps {
  return {
    env: process.env,
    homeDir: os.homedir(),
    stateDir,
    runtimeDir: path.join(os.tmpdir(), `quire-${process.getuid?.() ?? 0}`),
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.() ?? 0,
    pid: process.pid,
    kernelRelease: os.release(),
    now: () => Date.now(),
    uniqueName: () => randomBytes(8).toString("hex"),
  };
}

const never = new AbortController().signal;

export function clientDeps() {
  return {
    monotonicMs: () => performance.now(),
    nowMs: () => Date.now(),
    random: () => 0.5,
    setTimer,
    sleep: (ms: number, signal: AbortSignal = never) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(ms, 50));
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

export function setTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** A gateway in this process over a scripted model server and the offline engine. */
export async function gatewayWorld(steps: readonly Step[] = [], world: WorldOptions = {}): Promise<World> {
  const server = await scriptedResponses(steps, world.script ?? {});
  const stateDir = world.stateDir ?? (await mkdtemp(path.join(os.tmpdir(), "quire-gateway-")));
  // The sandbox gives commands a /tmp of their own.
  const containers = lastingFolder("gateway-containers");
  const notes: string[] = [];
  const usage: UsageRecord[] = [];
  const wire = world.wire ?? "responses";
  const scripted: Upstream = {
    id: "scripted",
    features: featuresOf(wire),
    open: () =>
      createModelClient(
        wire,
        { provider: "scripted", baseUrl: server.url, auth: { kind: "none" } },
        clientDeps(),
      ),
  };
  const offline: Upstream = {
    id: "offline-repair",
    features: featuresOf("offline-repair"),
    open: async () => createOfflineRepairClient(),
  };
  const gateway = await openGateway(
    {
      host: "127.0.0.1",
      port: 0,
      token: TOKEN,
      stateDir,
      containersDir: path.join(containers, "containers"),
      models: {
        upstreams: [scripted, offline],
        defaultUpstream: "scripted",
        defaultModel: "scripted-model",
        aliases: new Map(),
        catalogue: createCatalogue(),
        bridge: true,
        ...world.models,
      },
      onUsage: (record) => usage.push(record),
      ...world.options,
    },
    {
      nowMs: () => Date.now(),
      randomBytes: (count) => randomBytes(count),
      setTimer,
      note: (text) => notes.push(text),
      owner: "test",
      isOwnerAlive: () => false,
      sandbox: sandboxDeps(stateDir),
      resolveProgram: (name) => (name.includes("/") ? name : `/usr/bin/${name}`),
      ...world.deps,
    },
  );
  const request = (route: string, init: RequestInit = {}) =>
    fetch(gateway.baseUrl.replace("/v1", "") + route, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, ...init.headers },
    });
  return {
    gateway,
    server,
    stateDir,
    notes,
    usage,
    openai: new OpenAI({ apiKey: TOKEN, baseURL: gateway.baseUrl, maxRetries: 0 }),
    fetch: request,
    post: (route, body) =>
      request(route, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      await gateway.close(0);
      await server.close();
      await rm(containers, { recursive: true, force: true });
      if (world.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
    },
  };
}
