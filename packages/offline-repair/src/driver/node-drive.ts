/**
 * Node: owns the warm processes of a driver: starts them, hands out jobs, kills the whole process group of one that
 * takes too long and starts another.
 */
export const NODE_DRIVE = `
class Warm {
  constructor(folder, plan, childFile, measure) {
    Object.assign(this, { folder, plan, childFile, measure, child: null, spare: null, served: 0 });
  }
  spawn() {
    const told = { root: this.folder, measure: this.measure, testPattern: JOB.testPattern, files: JOB.files, seconds: JOB.seconds, hangSeconds: JOB.testSeconds || 0, hangFile: this.childFile + ".hang" };
    const env = { ...environment(this.folder), QUIRE_TOLD: JSON.stringify(told) };
    // Should the driver be killed, an endless loop ends by itself all the same.
    const limited = ["-c", 'ulimit -t "$0"; exec "$@"', String(Math.ceil(4 * JOB.seconds)), process.execPath];
    const child = cp.spawn("sh", [...limited, "--max-old-space-size=1024", ...this.plan.flags, this.childFile], { cwd: this.folder, env, detached: true, stdio: ["ignore", "ignore", "ignore", "ipc"] });
    child.on("error", () => {});
    return child;
  }
  /** The child's answer, or { timeout } after so many seconds of CPU or four times as many in all, or { died }. */
  ask(job, seconds) {
    if (this.child === null) {
      this.child = this.spare || this.spawn();
      this.served = 0;
      // The next process starts up while this one works: many candidates never end.
      this.spare = this.measure ? null : this.spawn();
    }
    const { child } = this, began = performance.now(), before = cpuSeconds(child.pid);
    const longest = this.measure || job.steps.every((step) => step.shell) ? seconds : 4 * seconds; // what a shell starts is not counted
    return new Promise((done) => {
      const finish = (answer) => {
        clearInterval(timer);
        child.removeAllListeners("message").removeAllListeners("exit");
        if (!answer.again || ++this.served >= 400) this.drop();
        done(answer);
      };
      const timer = setInterval(() => {
        const wall = (performance.now() - began) / 1000;
        if (wall > longest || (wall > seconds && !(cpuSeconds(child.pid) - before <= seconds))) finish({ timeout: true });
      }, Math.min(100, 200 * seconds));
      child.on("message", finish);
      child.on("exit", () => finish({ died: true }));
      child.send(job, () => {});
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

/** CPU time of a process, so that a busy machine stops no right candidate; NaN where it cannot be known. */
function cpuSeconds(pid) {
  const fields = readText("/proc/" + pid + "/stat").split(") ").pop().split(" ");
  return fields.length > 12 ? (Number(fields[11]) + Number(fields[12])) / 100 : NaN;
}

function environment(folder) {
  const bins = [path.relative(ROOT, here), ""].map((part) => path.join(folder, part, "node_modules/.bin"));
  return { ...process.env, PATH: [...bins, process.env.PATH].join(path.delimiter), PWD: folder, CI: "1" };
}

/** Runs a command in the shell; resolves to its status, null when it was stopped. */
function shell(command, folder, seconds) {
  return new Promise((done) => {
    const child = cp.spawn("sh", ["-c", command], { cwd: folder, env: environment(folder), detached: true, stdio: "ignore" });
    const timer = setTimeout(() => finish(null), seconds * 1000);
    const finish = (status) => { clearTimeout(timer); killGroup(child.pid); done(status); };
    child.on("error", () => finish(127));
    child.on("exit", (status) => finish(status === null ? 1 : status));
  });
}
`;
