import { expect, test } from "vitest";
import { readRole } from "./read-role.ts";

const given = { name: "scout", description: null, file: "/home/u/agents/scout.toml" };

test("what is wrong with a role's file is told with its line, its key and what would be right", async () => {
  const said = await Promise.all(
    [
      'model = "m"\nsandbox_mode = "readonly"\n',
      "[budget]\nmax_tokens = -5\n",
      'model = "m"\ntools = "exec_command"\n',
      'name = "two words"\n',
      'model = "m\n',
      "developer_instructions = 7\n",
    ].map(async (text) => {
      const read = await readRole(text, given);
      return read.ok ? "fine" : read.problem;
    }),
  );
  expect(said).toEqual([
    {
      line: 2,
      key: "sandbox_mode",
      message: expect.stringMatching(
        /^sandbox_mode must be one of read-only, .*, found the text "readonly"$/,
      ),
    },
    {
      line: 2,
      key: "budget.max_tokens",
      message: expect.stringMatching(/^budget\.max_tokens must be a number/),
    },
    { line: 2, key: "tools", message: 'tools must be a list, found the text "exec_command"' },
    { line: 1, key: "name", message: expect.stringContaining('found "two words"; set name = "…"') },
    { line: 1, key: null, message: expect.stringContaining("this is not TOML") },
    {
      line: 1,
      key: "developer_instructions",
      message: "developer_instructions must be text, found the number 7",
    },
  ]);
});

test("keys that do nothing are told of, below [budget] too, with what was probably meant; the rest counts", async () => {
  const read = await readRole(
    'modle = "m"\nmodel_reasoning_effort = "low"\n[budget]\nmax_token = 5\n',
    given,
  );
  expect(read).toMatchObject({
    ok: true,
    role: { name: "scout", effort: "low", model: null, limits: {} },
    unused: [
      { line: 1, key: "modle", message: "kinds of agents do not use modle; did you mean model?" },
      {
        line: 4,
        key: "budget.max_token",
        message: "kinds of agents do not use budget.max_token; did you mean max_tokens?",
      },
    ],
  });
});
