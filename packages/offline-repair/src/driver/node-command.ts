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
  process.exit(0);
})();
`;

/** The shell command that measures which lines the tests of a Node project run. */
export function nodeLocaliseCommand(environment: string, job: unknown): string {
  return nodeCommand(environment, {
    purpose: "which lines do the failing tests run",
    job,
    child: NODE_CHILD + NODE_HOOKS + NODE_PROBE,
    program: NODE_LOCALISE,
  });
}

/** The shell command that tries edits in copies of a Node project. */
export function nodeBatchCommand(environment: string, job: unknown): string {
  return nodeCommand(environment, {
    purpose: "try edits in copies of the worktree",
    job,
    child: NODE_CHILD + NODE_HOOKS,
    program: NODE_BATCH,
  });
}

interface Parts {
  purpose: string;
  job: unknown;
  /** Program of the warm process. */
  child: string;
  program: string;
}

function nodeCommand(environment: string, { purpose, job, child, program }: Parts): string {
  const start = `${environment} node`.trim();
  const head = `const JOB = ${JSON.stringify(job)};\nconst CHILD = ${JSON.stringify(child)};`;
  const text = [head, NODE_PLAN, NODE_DRIVE, program, MAIN].join("\n");
  return `# offline repair: ${purpose}\n${start} - <<'${END}'\n${text}${END}`;
}
