import net from "node:net";
import { join } from "node:path";
import { callsTools, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { clientOf, listeningAddress, startAppServer } from "./support/app-server.ts";
import { execWorld } from "./support/exec-world.ts";

const ROUNDS = 8;
const CALLS = 4;

test("a client that joins in the middle of a turn gets all of it, and nothing twice", async () => {
  const round = callsTools(
    Array.from({ length: CALLS }, (_, at) => ["exec_command", { cmd: `echo ${at}` }] as const),
  );
  await using world = await execWorld({
    steps: [...Array.from({ length: ROUNDS }, () => round), says("Done.")],
  });
  const socketPath = join(world.home.path, "run/app.sock");
  await using server = startAppServer(world, ["--listen", `unix://${socketPath}`]);
  await listeningAddress(server);
  const connect = async () => {
    const socket = net.connect(socketPath);
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    const client = clientOf(socket);
    await client.initialize();
    return client;
  };
  const first = await connect();
  const { thread } = await first.request("thread/start", { cwd: world.repository.path });
  const threadId = thread.id;
  await first.request("turn/start", { threadId, input: [{ type: "text", text: "go" }] });
  const ends = ({ method }: { method?: string }) => method === "turn/completed";
  let over = false;
  void first.wait(ends, 0, 60_000).then(() => {
    over = true;
  });
  const joined = [];
  while (!over) {
    const client = await connect();
    const from = client.frames.length;
    const answer = await client.request("thread/resume", { threadId });
    joined.push({ client, from, turn: answer.thread.turns.at(-1) });
  }
  for (const { client, from, turn } of joined) {
    if (turn?.status === "inProgress") await client.wait(ends, from, 60_000);
    const read = (turn?.items ?? []).flatMap((item: { id: string; status?: string }) =>
      item.status === "inProgress" ? [] : [item.id],
    );
    const told = client.frames.flatMap(({ method, params }) =>
      method === "item/completed" ? [params.item.id] : [],
    );
    const seen = [...read, ...told];
    expect(new Set(seen).size).toBe(seen.length);
    // The message, every call, the answer.
    expect(seen).toHaveLength(ROUNDS * CALLS + 2);
    const turnEnds = client.frames.filter(ends).length;
    expect(turnEnds + (turn?.status === "completed" ? 1 : 0)).toBe(1);
  }
  expect(joined.length).toBeGreaterThan(2);
});
