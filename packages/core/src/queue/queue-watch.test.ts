import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { QueueWatch } from "./queue-watch.ts";
import { changeQueue } from "./stored-queue.ts";

const THREADS = ["01a1fde1-bd2f-76c1-8beb-0d6dc684a1b9", "01a1fde1-bd2f-76c1-8beb-0d6dc684a1ba"] as const;
const WAIT = { timeout: 30_000, interval: 5 };

async function add(home: string, threadId: string): Promise<void> {
  const message = { id: "m", input: [{ type: "text" as const, text: "x" }], clientId: "c", metadata: null };
  await changeQueue(home, threadId, (all) => [...all, message]);
}

test("who watches a queue is told of its changes and of no other's, until it stops", async () => {
  const home = await mkdtemp(join(tmpdir(), "quire-queue-watch-"));
  try {
    const watch = new QueueWatch(home);
    const told = [0, 0];
    const stops = THREADS.map((id, at) =>
      watch.watch(id, () => {
        told[at] = (told[at] ?? 0) + 1;
      }),
    );
    await add(home, THREADS[0]);
    await vi.waitFor(() => expect(told[0]).toBeGreaterThan(0), WAIT);
    expect(told[1]).toBe(0);
    stops[0]?.();
    const before = told[0];
    await add(home, THREADS[0]);
    // Changes are told in their order: when the second one is known, the first would have been.
    await add(home, THREADS[1]);
    await vi.waitFor(() => expect(told[1]).toBeGreaterThan(0), WAIT);
    expect(told[0]).toBe(before);
    for (const stop of stops) stop();
    const again = watch.watch(THREADS[1], () => {
      told[1] = -1;
    });
    await add(home, THREADS[1]);
    await vi.waitFor(() => expect(told[1]).toBe(-1), WAIT);
    again();
  } finally {
    await rm(home, { recursive: true });
  }
});

test("a home that cannot be used is not watched, and nothing fails", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quire-queue-watch-"));
  try {
    await writeFile(join(folder, "home"), "");
    const watch = new QueueWatch(join(folder, "home"));
    expect(() => watch.watch(THREADS[0], () => undefined)()).not.toThrow();
  } finally {
    await rm(folder, { recursive: true });
  }
});
