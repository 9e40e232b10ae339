import { execFileSync, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpu } from "./cpu.mjs";
import { changedFiles, confined, createWorkspace } from "./workspace.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const DATA = join(here, "../data/humaneval/HumanEval.jsonl.gz");

/** The mutated programs of a seed: the same list on every machine with the same Python version. */
export function makeItems(seed, count) {
  const text = execFileSync("python3", [join(here, "mutate.py"), DATA, String(seed), String(count)], {
    encoding: "utf8",
    maxBuffer: 64_000_000,
  });
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Lets the engine repair one mutated program and scores the result with the assertions it never saw. */
export async function runItem({ agent, engine }, item, seconds) {
  const workspace = await createWorkspace({ "solution.py": item.solution, "test_solution.py": item.visible });
  const cpuBefore = cpu.seconds;
  const began = performance.now();
  try {
    const answer = await agent.run({ cwd: workspace.folder, task: "Fix the failing test.", seconds });
    const wall = (performance.now() - began) / 1000;
    const cpuSeconds = cpu.seconds - cpuBefore;
    const kind = engine.answerKind(answer);
    const changed = changedFiles(workspace.folder);
    const solution = await readFile(join(workspace.folder, "solution.py"), "utf8");
    const plausible = kind === "repaired" && changed.join() === "solution.py";
    return {
      id: item.id,
      operator: item.operator,
      bug: `${item.old.trim()} => ${item.new.trim()}`,
      kind: changed.some((path) => path !== "solution.py") ? "TOUCHED OTHER FILES" : kind,
      plausible,
      hidden: plausible && (await passesHidden(solution, item.hidden)),
      wall,
      cpu: cpuSeconds,
      ...detailsOf(answer),
    };
  } finally {
    await workspace.remove();
  }
}

/** Rank, template and counts as the answer states them. */
export function detailsOf(answer) {
  return {
    rank: Number(/the edit was candidate (\d+)/.exec(answer)?.[1] ?? 0),
    template: /template "([^"]+)"/.exec(answer)?.[1] ?? "",
    tried: /(\d+) of (\d+) candidate edits/.exec(answer)?.[0].replace(" candidate edits", "") ?? "",
    edit: [...answer.matchAll(/^([-+].*)$/gm)].map((match) => match[1].replace(/\s+/g, " ")).join(" "),
    answer,
  };
}

async function passesHidden(solution, hidden) {
  const workspace = await createWorkspace({ "solution.py": solution, "test_hidden.py": hidden });
  try {
    const [program, args] = confined(
      ["ulimit -v 2000000; timeout 10 python3 -B test_hidden.py"],
      workspace.folder,
    );
    return spawnSync(program, args, { cwd: workspace.folder, stdio: "ignore" }).status === 0;
  } finally {
    await workspace.remove();
  }
}
