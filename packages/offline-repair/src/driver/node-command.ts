import { NODE_BATCH } from "./node-batch.ts";
import { NODE_CHILD } from "./node-child.ts";
import { NODE_DRIVE } from "./node-drive.ts";
import { NODE_HOOKS } from "./node-hooks.ts";
import { NODE_LOCALISE } from "./node-localise.ts";
import { NODE_PLAN } from "./node-plan.ts";
import { NODE_PROBE } from "./node-probe.ts";

const END = "QUIRE_REPAIR";
const MAIN = `
(async () => {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), "quire-repair-"));
  try {
    fs.writeFileSync(path.join(base, "child.cjs"), CHILD);
    await work(base);
  } finally {
    fs.rmSync(base, { recursive: true, force: true });
  }
  // What a pipe has not taken yet would be lost with the process.
  process.stdout.write("", () => process.exit(0));
})();
`;

/** The shell command that measures which lines the tests of a project run, in Node where they run there. */
export function nodeLocaliseCommand(job: unknown): string {
  return nodeCommand("which lines do the failing tests run", job, NODE_PROBE, NODE_LOCALISE);
}

/** The shell command that tries edits in copies of a project, in Node where its tests run there. */
export function nodeBatchCommand(job: unknown): string {
  return nodeCommand("try edits in copies of the worktree", job, "", NODE_BATCH);
}

function nodeCommand(purpose: string, job: unknown, probe: string, program: string): string {
  const child = JSON.stringify(NODE_CHILD + NODE_HOOKS + probe);
  const head = `const JOB = ${JSON.stringify(job)};\nconst CHILD = ${child};`;
  const text = [head, NODE_PLAN, NODE_DRIVE, program, MAIN].join("\n");
  return `# offline repair: ${purpose}\nnode - <<'${END}'\n${text}${END}`;
}
