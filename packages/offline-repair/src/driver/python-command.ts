import { PYTHON_BATCH } from "./python-batch.ts";
import { PYTHON_EXAMPLES } from "./python-examples.ts";
import { PYTHON_LOCALISE } from "./python-localise.ts";
import { PYTHON_RUN } from "./python-run.ts";

const END = "QUIRE_REPAIR";

/** Where a Python driver runs: the interpreter and shell assignments in front of it. */
export interface PythonPlace {
  interpreter: string;
  environment: string;
}

/** The shell command that measures which lines the tests of a Python project run. */
export function pythonLocaliseCommand(place: PythonPlace, job: unknown): string {
  return pythonCommand(place, "which lines do the failing tests run", job, PYTHON_RUN + PYTHON_LOCALISE);
}

/** The shell command that tries edits in copies of a Python project. */
export function pythonBatchCommand(place: PythonPlace, job: unknown): string {
  return pythonCommand(
    place,
    "try edits in copies of the worktree",
    job,
    PYTHON_RUN + PYTHON_EXAMPLES + PYTHON_BATCH,
  );
}

function pythonCommand(place: PythonPlace, purpose: string, job: unknown, program: string): string {
  const start = `${place.environment} ${place.interpreter}`.trim();
  return `# offline repair: ${purpose}\n${start} - <<'${END}'\ntrue, false, null = True, False, None\nJOB = ${JSON.stringify(job)}${program}${END}`;
}
