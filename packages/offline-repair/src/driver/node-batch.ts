/**
 * Node: tries candidates in copies of the worktree, two at a time, each copy with its own warm process. What passes
 * there is confirmed by the plain command in a fresh process.
 */
export const NODE_BATCH = String.raw`
const found = { problem: null, tried: 0, invalid: 0, timeouts: 0, plausible: [], seconds: 0 };
const texts = JOB.files.map((file) => fs.readFileSync(path.join(ROOT, file), "utf8"));
let firstFound = null, next = 0;

function over() {
  if (next >= JOB.edits.length || elapsed() > JOB.seconds || found.plausible.length >= JOB.wanted) return true;
  return firstFound !== null && (next > firstFound.index + JOB.lookahead || elapsed() > firstFound.at + JOB.lookaheadSeconds);
}

/** A cheap look at the syntax of plain scripts; modules and TypeScript are left to their runner. */
function parses(file, text) {
  if (!/\.c?js$/.test(file) || /^\s*(import|export)\b|\bawait\b/m.test(text)) return true;
  try { new Function("exports", "require", "module", "__filename", "__dirname", text.replace(/^#!.*/, "")); return true; } catch { return false; }
}

/** The steps and tests that tell a bad candidate, and how long they may take. Where a warm process does not fail as the command does, the command is the only step. */
async function prepare(base, folders) {
  const plan = planOf(JOB.command), whole = { shell: JOB.command, folder: "" };
  const start = (steps) => folders.map((folder) => new Warm(folder, { flags: plan.flags, steps }, path.join(base, "child.cjs"), false));
  if (isWarm(plan)) {
    const warm = start(plan.steps), slow = { warm, steps: plan.steps, only: null, confirm: 3 };
    if (JOB.hung) return { ...slow, limit: 0.4 };
    const { failed, tests, timeout, seconds } = await warm[0].ask({ steps: plan.steps, all: true }, Math.min(2 + JOB.expected, JOB.seconds * 0.1));
    if (timeout) return { ...slow, limit: 1.2 };
    if (failed && failed.length > 0 && !plan.steps[failed[0]].shell)
      return { warm, steps: plan.steps.filter((step, index) => !step.apart || failed.includes(index)), only: tests, limit: Math.min(20, Math.max(0.5, 0.3 + 4 * seconds)), confirm: Math.max(2, 3 * JOB.expected) };
    for (const one of warm) one.close();
  }
  const warm = start([whole]);
  const { failed, seconds } = JOB.hung ? {} : await warm[0].ask({ steps: [whole] }, Math.max(1, JOB.seconds * 0.3));
  if (failed && failed.length === 0) found.problem = "the tests pass in an untouched copy";
  return { warm, steps: [whole], only: null, limit: seconds ? Math.min(30, 0.5 + 3 * seconds) : Math.min(3, JOB.seconds * 0.15), confirm: 0 };
}

async function worker(state, folders, slot) {
  while (!over()) {
    const index = next++, [place, start, end, text] = JOB.edits[index];
    const target = path.join(folders[slot], JOB.files[place]), edited = texts[place].slice(0, start) + text + texts[place].slice(end);
    if (!parses(target, edited)) { found.invalid += 1; continue; }
    found.tried += 1;
    fs.writeFileSync(target, edited);
    try {
      const { failed, timeout } = await state.warm[slot].ask({ steps: state.steps, only: state.only }, Math.min(state.limit, Math.max(0.3, JOB.seconds - elapsed())));
      if (timeout) found.timeouts += 1;
      if (!failed || failed.length > 0) continue;
      if (state.confirm > 0 && await shell(JOB.command, folders[slot], state.confirm) !== 0) continue;
      found.plausible.push(index);
      firstFound = firstFound || { index, at: elapsed() };
    } finally {
      fs.writeFileSync(target, texts[place]);
    }
  }
}

async function work(base) {
  const folders = Array.from({ length: JOB.parallel }, (_, number) => path.join(base, "copy" + number));
  for (const folder of folders) copyTree(ROOT, folder);
  const state = await prepare(base, folders);
  const progress = setInterval(() => console.log("tried " + found.tried + " of " + JOB.edits.length + ", " + found.plausible.length + " plausible, " + elapsed().toFixed(0) + " s"), 2000);
  if (found.problem === null) await Promise.all(folders.map((_, slot) => worker(state, folders, slot)));
  clearInterval(progress);
  for (const warm of state.warm) warm.close();
  found.plausible.sort((a, b) => a - b);
  found.seconds = Number(elapsed().toFixed(2));
  console.log("QUIRE_RESULT " + JSON.stringify(found));
}
`;
