/**
 * Python: tries candidates in copies of the worktree. The interpreter starts once and imports what the tests need from
 * outside the worktree; every candidate is a forked child in a process group of its own with a time limit.
 */
export const PYTHON_BATCH = `
class Search:
    def __init__(self, base):
        self.slots = [os.path.join(base, "copy%d" % number) for number in range(JOB["parallel"])]
        self.texts, self.running, self.free = {}, {}, []
        self.tried = self.invalid = self.timeouts = 0
        self.slow, self.plausible, self.confirming, self.contradicting = [], [], [], []
        self.first_found = None
    def elapsed(self):
        return time.monotonic() - START
    def prepare(self):
        for slot in self.slots:
            copy_tree(ROOT, slot)
        for path in JOB["files"]:
            with open(os.path.join(ROOT, path), encoding="utf-8", newline="") as file:
                self.texts[path] = file.read()
        self.free = list(self.slots)
        if JOB["command"]:
            return self.prepare_command()
        JOB["examples"] = {path: examples_in(text) for path, text in self.texts.items()}
        found = baseline(self.slots[0])
        if found is None:
            return "the tests did not end in the copy"
        for name in found["modules"]:
            try:
                importlib.import_module(name)
            except BaseException:
                pass
        gc.collect()
        gc.freeze()  # pytest collects garbage five times at its end; children inherit an empty heap
        outcomes = found["outcomes"]
        self.held = {tuple(one) for one in found["held"]}
        self.failing = {name for name, (failed, seconds, hung) in outcomes.items() if failed}
        known = sum(seconds for failed, seconds, hung in outcomes.values() if not hung)
        # Seconds of CPU, so that a busy machine judges no differently; what is stopped too early gets a second chance.
        self.limit = min(20.0, (0.12 if any(hung for _, _, hung in outcomes.values()) else 0.25) + 4 * known)
        broken = {name for name in self.failing if name.startswith(("(start)", "unittest.loader._FailedTest"))}
        self.required = self.failing - broken
        self.wanted = None if broken or not self.failing else self.failing
        return None if self.failing else "the tests pass in an untouched copy"
    def prepare_command(self):
        began = time.monotonic()
        child = self.start_command(self.slots[0])
        try:
            status = child.wait(timeout=max(1.0, JOB["seconds"] * 0.3))
            self.limit = min(30.0, 1.0 + 3 * (time.monotonic() - began))
        except subprocess.TimeoutExpired:
            status, self.limit = 1, 5.0
        kill(child.pid)
        child.wait()
        return None if status else "the tests pass in an untouched copy"
    def start_command(self, slot):
        environment = dict(os.environ, PWD=slot)
        return subprocess.Popen(["sh", "-c", JOB["command"]], cwd=slot, env=environment, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    def edited(self, index):
        file, start, end, text = JOB["edits"][index]
        old = self.texts[JOB["files"][file]]
        return old[:start] + text + old[end:]
    def examples_for(self, index):
        """An edit may not break an example that holds, and those of its own function have to hold."""
        file, start = JOB["edits"][index][:2]
        path = JOB["files"][file]
        line = self.texts[path].count("\\n", 0, start) + 1
        return [(path, call, value) for first, last, call, value in JOB["examples"][path] if (path, call) in self.held or first <= line <= last]
    def launch(self, index, stage, limit):
        slot = self.free.pop()
        path = JOB["files"][JOB["edits"][index][0]]
        with open(os.path.join(slot, path), "w", encoding="utf-8", newline="") as file:
            file.write(self.edited(index))
        if JOB["command"]:
            child = self.start_command(slot).pid
        else:
            child = os.fork()
            if child == 0:
                try:
                    signal.setitimer(signal.ITIMER_PROF, limit)
                    child_run(slot, *((self.wanted, self.required, []) if stage == "failing" else (None, self.required, self.examples_for(index))))
                finally:
                    os._exit(1)
        # Forked children end themselves by their CPU time: the clock is for those that wait.
        self.running[child] = (index, slot, path, stage, time.monotonic() + (limit if JOB["command"] else 1 + 6 * limit))
    def reap(self):
        now = time.monotonic()
        for child, (index, slot, path, stage, deadline) in list(self.running.items()):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended == 0 and now < deadline:
                continue
            kill(child)
            if ended == 0:
                os.waitpid(child, 0)
            if ended == 0 or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF):
                self.timeouts += 1
                self.slow += [index] if stage == "failing" else []
            del self.running[child]
            with open(os.path.join(slot, path), "w", encoding="utf-8", newline="") as file:
                file.write(self.texts[path])
            self.free.append(slot)
            if ended and status == 0:
                self.passed(index, stage)
            elif ended and os.WIFEXITED(status) and os.WEXITSTATUS(status) == CONTRADICTS:
                self.contradicting.append(index)
    def passed(self, index, stage):
        if stage == "failing" and not JOB["command"]:
            self.confirming.append(index)
            return
        self.plausible.append(index)
        if self.first_found is None:
            self.first_found = (index, self.elapsed())
    def enough(self, index):
        if len(self.plausible) >= JOB["wanted"]:
            return True
        if self.first_found is None:
            return False
        rank, when = self.first_found
        return index > rank + JOB["lookahead"] or self.elapsed() > when + JOB["lookaheadSeconds"]
    def run(self):
        queue, again, shown = list(range(len(JOB["edits"]))), False, self.elapsed()
        position = 0
        while True:
            over = self.elapsed() > JOB["seconds"]
            if over:
                break
            while self.free and self.confirming:
                self.launch(self.confirming.pop(0), "all", self.limit * 3 + 1)
            while self.free and position < len(queue) and not self.enough(queue[position]):
                index, position = queue[position], position + 1
                if self.valid(index):
                    self.tried += 0 if again else 1
                    self.launch(index, "failing", self.limit * (4 if again else 1))
            if not self.running:
                if position < len(queue) and not self.enough(queue[position]):
                    continue
                if self.plausible or again or not self.slow:
                    break
                queue, position, again = sorted(self.slow)[:20], 0, True
            if self.elapsed() - shown > 2:
                shown = self.elapsed()
                print("tried %d of %d, %d plausible, %.0f s" % (self.tried, len(queue), len(self.plausible), shown), flush=True)
            self.reap()
            time.sleep(0.001)
    def valid(self, index):
        if not JOB["files"][JOB["edits"][index][0]].endswith(".py"):
            return True
        try:
            compile(self.edited(index), "candidate", "exec")
            return True
        except (SyntaxError, ValueError):
            self.invalid += 1
            return False
    def close(self):
        for child in list(self.running):
            kill(child)
            os.waitpid(child, 0)

def batch():
    base = tempfile.mkdtemp(prefix="quire-repair-")
    search = Search(base)
    try:
        problem = search.prepare()
        if problem is None:
            search.run()
    finally:
        search.close()
        shutil.rmtree(base, ignore_errors=True)
    return {"problem": problem, "tried": search.tried, "invalid": search.invalid, "timeouts": search.timeouts, "plausible": sorted(search.plausible), "contradicting": sorted(search.contradicting), "seconds": round(search.elapsed(), 2), "mode": "command" if JOB["command"] else "fork"}

print("QUIRE_RESULT " + json.dumps(batch()))
`;
