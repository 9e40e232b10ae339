import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { notifyProgram } from "./notify-program.ts";

const TURN = {
  threadId: "t",
  turnId: "u",
  cwd: "/",
  inputMessages: ["go $(touch /never) 'x'"],
  lastAssistantMessage: "long ".repeat(10_000),
};

test("a program gets its own words and one of JSON, no shell and no secret", async () => {
  await using folder = await temporaryDirectory("quire-notify-");
  const file = join(folder.path, "told");
  const script = `require("fs").writeFileSync(process.argv[1], JSON.stringify([process.argv.slice(2), process.env]))`;
  const env = { PATH: process.env.PATH, HOME: "/home/me", OPENAI_API_KEY: "secret", QUIRE_HOME: "/h" };
  notifyProgram([process.execPath, "-e", script, file, "own $HOME"], { env })(TURN);
  await expect.poll(() => readFile(file, "utf8").catch(() => ""), { timeout: 10_000 }).not.toBe("");
  const [words, seen] = JSON.parse(await readFile(file, "utf8"));
  expect(seen).toEqual({ PATH: process.env.PATH, HOME: "/home/me" });
  expect(words[0]).toBe("own $HOME");
  expect(JSON.parse(words[1])).toEqual({
    type: "agent-turn-complete",
    "thread-id": "t",
    "turn-id": "u",
    cwd: "/",
    client: "quire-tui",
    "input-messages": ["go $(touch /never) 'x'"],
    "last-assistant-message": `${TURN.lastAssistantMessage.slice(0, 16_000)}…`,
  });
});

test("a program that is not there bothers nobody", async () => {
  notifyProgram(["/no/such/program"], { env: {} })(TURN);
  notifyProgram(null, { env: {} })(TURN);
  await new Promise((resolve) => setTimeout(resolve, 50));
});
