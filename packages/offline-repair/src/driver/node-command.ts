import { NODE_BATCH } from "./node-batch.ts";
import { NODE_CHILD } from "./node-child.ts";
import { NODE_DRIVE } from "./node-drive.ts";
import { NODE_LOCALISE } from "./node-localise.ts";
import { NODE_MODULES } from "./node-modules.ts";
import { NODE_PLAN } from "./node-plan.ts";
import { NODE_PROBE } from "./node-probe.ts";
import { NODE_STEPS } from "./node-steps.ts";
import { NODE_TEST_SHIM } from "./node-test-shim.ts";

const END = "QUIRE_REPAIR";
const CHILD = NODE_CHILD + NODE_TEST_SHIM + NODE_MODULES;

/** The shell command that measures which lines the tests of a Node project run. */
export function nodeLocaliseCommand(environment: string, job: unknown): string {
  return nodeCommand(environment, {
    purpose: "which lines do the failing tests run",
    job,
    child: CHILD + NODE_PROBE + NODE_STEPS,
    program: NODE_LOCALISE,
  });
}

/** The shell command that tries edits in copies of a Node project. */
export function nodeBatchCommand(environment: string, job: unknown): string {
  return nodeCommand(environment, {
    purpose: "try edits in copies of the worktree",
    job,
    child: CHILD + NODE_STEPS,
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
  const text = [head, NODE_PLAN, NODE_DRIVE, program].join("\n");
  return `# offline repair: ${purpose}\n${start} - <<'${END}'\n${text}${END}`;
}
