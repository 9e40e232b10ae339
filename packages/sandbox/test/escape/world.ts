import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import os from "node:os";
import { dirname, join } from "node:path";
import type { SandboxDeps } from "../../src/index.ts";
import { PROCESS_FACTS } from "../fixture.ts";

/** Host programs and files for probes to reach for. Nothing outside `base` is made. */
export interface World {
  readonly base: string;
  readonly workspace: string;
  readonly secondRoot: string;
  readonly outside: string;
  readonly canary: string;
  readonly deps: SandboxDeps;
  /** Handed to every script. */
  readonly variables: Readonly<Record<string, string>>;
  /** How many connections and datagrams reached the host's servers. */
  reached(): number;
  read(path: string): string | undefined;
  close(): Promise<void>;
}

/** Everything scripts try to change or read, made anew. `parent` must not lie where a sandbox has its own folder. */
export async function makeWorld(parent: string): Promise<World> {
  const base = realpathSync(mkdtempSync(join(parent, "escape-")));
  const canary = `canary${randomBytes(6).toString("hex")}`;
  const paths = {
    workspace: join(base, "ws"),
    secondRoot: join(base, "ws2"),
    outside: join(base, "out"),
    home: join(base, "home"),
  };
  for (const folder of Object.values(paths)) mkdirSync(folder);
  fill(paths, canary);
  const servers = await openServers(base, canary);
  const victim = spawn("sleep", ["600"], { stdio: "ignore", env: { VICTIM_SECRET: `${canary}-env` } });
  const deps: SandboxDeps = {
    env: {
      PATH: `${paths.workspace}/bin:${process.env.PATH}`,
      HOME: paths.home,
      TERM: "xterm",
      LANG: "C.UTF-8",
      OPENAI_API_KEY: `${canary}-env`,
      MY_SERVICE_TOKEN: `${canary}-env`,
      SSH_AUTH_SOCK: `/tmp/${canary}-env`,
      LD_PRELOAD: `/${canary}-env.so`,
    },
    homeDir: paths.home,
    stateDir: join(paths.home, ".quire"),
    runtimeDir: join(base, "runtime"),
    ...PROCESS_FACTS,
  };
  return {
    base,
    workspace: paths.workspace,
    secondRoot: paths.secondRoot,
    outside: paths.outside,
    canary,
    deps,
    variables: {
      WS: paths.workspace,
      WS2: paths.secondRoot,
      OUT: paths.outside,
      CANARY: canary,
      VICTIM: String(victim.pid),
      ...servers.variables,
    },
    reached: servers.reached,
    read: (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
    async close() {
      await Promise.all([stop(victim), servers.close()]);
      execFileSync("chmod", ["-R", "u+rwX", base]);
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function fill(
  paths: { workspace: string; secondRoot: string; outside: string; home: string },
  canary: string,
): void {
  const { workspace, outside, home } = paths;
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
  };
  const git = (...args: string[]): void => {
    const identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"];
    execFileSync("git", [...identity, ...args], {
      stdio: "pipe",
      env: { PATH: process.env.PATH, HOME: home },
    });
  };
  put(join(home, ".gitconfig"), "[safe]\n\tdirectory = *\n[user]\n\tname = t\n\temail = t@t\n");
  put(join(workspace, "README.md"), "# hello\n");
  put(join(workspace, "package.json"), '{"name":"x","scripts":{"hi":"echo hi-from-npm"}}\n');
  put(join(workspace, "Makefile"), "all:\n\t@echo made > made.txt\n");
  git("init", "-q", workspace);
  git("-C", workspace, "add", ".");
  git("-C", workspace, "commit", "-qm", "one");
  git("-C", workspace, "worktree", "add", "-q", join(workspace, "tree"));
  git("init", "-q", join(workspace, "a/b/c/d/e/f/g/deep"));
  git("init", "-q", "--bare", join(workspace, "store"));
  put(join(workspace, "pkg/one/.codex/config.toml"), "# mine\n");
  put(join(workspace, "settings/real.toml"), "# mine\n");
  symlinkSync("settings", join(workspace, ".claude"));
  symlinkSync(outside, join(workspace, "to-outside"));
  put(join(workspace, "bin/bwrap"), `#!/bin/sh\ntouch ${outside}/shadowed\nexit 1\n`, 0o755);
  put(join(workspace, "bin/sh"), `#!/bin/sh\ntouch ${outside}/shadowed\nexit 1\n`, 0o755);
  for (const file of ["kept.txt", "victim.txt"]) put(join(outside, file), "untouched\n");
  for (const file of [
    ".ssh/id_ed25519",
    ".aws/credentials",
    ".netrc",
    ".config/gh/hosts.yml",
    ".quire/auth.json",
    ".codex/auth.json",
  ]) {
    put(join(home, file), `${canary}\n`, 0o600);
  }
  for (const file of [".env", ".env.local", "pkg/one/.env.production"])
    put(join(workspace, file), `K=${canary}\n`, 0o600);
  put(join(workspace, ".env.example"), "K=\n");
  symlinkSync(join(home, ".ssh/id_ed25519"), join(workspace, "to-key"));
  put(join(home, ".bashrc"), "# mine\n");
}

interface Servers {
  readonly variables: Readonly<Record<string, string>>;
  reached(): number;
  close(): Promise<void>;
}

async function openServers(base: string, canary: string): Promise<Servers> {
  let count = 0;
  const answer = (): Server =>
    createServer((socket) => {
      count++;
      socket.on("error", () => undefined);
      socket.end(`${canary}\n`);
    });
  const [tcp, unix] = [answer(), answer()];
  tcp.listen(0, "0.0.0.0");
  unix.listen(join(base, "host.sock"));
  const udp = createSocket("udp4", () => count++);
  udp.bind(0, "0.0.0.0");
  const name = `a-${canary}`;
  // Node has no local datagrams. What arrives is counted by its length in a file.
  const letters = join(base, "letters");
  const datagramCode = `use Socket; socket(my $s,AF_UNIX,SOCK_DGRAM,0); bind($s,pack_sockaddr_un("${base}/datagram.sock")); open(my $f,">>","${letters}"); $f->autoflush(1); while(defined recv($s,my $b,64,0)){print $f "x"}`;
  const datagrams = spawn("perl", ["-MIO::Handle", "-e", datagramCode], { stdio: "ignore" });
  const abstractCode = `use Socket; socket(my $s,AF_UNIX,SOCK_STREAM,0); bind($s,pack("S a*",1,"\\0${name}")); listen($s,5); while(accept(my $c,$s)){syswrite($c,"${canary}\\n");close $c}`;
  const abstract = spawn("perl", ["-e", abstractCode], { stdio: "ignore" });
  await Promise.all([tcp, unix, udp].map((server) => once(server, "listening")));
  const address = Object.values(os.networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((entry) => !entry.internal && entry.family === "IPv4")?.address;
  const port = tcp.address();
  return {
    variables: {
      TCP_PORT: String(typeof port === "object" && port ? port.port : 0),
      UDP_PORT: String(udp.address().port),
      HOST_ADDRESS: address ?? "127.0.0.1",
      HOST_SOCKET: join(base, "host.sock"),
      HOST_DATAGRAMS: join(base, "datagram.sock"),
      ABSTRACT: name,
    },
    reached: () => count + (existsSync(letters) ? readFileSync(letters).length : 0),
    async close() {
      await Promise.all([
        stop(abstract),
        stop(datagrams),
        new Promise((resolve) => tcp.close(resolve)),
        new Promise((resolve) => unix.close(resolve)),
        new Promise<void>((resolve) => udp.close(() => resolve())),
      ]);
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
