/** Node: measures which lines failing and passing observations run, or falls back to stack traces and likely files. */
export const NODE_LOCALISE = String.raw`
async function measure(base) {
  const plan = planOf(JOB.command), warm = new Warm(ROOT, plan, path.join(base, "child.cjs"), true);
  if (plan.steps.every((step) => step.shell || step.vitest)) return null;
  const answer = await warm.ask({ steps: plan.steps, all: true }, Math.max(1, JOB.seconds - elapsed()));
  warm.close();
  const coverage = answer.coverage || JSON.parse(readText(path.join(base, "child.cjs.hang")) || "null");
  const ran = Object.keys((coverage || { lines: {} }).lines).filter((file) => !TEST_PATH.test(file));
  return ran.length > 0 && ran.every(isEditable) ? coverage : null;
}

/** Files that are not ignored: what a build makes is no place for an edit, and its lines are not those of the source. */
const listed = cp.spawnSync("git", ["-c", "core.fsmonitor=false", "ls-files", "-coz", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" });
const kept = listed.status === 0 ? new Set(listed.stdout.split("\0")) : null;
const isEditable = (file) => !TEST_PATH.test(file) && !file.startsWith("..") && (kept === null || kept.has(file));

function windows(text, wanted, left) {
  if (text.length <= Math.min(left, 24000)) return [{ firstLine: 1, offset: 0, text }];
  const lines = text.split(/(?<=\n)/), keep = new Set();
  for (const line of wanted) { // most suspicious first
    const around = [];
    for (let near = Math.max(1, line - 40); near <= Math.min(lines.length, line + 40); near++) if (!keep.has(near)) around.push(near);
    left -= around.reduce((sum, near) => sum + lines[near - 1].length, 0);
    if (left < 0) break;
    for (const near of around) keep.add(near);
  }
  const pieces = [];
  let offset = 0, first = 0, begin = 0;
  lines.concat("").forEach((line, index) => {
    const number = index + 1;
    if (keep.has(number) && first === 0) { first = number; begin = offset; }
    else if (!keep.has(number) && first !== 0) {
      pieces.push({ firstLine: first, offset: begin, text: text.slice(begin, offset) });
      first = 0;
    }
    offset += line.length;
  });
  return pieces;
}

/** Places that the output of the tests named, as paths in the worktree. */
const hints = JOB.hints.map(([file, line]) => [path.relative(ROOT, path.resolve(ROOT, file)), line]).filter(([file]) => !file.startsWith("..") && fs.existsSync(path.join(ROOT, file)));

/** Without coverage every line of a likely file counts alike; stack traces make the difference. */
function guess() {
  const trace = {}, lines = {};
  for (const [file, line] of hints) (trace[file] = trace[file] || []).push(line);
  const named = [...new Set([...Object.keys(trace).filter(isEditable), ...JOB.sources])].slice(0, 8);
  for (const file of named) lines[file] = Object.fromEntries(readText(path.join(ROOT, file)).split("\n").map((line, index) => [index + 1, [1, 1]]));
  return { lines, failedRuns: 1, trace };
}

/** Words of the test code at the places of failure, and of the names of failing tests: nearer is stronger. */
function mentions() {
  const found = {};
  const note = (text, weight) => { for (const word of text.match(/[A-Za-z_$][\w$]*/g) || []) found[word] = Math.max(found[word] || 0, weight); };
  for (const name of JOB.failing) note(name, 0.5);
  for (const [file, line] of hints) if (TEST_PATH.test(file))
    readText(path.join(ROOT, file)).split("\n").slice(Math.max(0, line - 7), line + 6).forEach((text, index) => note(text, index === Math.min(6, line - 1) ? 1 : 0.5));
  return found;
}

function report(measured) {
  const { lines, failedRuns, trace } = measured || guess();
  const coefficient = ([bad, good]) => bad === 0 ? 0 : bad / Math.sqrt(failedRuns * (bad + good));
  const score = (file) => measured ? Math.max(0, ...Object.values(lines[file] || {}).map(coefficient)) + (trace[file] ? 0.6 : 0) : 0;
  const names = [...new Set([...Object.keys(lines), ...Object.keys(trace)])].filter(isEditable);
  const files = [];
  let left = JOB.textLimit;
  for (const file of names.sort((a, b) => score(b) - score(a))) {
    const counts = Object.entries(lines[file] || {}).filter(([, [bad]]) => bad > 0);
    const stack = trace[file] || [], text = readText(path.join(ROOT, file));
    if (left <= 0 || text === "" || (counts.length === 0 && stack.length === 0)) continue;
    const ranked = [...counts].sort((a, b) => coefficient(b[1]) - coefficient(a[1])).map(([line]) => Number(line));
    const pieces = windows(text, [...stack, ...ranked], left);
    left -= pieces.reduce((sum, piece) => sum + piece.text.length, 0);
    files.push({ path: file, lines: counts.map(([line, [bad, good]]) => [Number(line), bad, good]), trace: stack, pieces });
  }
  return { totalFailed: failedRuns, how: measured ? "coverage" : "trace", mentions: measured ? {} : mentions(), files };
}

async function work(base) {
  console.log("QUIRE_RESULT " + JSON.stringify(report(await measure(base))));
}
`;
