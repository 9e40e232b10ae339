/**
 * Node: owns the warm processes of a driver: starts them, hands out jobs, kills the whole process group of one that
 * takes too long and starts another.
 */
export const NODE_DRIVE = String.raw`
class Warm {
  constructor(folder, plan, childFile, measure) {
    Object.assign(this, { folder, plan, childFile, measure, child: null, spare: null, served: 0 });
  }
  spawn() {
    const esm = walk(this.folder, "", []).some((file) => /\.m[jt]s$/.test(file)) || /"type"\s*:\s*"module"/.test(readText(path.join(this.folder, "package.json")));
    const env = { ...process.env, ...this.plan.env, PWD: this.folder, QUIRE_MEASURE: this.measure ? "1" : "", QUIRE_TEST_PATH: JOB.testPattern, QUIRE_HANG_SECONDS: String(JOB.testSeconds || 0), QUIRE_HANG_FILE: this.childFile + ".hang", QUIRE_ESM: esm ? "1" : "" };
    const child = cp.spawn(process.execPath, ["--max-old-space-size=1024", ...this.plan.flags, this.childFile], { cwd: this.folder, env, detached: true, stdio: ["ignore", "ignore", "ignore", "ipc"] });
    child.on("error", () => {});
    return child;
  }
  /** The child's answer, or { timeout } or { died }; after either the next call starts a fresh process. */
  ask(job, seconds) {
    if (this.child === null) {
      this.child = this.spare || this.spawn();
      this.served = 0;
      // The next process starts up while this one works: many candidates never end.
      this.spare = this.measure ? null : this.spawn();
    }
    const { child } = this;
    return new Promise((done) => {
      const finish = (answer, keep) => {
        clearTimeout(timer);
        child.removeAllListeners("message").removeAllListeners("exit");
        if (!keep || ++this.served >= 400) this.drop();
        done(answer);
      };
      const timer = setTimeout(() => finish({ timeout: true }, false), seconds * 1000);
      child.on("message", (answer) => finish(answer, true));
      child.on("exit", () => finish({ died: true }, false));
      child.send({ id: 1, ...job }, () => {});
    });
  }
  drop() {
    if (this.child !== null) killGroup(this.child.pid);
    this.child = null;
  }
  close() {
    this.drop();
    if (this.spare) killGroup(this.spare.pid);
    this.spare = null;
  }
}

function killGroup(pid) {
  try { process.kill(-pid, "SIGKILL"); } catch { /* it has ended already */ }
}

function readText(file) {
  try { return fs.readFileSync(file, "utf8"); } catch { return ""; }
}

/** Runs the command in the shell; resolves to its status, null when it was stopped. */
function shell(command, folder, seconds, env) {
  return new Promise((done) => {
    const bin = path.join(ROOT, "node_modules/.bin") + path.delimiter + process.env.PATH;
    const child = cp.spawn("sh", ["-c", command], { cwd: folder, env: { ...process.env, PATH: bin, PWD: folder, CI: "1", ...env }, detached: true, stdio: "ignore" });
    const timer = setTimeout(() => finish(null), seconds * 1000);
    const finish = (status) => { clearTimeout(timer); killGroup(child.pid); done(status); };
    child.on("error", () => finish(127));
    child.on("exit", (status) => finish(status === null ? 1 : status));
  });
}
`;
