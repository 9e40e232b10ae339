/**
 * Node: tries candidates in copies of the worktree, two at a time, each copy with its own warm process. What passes
 * there is confirmed by the plain command in a fresh process.
 */
export const NODE_BATCH = String.raw`
const found = { problem: null, tried: 0, invalid: 0, timeouts: 0, plausible: [], seconds: 0, mode: "command" };
const texts = JOB.files.map((file) => fs.readFileSync(path.join(ROOT, file), "utf8"));
let firstFound = null, next = 0, slow = [], again = false;

function edited(index) {
  const [file, start, end, text] = JOB.edits[index];
  return texts[file].slice(0, start) + text + texts[file].slice(end);
}

function over() {
  if (elapsed() > JOB.seconds || found.plausible.length >= JOB.wanted) return true;
  return firstFound !== null && (next > firstFound.index + JOB.lookahead || elapsed() > firstFound.at + JOB.lookaheadSeconds);
}

/** A cheap look at the syntax of plain scripts; modules and TypeScript are left to their runner. */
function parses(file, text) {
  if (!/\.c?js$/.test(file) || /^\s*(import|export)\b|\bawait\b/m.test(text)) return true;
  try { new Function("exports", "require", "module", "__filename", "__dirname", text.replace(/^#!.*/, "")); return true; } catch { return false; }
}

async function prepareWarm(base, plan, folders) {
  const warm = folders.map((folder) => new Warm(folder, plan, path.join(base, "child.cjs"), false));
  if (JOB.hung) return { warm, only: null, limit: 0.4, steps: plan.steps };
  const answer = await warm[0].ask({ steps: plan.steps, only: null, failFast: false }, Math.min(2 + 3 * JOB.expected, JOB.seconds * 0.3));
  const state = { warm, only: null, limit: 1.5, steps: plan.steps };
  if (answer.died) return null;
  if (answer.timeout) return { ...state, limit: 1.2 };
  const failed = answer.outcomes.filter((one) => one.failed).map((one) => one.name);
  if (failed.length === 0) return null;
  const whole = plan.steps.some((step) => step.runner === "vitest");
  const special = whole || failed.some((name) => /\((load|run|script|after|hook|uncaught|exit code \d+)\)$/.test(name)) || plan.steps.some((step) => step.runner === "script" && step.files.length > 1);
  const touched = plan.steps.filter((step) => step.runner !== "script" || failed.some((name) => name.startsWith(step.files[0] + " > ")));
  return { ...state, only: special ? null : failed, required: special ? [] : failed, limit: Math.min(20, Math.max(0.5, 0.3 + 4 * answer.seconds)), steps: touched.length > 0 ? touched : plan.steps };
}

async function passesWarm(state, slot, limit) {
  const answer = await state.warm[slot].ask({ steps: state.steps, only: state.only, failFast: true, changed: JOB.files }, limit);
  if (answer.timeout) return "timeout";
  if (answer.died || answer.outcomes.some((one) => one.failed)) return "fails";
  const seen = new Set(answer.outcomes.map((one) => one.name));
  return (state.required || []).every((name) => seen.has(name)) ? "passes" : "fails";
}

async function passesShell(folder, limit) {
  const status = await shell(JOB.command, folder, limit, {});
  return status === null ? "timeout" : status === 0 ? "passes" : "fails";
}

async function worker(state, folders, slot) {
  for (;;) {
    const queue = again ? slow : JOB.edits;
    if (over() || next >= queue.length) return;
    const index = again ? slow[next++] : next++;
    const file = JOB.files[JOB.edits[index][0]], text = edited(index), target = path.join(folders[slot], file);
    if (!parses(file, text)) { found.invalid += 1; continue; }
    if (!again) found.tried += 1;
    fs.writeFileSync(target, text);
    try {
      const limit = Math.min(state.limit * (again ? 4 : 1), Math.max(0.3, JOB.seconds - elapsed()));
      let verdict = state.warm ? await passesWarm(state, slot, limit) : await passesShell(folders[slot], limit);
      if (verdict === "timeout") { found.timeouts += 1; if (!again) slow.push(index); }
      if (verdict === "passes" && state.warm) verdict = await passesShell(folders[slot], state.shellLimit);
      if (verdict === "passes") { found.plausible.push(index); firstFound = firstFound || { index, at: elapsed() }; }
    } finally {
      fs.writeFileSync(target, texts[JOB.edits[index][0]]);
    }
  }
}

async function search(base) {
  const folders = Array.from({ length: JOB.parallel }, (_, number) => path.join(base, "copy" + number));
  for (const folder of folders) copyTree(ROOT, folder);
  const plan = planOf(plain(JOB.command));
  let state = plan === null ? null : await prepareWarm(base, plan, folders);
  const began = elapsed();
  const status = JOB.hung ? null : await shell(JOB.command, folders[0], Math.max(1, JOB.seconds * 0.3), {});
  const took = elapsed() - began;
  if (status === 0) { found.problem = "the tests pass in an untouched copy"; return; }
  const limit = status === null ? Math.min(3, JOB.seconds * 0.15) : Math.min(30, 0.5 + 3 * took);
  state = state === null ? { limit } : { ...state, shellLimit: Math.max(2, limit) };
  found.mode = state.warm ? "warm process" : "command";
  const progress = setInterval(() => console.log("tried " + found.tried + " of " + JOB.edits.length + ", " + found.plausible.length + " plausible, " + elapsed().toFixed(0) + " s"), 2000);
  await Promise.all(folders.map((_, slot) => worker(state, folders, slot)));
  if (found.plausible.length === 0 && slow.length > 0 && elapsed() < JOB.seconds) {
    again = true; next = 0; slow = slow.slice(0, 20);
    await Promise.all(folders.map((_, slot) => worker(state, folders, slot)));
  }
  clearInterval(progress);
  for (const warm of state.warm || []) warm.close();
}

(async () => {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), "quire-repair-"));
  try {
    fs.writeFileSync(path.join(base, "child.cjs"), CHILD);
    await search(base);
  } finally {
    fs.rmSync(base, { recursive: true, force: true });
  }
  found.plausible.sort((a, b) => a - b);
  found.seconds = Number(elapsed().toFixed(2));
  console.log("QUIRE_RESULT " + JSON.stringify(found));
  process.exit(0);
})();
`;
