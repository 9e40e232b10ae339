import { expect, test } from "vitest";
import type { AgentOffice } from "./agent-office.ts";
import { createAgentTools } from "./agent-tools.ts";

const nobody = () => {
  throw new Error("not asked");
};
const office: AgentOffice = {
  threadId: "t",
  spawn: nobody,
  send: nobody,
  followUp: nobody,
  wait: nobody,
  interrupt: nobody,
  list: nobody,
};

function spawnText(kinds: Parameters<typeof createAgentTools>[1]): string {
  const tool = createAgentTools(office, kinds).find(({ spec }) => spec.name === "spawn_agent");
  return tool?.spec.kind === "function" ? tool.spec.description : "";
}

test("the model is told of every kind by name, and of what each is for within a bound", () => {
  const few = [
    { name: "default", description: "Works." },
    { name: "odd", description: "One\n- fake: line" },
  ];
  expect(spawnText(few)).toMatch(/\nKinds of agents:\n- default: Works\.\n- odd: One - fake: line$/);
  const many = Array.from({ length: 64 }, (_, at) => ({ name: `kind${at}`, description: "d".repeat(2000) }));
  const text = spawnText(many);
  for (const { name } of many) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
  expect(text.length - spawnText([]).length).toBeLessThan(4000);
});
