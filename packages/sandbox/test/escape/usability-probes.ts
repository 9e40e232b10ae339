import { type Probe, WRITING, works } from "./probe.ts";

const ownServer = `node -e '
const http = require("http");
const s = http.createServer((q, r) => r.end("hi")).listen(0, "127.0.0.1", () =>
  http.get({ port: s.address().port }, (r) => { r.resume(); r.on("end", () => process.exit(r.statusCode === 200 ? 0 : 1)); }));'`;

/** What a developer's commands do all day. */
export const USABILITY_PROBES: readonly Probe[] = [
  works("git.status", "git status --porcelain"),
  works("git.log", "git log --oneline | grep -q one"),
  works("git.diff", "[ -w . ] && echo x >> README.md; git diff --stat && git diff > /dev/null"),
  works("git.grep", "git grep -q hello"),
  works("git.nested-log-fails-cleanly", "! git -C a/b/c/d/e/f/g/deep log 2>/dev/null"),
  works("node.own-server", ownServer),
  works(
    "node.test-runner",
    `printf 'require("node:test")("t", () => {})' > /tmp/t.test.js && node --test /tmp/t.test.js > /tmp/o && grep -q 'pass 1' /tmp/o`,
  ),
  works(
    "node.child-with-channel",
    `node -e 'const c = require("child_process").fork("-e", { execArgv: [], stdio: ["ignore","ignore","ignore","ipc"], execPath: process.execPath }); c.on("exit", () => process.exit(0))'`,
  ),
  works(
    "node.worker",
    `node -e 'new (require("worker_threads").Worker)("require(\\"worker_threads\\").parentPort.postMessage(1)", { eval: true }).on("message", () => process.exit(0))'`,
  ),
  works("npm.run", "npm run hi 2>&1 | grep -q hi-from-npm", { needs: "npm" }),
  works("python.script", "python3 -c 'import json, subprocess; subprocess.check_call([\"true\"])'", {
    needs: "python3",
  }),
  works(
    "python.pool",
    "python3 -c 'import multiprocessing as m; p = m.Pool(2); assert p.map(abs, [-1]) == [1]; p.close()'",
    { needs: "python3" },
  ),
  works("make", "make && grep -q made made.txt", { ...WRITING, needs: "make" }),
  works("cc", "echo 'int main(){return 0;}' > /tmp/c.c && cc -o /tmp/c /tmp/c.c && /tmp/c", { needs: "cc" }),
  works("shell.streams-by-name", "echo x > /dev/stdout && echo x | tee /dev/stderr && : < /dev/stdin"),
  works("shell.fifo", "mkfifo /tmp/f; echo x > /tmp/f & [ $(cat /tmp/f) = x ]"),
  works("shell.background", "sleep 0.1 & wait $!"),
  works("shell.substitution", "[ $(cat <(echo hi)) = hi ]"),
  works("shell.here-document", "[ $(cat <<'X' | wc -l\na\nb\nX\n) = 2 ]"),
  works("shell.kill-child", "sleep 60 & kill $! && ! wait $!"),
  works("shell.temporary-files", "f=$(mktemp) && echo x > $f && d=$(mktemp -d) && rm -r $d $f"),
  works("shell.shared-memory", "echo x > /dev/shm/x && rm /dev/shm/x"),
  works("shell.archive", "tar -cf /tmp/a.tar README.md && tar -tf /tmp/a.tar | grep -q README"),
  works("shell.many-processes", "for i in $(seq 100); do sleep 0.3 & done; wait"),
  works("files.rename-folder", "mkdir d1 && echo x > d1/f && mv d1 d2 && rm -r d2", WRITING),
  works("files.rename-beside-protected", "mkdir a/x && mv a/x a/y && rmdir a/y", WRITING),
  works(
    "files.save-by-rename",
    "echo x > n.tmp && mv n.tmp n.txt && chmod 755 n.txt && ln -s n.txt n.link",
    WRITING,
  ),
  works("files.example-settings", "grep -q K= .env.example"),
  works("files.second-root", "echo x > $WS2/f && rm $WS2/f", WRITING),
  works(
    "files.devices",
    "echo x > /dev/null && head -c 8 /dev/urandom > /dev/null && head -c 8 /dev/zero > /dev/null",
  ),
  works("system.information", "nproc && date && uname -a && id && df . && ps && free || [ $? -ne 126 ]"),
  works("system.resolve-own-name", "getent hosts localhost"),
  works("tty.size", "[ \"$(stty size)\" = '30 100' ]", { tty: true }),
  works("tty.script", "script -qec 'echo hi' /dev/null | grep -q hi", { tty: true, needs: "script" }),
  works("tty.job-control", "set -m; sleep 0.1 & fg %1", { tty: true }),
];
