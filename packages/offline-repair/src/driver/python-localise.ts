/**
 * Python: runs the tests once under a line tracer. Every line of a test file opens a new segment, so that one assert
 * is one observation even in a script without test functions. The segment that fails counts as failed; when it only
 * looks at an earlier result, the segment before it that ran source lines does. What else a failing test did counts
 * as failed in part, unless an assertion of its own passed.
 */
export const PYTHON_LOCALISE = String.raw`
import ast, threading

class Spectrum(Observer):
    def __init__(self, test_seconds):
        Observer.__init__(self, test_seconds)
        self.kinds, self.starts, self.segments, self.last, self.asserts = {}, {}, [], {}, set()
        self.current, self.bad, self.soft, self.trace, self.hung, self.loaded = set(), set(), set(), {}, [], set()
    def kind(self, path):
        if path not in self.kinds:
            name = relative(path) if path.endswith(".py") else None
            skip = name is None or "site-packages" in name or name.startswith(("venv/", ".venv/", "env/", ".tox/"))
            self.kinds[path] = None if skip else "test" if TEST_PATH.search(name) else "source"
        return self.kinds[path]
    def open(self, key):
        if len(self.segments) < 4000 or key not in self.last:
            self.segments.append((self.name, key, set()))
            self.last[key] = len(self.segments) - 1
        self.current = self.segments[self.last[key]][2]
    def statement(self, path, line):
        """First line of the statement of a test file that a line belongs to."""
        if path not in self.starts:
            self.starts[path] = table = {}
            try:
                tree = ast.parse(open(path, "rb").read())
            except (OSError, SyntaxError, ValueError):
                tree = ast.Module(body=[], type_ignores=[])
            for node in ast.walk(tree):
                if isinstance(node, ast.stmt) and not hasattr(node, "body"):
                    for covered in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                        table[covered] = node.lineno
                    if asserts(node):
                        self.asserts.add((path, node.lineno))
        return self.starts[path].get(line, line)
    def on_call(self, frame, event, arg):
        kind = self.kind(frame.f_code.co_filename)
        if kind == "source":
            return self.on_source if frame.f_code.co_flags & 1 else self.on_load  # 1: the body of a function
        return self.on_test if kind == "test" else None
    def on_source(self, frame, event, arg):
        if event == "line":
            self.current.add((frame.f_code.co_filename, frame.f_lineno))
        return self.on_source
    def on_load(self, frame, event, arg):
        if event == "line":
            self.loaded.add((frame.f_code.co_filename, frame.f_lineno))
        return self.on_load
    def on_test(self, frame, event, arg):
        if event == "line":
            path = frame.f_code.co_filename
            self.open((path, self.statement(path, frame.f_lineno)))
        return self.on_test
    def begin(self, name):
        Observer.begin(self, name)
        self.open((name, 0))
        self.first = len(self.segments) - 1
    def end(self):
        sys.settrace(None)
        for error in self.errors:
            self.blame(error)
        if any(isinstance(error, Hang) for error in self.errors):
            self.hung.append(self.name)
        Observer.end(self)
        sys.settrace(self.on_call)
    def blame(self, error):
        failing = []
        for path, line in frames_of(error):
            kind = self.kind(path)
            if kind == "source":
                self.trace.setdefault(relative(path), set()).add(line)
            elif kind == "test" and (path, self.statement(path, line)) in self.last:
                failing.append(self.last[(path, self.statement(path, line))])
        failing = [index for index in failing if index >= self.first]
        if not failing:
            self.bad.update(range(self.first, len(self.segments)))
            return
        index = last = max(failing)
        ran = lambda one: any(self.kind(path) == "source" for path, _ in self.segments[one][2])
        called = [one for one in range(last, len(self.segments)) if ran(one)]  # by the statement, or by functions of the test file that it calls
        while not called and index > self.first and not ran(index):
            index -= 1
        self.bad.update(called or [index])
        self.soft.update(one for one in range(self.first, last) if self.segments[one][1] not in self.asserts)
    def lines(self):
        table = {}
        for index, (name, key, covered) in enumerate(self.segments):
            for path, line in covered:
                counts = table.setdefault(relative(path), {}).setdefault(line, [0, 0])
                if index in self.bad:
                    counts[0] += 1
                elif index in self.soft:
                    counts[0] += 0.4
                else:
                    counts[1] += 1
        for path, line in self.loaded:  # what runs on import is a little suspicious, whatever fails
            table.setdefault(relative(path), {}).setdefault(line, [len(self.bad), 8 * len(self.bad)])
        return table

def asserts(node):
    """Whether a statement of a test checks something itself."""
    called = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    return isinstance(node, ast.Assert) or (getattr(called, "attr", None) or getattr(called, "id", "")).lower().startswith("assert")

def frames_of(error):
    """File and line of every frame of an exception, also of those that its text quotes."""
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    quoted = re.findall(r'File "([^"]+)", line (\d+)', str(error)) + re.findall(r"^(\S+\.py):(\d+): ", str(error), re.M)
    frames += [(path if os.path.isabs(path) else os.path.join(ROOT, path), int(line)) for path, line in quoted]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno or 1))
    return frames

def measure(argv):
    """Runs the tests in a child of its own, so that nothing they do survives; its findings come back as JSON."""
    def work():
        spectrum = Spectrum(JOB["testSeconds"])
        threading.settrace(spectrum.on_call)
        sys.settrace(spectrum.on_call)
        spectrum.name = "(import)"
        spectrum.open(("(import)", 0))
        status = run_tests(argv, spectrum)
        sys.settrace(None)
        return {
            "status": status, "lines": spectrum.lines(), "bad": len(spectrum.bad), "hung": spectrum.hung,
            "outcomes": spectrum.outcomes, "trace": {path: sorted(lines) for path, lines in spectrum.trace.items()},
        }
    return answer_of_child(work, max(1.0, JOB["seconds"] - (time.monotonic() - START)))

def localise():
    total = {"failed": [], "passed": 0, "hung": [], "bad": 0, "lines": {}, "trace": {}, "finished": True}
    for argv in JOB["runs"]:
        found = measure(argv)
        if found is None:
            total["finished"] = False
            continue
        total["bad"] += found["bad"]
        total["hung"] += found["hung"]
        for name, (failed, seconds, hung) in found["outcomes"].items():
            total["failed"] += [name] if failed else []
            total["passed"] += 0 if failed else 1
        for path, lines in found["trace"].items():
            total["trace"][path] = sorted(set(total["trace"].get(path, [])) | set(lines))
        for path, lines in found["lines"].items():
            table = total["lines"].setdefault(path, {})
            for line, (bad, good) in lines.items():
                old = table.setdefault(int(line), [0, 0])
                table[int(line)] = [old[0] + bad, old[1] + good]
    return total
`;
