/** Node: measures which lines failing and passing observations run, or falls back to stack traces and likely files. */
export const NODE_LOCALISE = String.raw`
async function measure(base) {
  const plan = planOf(plain(JOB.command));
  if (plan === null || plan.steps.some((step) => step.runner === "vitest")) return null;
  const warm = new Warm(ROOT, plan, path.join(base, "child.cjs"), true);
  const answer = await warm.ask({ steps: plan.steps, only: null, failFast: false }, Math.max(1, JOB.seconds - elapsed()));
  warm.close();
  if (answer.coverage) return answer;
  const places = parseList(readText(path.join(base, "child.cjs.hang")));
  return places.length > 0 ? { outcomes: [], coverage: hanging(places) } : null;
}

function parseList(text) {
  try { return JSON.parse(text); } catch { return []; }
}

/** The lines of the loop that was caught count most, the lines around them and their callers less. */
function hanging(places) {
  const lines = {}, trace = {};
  for (const [url, line, depth] of places) {
    const file = url.startsWith("file:") ? require("url").fileURLToPath(url.split("?")[0]) : url;
    if (!file.startsWith(ROOT + path.sep) || file.includes("node_modules")) continue;
    const name = path.relative(ROOT, file);
    const known = (lines[name] = lines[name] || {});
    if (depth === 0) (trace[name] = trace[name] || []).push(line);
    if (depth < 3) for (let near = Math.max(1, line - 8); near <= line + 8; near++) known[near] = depth === 0 ? [0.5, 1] : [0.2, 1];
  }
  for (const name of Object.keys(trace)) trace[name] = [...new Set(trace[name])];
  return { lines, failedRuns: 1, trace };
}

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

/** Without coverage every line of a likely file counts alike; stack traces make the difference. */
function guess() {
  const trace = {}, lines = {};
  for (const [file, line] of JOB.hints) {
    const full = path.resolve(ROOT, file);
    if (full.startsWith(ROOT + path.sep) && fs.existsSync(full)) (trace[path.relative(ROOT, full)] = trace[path.relative(ROOT, full)] || []).push(line);
  }
  const named = [...new Set([...Object.keys(trace).filter((file) => !TEST_PATH.test(file)), ...JOB.sources])].slice(0, 8);
  for (const file of named) lines[file] = Object.fromEntries(readText(path.join(ROOT, file)).split("\n").map((line, index) => [index + 1, [1, 1]]));
  return { lines, failedRuns: 1, trace };
}

/** Words of the test code at the places of failure, and of the names of failing tests: nearer is stronger. */
function mentions() {
  const found = {};
  const note = (text, weight) => { for (const word of text.match(/[A-Za-z_$][\w$]*/g) || []) found[word] = Math.max(found[word] || 0, weight); };
  for (const name of JOB.failing) note(name, 0.5);
  for (const [file, line] of JOB.hints) {
    const full = path.resolve(ROOT, file);
    if (!full.startsWith(ROOT + path.sep) || !TEST_PATH.test(path.relative(ROOT, full))) continue;
    readText(full).split("\n").slice(Math.max(0, line - 7), line + 6).forEach((text, index) => note(text, index === Math.min(6, line - 1) ? 1 : 0.5));
  }
  return found;
}

function report(answer) {
  const measured = answer !== null && Object.keys(answer.coverage.lines).some((file) => !TEST_PATH.test(file));
  const { lines, failedRuns, trace } = measured ? answer.coverage : guess();
  const score = (file) => Math.max(0, ...Object.values(lines[file] || {}).map(([bad, good]) => bad === 0 ? 0 : bad / Math.sqrt(failedRuns * (bad + good)))) + (trace[file] ? 0.6 : 0);
  const names = [...new Set([...Object.keys(lines), ...Object.keys(trace)])].filter((file) => !TEST_PATH.test(file) && !file.startsWith(".."));
  let left = JOB.textLimit;
  const files = [];
  const order = measured ? names.map((file) => [file, score(file)]).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)) : names.map((file) => [file, 1]);
  for (const [file] of order) {
    const counts = Object.entries(lines[file] || {}).filter(([, [bad]]) => bad > 0).map(([line, [bad, good]]) => [Number(line), bad, good]);
    const stack = trace[file] || [];
    const text = readText(path.join(ROOT, file));
    if (left <= 0 || text === "" || (counts.length === 0 && stack.length === 0)) continue;
    const ranked = [...counts].sort((a, b) => b[1] / Math.sqrt(b[1] + b[2]) - a[1] / Math.sqrt(a[1] + a[2]) || a[0] - b[0]);
    const pieces = windows(text, [...stack, ...ranked.map(([line]) => line)], left);
    left -= pieces.reduce((sum, piece) => sum + piece.text.length, 0);
    files.push({ path: file, lines: counts, trace: stack, pieces });
  }
  const outcomes = answer ? answer.outcomes : [];
  return { totalFailed: failedRuns, failed: outcomes.filter((one) => one.failed).map((one) => one.name).slice(0, 50), passed: outcomes.filter((one) => !one.failed).length, hung: [], how: measured ? "coverage" : "trace", mentions: measured ? {} : mentions(), files };
}

(async () => {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), "quire-repair-"));
  try {
    fs.writeFileSync(path.join(base, "child.cjs"), CHILD);
    console.log("QUIRE_RESULT " + JSON.stringify(report(await measure(base))));
  } finally {
    fs.rmSync(base, { recursive: true, force: true });
  }
  process.exit(0);
})();
`;
