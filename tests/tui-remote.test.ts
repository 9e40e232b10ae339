import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { delivered, gate, QUIRE_BIN, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { listeningAddress, startAppServer } from "./support/app-server.ts";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";
import { quireInTmux } from "./support/tmux.ts";

test("a connection that is lost in the middle of a turn comes back, and nothing of the turn is missing", async () => {
  const first = gate();
  await using world = await execWorld({
    steps: [delivered(says("First."), first.delivery), says("Second.")],
  });
  const real = join(world.home.path, "real.sock");
  await using server = startAppServer(world, ["--listen", `unix://${real}`]);
  await listeningAddress(server);
  const wire = join(world.home.path, "wire.sock");
  let cut = await listen(wire, real);
  await using window = await quireInTmux(world, { args: ["--remote", `unix://${wire}`], columns: 110 });
  await window.waitFor("Say what to do");
  await window.enter("begin");
  await window.waitFor("Esc to interrupt");
  await world.server.arrived(1);
  await cut();
  await window.waitFor("The connection is lost", "no connection · attempt");
  first.open();
  await window.enter("meanwhile");
  await window.waitFor("connection_lost", /^› meanwhile$/m, "There is no connection for turn/");
  cut = await listen(wire, real);
  await window.waitFor("Connected again.", "First.", /^── .* tokens/m, /^› meanwhile\n\ngpt-5/m);
  await window.press("Enter");
  await window.waitFor("Second.", "Say what to do");
  const all = await window.everything();
  expect(["› begin", "First.", "› meanwhile", "Second."].map((part) => all.split(part).length - 1)).toEqual([
    1, 1, 1, 1,
  ]);
  await cut();
});

test("over a WebSocket with a token, and clear words where it does not work", async () => {
  await using world = await execWorld({ steps: [says("From over there.")] });
  const tokenFile = join(world.home.path, "token");
  await writeFile(tokenFile, "a-token-that-is-long-enough\n", { mode: 0o600 });
  await using server = startAppServer(world, ["--listen", "ws://127.0.0.1:0", "--ws-token-file", tokenFile]);
  const address = await listeningAddress(server);
  const TOKEN = "a-token-that-is-long-enough";
  const good = await plain(world, [address, "--remote-auth-token-env", "TOKEN"], { TOKEN });
  expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining("From over there.") });
  const cases: [string[], Record<string, string>, string, number][] = [
    [[address, "--remote-auth-token-env", "TOKEN"], { TOKEN: `${TOKEN}!` }, "does not accept the token", 1],
    [[address, "--remote-auth-token-env", "NONE"], {}, "NONE is not set", 2],
    [["ws://192.0.2.1:4500", "--remote-auth-token-env", "TOKEN"], { TOKEN }, "in the clear", 2],
    [["http://127.0.0.1:1"], {}, "no address of an app-server", 2],
    [["unix:///nowhere/quire.sock"], {}, "no app-server answers on /nowhere/quire.sock", 1],
    [[address, "--profile", "x"], {}, "does not go with --remote", 2],
  ];
  for (const [args, env, words, code] of cases) {
    const run = await plain(world, args, env);
    expect([run.code, run.stderr.replaceAll("\n", " ")]).toEqual([code, expect.stringContaining(words)]);
  }
});

/** A wire between two sockets that can be cut: every connection ends, and nobody listens any more. */
function listen(from: string, to: string): Promise<() => Promise<void>> {
  const ends = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    const other = net.connect(to);
    for (const [end, opposite] of [
      [socket, other],
      [other, socket],
    ] as const) {
      ends.add(end);
      end.pipe(opposite);
      end.on("error", () => opposite.destroy());
      end.on("close", () => opposite.destroy());
    }
  });
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const end of ends) end.destroy();
    });
  return new Promise((resolve) => server.listen(from, () => resolve(cut)));
}

async function plain(world: ExecWorld, remote: readonly string[], env: Record<string, string>) {
  const child = spawn(QUIRE_BIN, ["--plain", "--remote", ...remote], {
    cwd: world.repository.path,
    env: { PATH: process.env.PATH, HOME: world.home.path, QUIRE_HOME: world.quireHome, ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (part) => {
    stdout += String(part);
  });
  child.stderr.on("data", (part) => {
    stderr += String(part);
  });
  child.stdin.on("error", () => undefined); // it may have ended before it read anything
  child.stdin.end("hello\n");
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}
