/**
 * Python: tries candidates in copies of the worktree. The interpreter starts once and imports what the tests need from
 * outside the worktree; forked children try up to 16 edits each with the tests that failed, and one of its own with all.
 */
export const PYTHON_BATCH = String.raw`
import gc, mmap, pathlib, resource, shutil, warnings

SKIPPED = {".git", ".hg", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
LINKED = {"node_modules", ".venv", "venv", "env", ".tox", ".nox"}
FAILS, CONTRADICTS = 1, 3


def copy_tree(source, target):
    """A copy to edit in: version control and caches left out, installed packages and huge files linked."""
    os.makedirs(target)
    for entry in os.scandir(source):
        there = os.path.join(target, entry.name)
        packages = entry.name in LINKED or os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))
        if entry.name in SKIPPED:
            continue
        if packages or entry.is_symlink() or entry.is_file() and entry.stat().st_size > 5000000:
            os.symlink(os.path.realpath(entry.path), there)
        elif entry.is_dir():
            copy_tree(entry.path, there)
        elif entry.is_file():
            shutil.copy2(entry.path, there)


def enter(slot):
    """Moves the process into a copy: working directory and module search path."""
    global HERE
    HERE = slot
    os.chdir(slot)
    os.environ["PWD"] = slot
    sys.path[:] = [re.sub("^%s(?=/|$)" % re.escape(ROOT), slot, place) for place in sys.path]


class Failed(BaseException):
    """Ends a run at the first test that fails."""


class Picky(Observer):
    """Runs the wanted tests, all without any, up to the first that fails."""

    def __init__(self, wanted):
        Observer.__init__(self, 0)
        self.wanted = wanted

    def wants(self, name):
        name = self.run + name
        return not self.wanted or any(name.startswith(one) or one.startswith(name) for one in self.wanted)

    def fail(self, error):
        if PYTEST:  # which would catch the exception
            os._exit(FAILS)
        raise Failed


def baseline(slot, examples):
    """What fails in an untouched copy, how long the tests take, what they import, which examples hold."""
    enter(slot)
    sys.dont_write_bytecode = False
    observer = Observer(max(0.5, min(1.5, JOB["seconds"] * 0.15)))
    run_all(observer)
    # A list: a lazy module imports others when it is asked for its file.
    files = {name: getattr(one, "__file__", None) for name, one in list(sys.modules.items())}
    return {
        "outcomes": observer.outcomes,
        "modules": [name for name, path in files.items() if path and not here(path)],
        "held": [place for place, example in enumerate(examples) if holds(example)],
    }


class Search:
    def __init__(self, base):
        self.slots = [os.path.join(base, "copy%d" % number) for number in range(JOB["parallel"])]
        self.free, self.running, self.tried, self.timeouts = list(range(len(self.slots))), {}, 0, 0
        self.progress = mmap.mmap(-1, len(self.slots))  # which of its edits the child of a copy is at
        self.queue = collections.deque((index, "first") for index in range(len(JOB["edits"])))
        self.plausible, self.contradicting, self.end = [], [], START + JOB["seconds"]
        self.texts = {path: pathlib.Path(path).read_bytes().decode() for path in JOB["files"]}
        self.examples = [one for path, text in self.texts.items() for one in examples_in(path, text)][:40]

    def prepare(self):
        """Runs the tests in a copy and says why there is nothing to search for."""
        first, *others = self.slots
        copy_tree(ROOT, first)
        found = answer_of_child(lambda: baseline(first, self.examples), max(1, JOB["seconds"] * 0.5))
        for path in JOB["files"]:  # all others keep the bytecode that this run has written
            with contextlib.suppress(OSError):
                os.remove(importlib.util.cache_from_source(os.path.join(first, path)))
        for slot in others:
            with contextlib.suppress(shutil.Error):  # at its end, of what tests have left that is no file
                shutil.copytree(first, slot, symlinks=True)
        if found is None:
            return "the tests did not end in the copy"
        for name in found["modules"]:
            with contextlib.suppress(BaseException):
                importlib.import_module(name)
        gc.collect()
        gc.freeze()  # pytest collects garbage five times at its end; children inherit an empty heap
        outcomes = found["outcomes"]
        self.held = [self.examples[place] for place in found["held"]]
        self.failing = [name for name, (failed, _, _) in outcomes.items() if failed]
        # Seconds of CPU, so that a busy machine judges no differently; what is stopped gets a second chance.
        known = sum(seconds for _, seconds, hung in outcomes.values() if not hung)
        limit = min(20, (0.25 if PYTEST else 0.06) + 4 * known)
        self.limits = {"first": limit, "again": 4 * limit, "confirm": 1 + 3 * limit}
        return None if self.failing else "the tests pass in an untouched copy"

    def launch(self):
        """Starts a child on one edit, or on several that were not tried yet: a fork costs more than most tests."""
        number, tasks = self.free.pop(), [self.queue.popleft()]
        while self.queue and tasks[0][1] == self.queue[0][1] == "first" and len(tasks) < (1 if PYTEST else 16):
            tasks.append(self.queue.popleft())
        self.progress[number] = 0
        child = start_child(lambda: self.attempt_all(number, tasks))
        self.running[child] = [number, tasks, 0, time.monotonic()]

    def attempt_all(self, number, tasks):
        """Body of a child: tries edits up to the first that does not fail and returns what became of it."""
        for place, (index, stage) in enumerate(tasks):
            self.progress[number] = place
            signal.setitimer(signal.ITIMER_PROF, self.limits[stage])
            path, line, old, new = self.edit(index)
            file = pathlib.Path(self.slots[number], path)
            file.write_bytes(new.encode())
            try:
                status = self.attempt(number, stage, path, line)
            except Failed:
                status = FAILS
            if status != FAILS:
                return status
            file.write_bytes(old.encode())
        return FAILS

    def edit(self, index):
        """Path and line of an edit, and the text of the file without and with it."""
        file, start, end, text = JOB["edits"][index]
        path = JOB["files"][file]
        old = self.texts[path]
        return path, old.count("\n", 0, start) + 1, old, old[:start] + text + old[end:]

    def attempt(self, number, stage, path, line):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, 2 << 30))
        enter(self.slots[number])
        forget(re.compile("."))
        observer = Picky([] if stage == "confirm" else self.failing)
        passed = run_all(observer)
        if not passed or not all(any(name.startswith(one) for name in observer.outcomes) for one in self.failing):
            return FAILS
        # An edit may not break an example that holds, and those of its own function have to hold.
        own = [one for one in self.examples if one.path == path and line in one.lines]
        return 0 if stage != "confirm" or all(map(holds, self.held + own)) else CONTRADICTS

    def reap(self, child):
        number, tasks, place, since = self.running[child]
        index, stage = tasks[place]
        # A child ends itself by its CPU time: the clock is for one that waits.
        status = end_of_child(child, since + 1 + 6 * self.limits[stage])
        if status is None:
            if self.progress[number] != place:
                self.running[child][2:] = self.progress[number], time.monotonic()
            return
        del self.running[child]
        index, stage = tasks[self.progress[number]]
        rest = tasks[self.progress[number] + 1 :]
        self.queue.extendleft(reversed(rest))
        self.tried += len(tasks) - len(rest) if stage == "first" else 0
        path, _, old, _ = self.edit(index)
        pathlib.Path(self.slots[number], path).write_bytes(old.encode())
        self.free.append(number)
        if os.WIFSIGNALED(status):
            self.timeouts += 1
            self.queue.extend([(index, "again")] if stage == "first" else [])
        elif os.WEXITSTATUS(status) == CONTRADICTS:
            self.contradicting.append(index)
        elif status == 0 and stage == "confirm":
            self.plausible.append(index)
            self.end = min(self.end, time.monotonic() + JOB["lookaheadSeconds"])
        elif status == 0:
            self.queue.appendleft((index, "confirm"))

    def goes_on(self):
        """Whether the next of the queue is worth trying: once an edit has passed, some more are, to know of others."""
        index, stage = self.queue[0] if self.queue else (math.inf, "")
        near = index <= min(self.plausible, default=len(JOB["edits"])) + JOB["lookahead"]
        return stage == "confirm" or near and len(self.plausible) < JOB["wanted"]

    def run(self):
        shown = time.monotonic()
        while time.monotonic() < self.end and (self.running or self.goes_on()):
            while self.free and self.goes_on():
                self.launch()
            if time.monotonic() > shown + 2:
                shown = time.monotonic()
                print("tried %d of %d, %d plausible" % (self.tried, len(JOB["edits"]), len(self.plausible)), flush=True)
            time.sleep(0.001)
            for child in list(self.running):
                self.reap(child)


def batch():
    warnings.simplefilter("ignore")
    base = os.path.realpath(tempfile.mkdtemp(prefix="quire-repair-"))
    search = Search(base)
    try:
        problem = search.prepare()
        if problem is None:
            search.run()
    finally:
        for child in search.running:
            end_of_child(child, 0)
        shutil.rmtree(base, ignore_errors=True)
    return {
        "problem": problem,
        "tried": search.tried,
        "timeouts": search.timeouts,
        "plausible": sorted(search.plausible),
        "contradicting": sorted(search.contradicting),
        "seconds": round(time.monotonic() - START, 2),
    }


print("QUIRE_RESULT " + json.dumps(batch()))
`;
