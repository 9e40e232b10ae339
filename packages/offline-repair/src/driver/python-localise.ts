/**
 * Python: runs the tests once under a line tracer. Every line of a test file opens a new segment, so that one assert
 * is one observation even in a script without test functions. The segment that fails counts as failed; when it only
 * looks at an earlier result, the segment before it that ran source lines does. What else a failing test did counts
 * as failed in part, unless an assertion of its own passed.
 */
export const PYTHON_LOCALISE = String.raw`
import itertools, threading


class Spectrum(Observer):
    """Counts for each source line how many statements of the tests ran it and failed, or ran it and did not."""

    def __init__(self, test_seconds):
        Observer.__init__(self, test_seconds)
        self.failed, self.lines, self.loaded, self.trace = 0, {}, set(), {}

    def on_call(self, frame, event, arg):
        return {"test": self.on_test, "source": self.on_source}.get(kind(frame.f_code.co_filename))

    def on_source(self, frame, event, arg):
        if event == "line":
            in_function = frame.f_code.co_flags & 1
            (self.ran if in_function else self.loaded).add((frame.f_code.co_filename, frame.f_lineno))
        return self.on_source

    def on_test(self, frame, event, arg):
        if event == "line" and len(self.segments) < 4000:
            self.open(statement(frame.f_code.co_filename, frame.f_lineno))
        return self.on_test

    def open(self, statement):
        self.ran = set()
        self.segments.append((statement, self.ran))

    def begin(self, name):
        Observer.begin(self, name)
        self.segments = []
        self.open((name, 0, False))

    def end(self):
        sys.settrace(None)
        weights = [(0, 1) for _ in self.segments]  # how much each counts as failed and as passed
        for error in self.errors:
            self.blame(error, weights)
        self.failed += weights.count((1, 0))
        for (bad, good), (_, ran) in zip(weights, self.segments):
            for path, line in ran:
                counts = self.lines.setdefault(here(path), {}).setdefault(line, [0, 0])
                counts[:] = counts[0] + bad, counts[1] + good
        Observer.end(self)
        sys.settrace(self.on_call)

    def blame(self, error, weights):
        """Blames the statement that failed or, when that only looks at a result, the last that ran source lines."""
        failing = set()
        for path, line in frames_of(error):
            if kind(path) == "source":
                self.trace.setdefault(here(path), set()).add(line)
            elif kind(path) == "test":
                failing.add(statement(path, line))
        last = max((place for place, (one, _) in enumerate(self.segments) if one in failing), default=0)
        ran = [place for place, (_, lines) in enumerate(self.segments) if lines]
        for place, ((_, _, asserts), _) in enumerate(self.segments[:last]):
            if weights[place] == (0, 1) and not asserts:
                weights[place] = (0.4, 0)
        for place in [place for place in ran if place >= last] or ran[-1:] or [last]:
            weights[place] = (1, 0)


@functools.lru_cache(None)
def kind(path):
    name = here(path) if path.endswith(".py") else None
    return None if name is None else "test" if TEST_PATH.search(name) else "source"


def statement(path, line):
    """The statement of a test file that a line belongs to: path, its first line, whether it asserts something."""
    return (path, *statements(path).get(line, (line, False)))


@functools.lru_cache(None)
def statements(path):
    found = {}
    with contextlib.suppress(OSError, SyntaxError, ValueError):
        for node in ast.walk(ast.parse(open(path, "rb").read())):
            if isinstance(node, ast.stmt) and not hasattr(node, "body"):
                called = getattr(getattr(node, "value", None), "func", None)
                name = getattr(called, "attr", None) or getattr(called, "id", "")
                asserts = isinstance(node, ast.Assert) or name.lower().startswith("assert")
                found.update((line, (node.lineno, asserts)) for line in range(node.lineno, node.end_lineno + 1))
    return found


def frames_of(error):
    """File and line of every frame of an exception, also of those that its text quotes."""
    step = error.__traceback__
    while step:
        yield step.tb_frame.f_code.co_filename, step.tb_lineno
        step = step.tb_next
    text = str(error)
    for path, line in re.findall(r'File "([^"]+)", line (\d+)', text) + re.findall(r"(?m)^(\S+\.py):(\d+): ", text):
        yield path, int(line)
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename, error.lineno or 1


def read_lines(path):
    """The lines of a file of the worktree, none when it cannot be read."""
    try:
        with open(os.path.join(ROOT, path), encoding="utf-8", newline="") as file:
            return re.findall(r"[^\n]*\n|[^\n]+", file.read())
    except (OSError, ValueError):
        return []


def pieces(rows, wanted, room):
    """The whole text when it is small enough, else the surroundings of the lines that matter."""
    kept = set(range(len(rows))) if sum(map(len, rows)) <= min(room, 24000) else set()
    for line in wanted:  # most suspicious first
        around = set(range(max(0, line - 41), min(len(rows), line + 40))) - kept
        room -= sum(len(rows[place]) for place in around)
        if room < 0:
            break
        kept |= around
    starts = list(itertools.accumulate(map(len, rows), initial=0))
    for _, run in itertools.groupby(enumerate(sorted(kept)), lambda pair: pair[1] - pair[0]):
        run = [place for _, place in run]
        yield {"firstLine": run[0] + 1, "offset": starts[run[0]], "text": "".join(rows[run[0] : run[-1] + 1])}


def suspicious(counts):
    return [(bad / (bad + good) ** 0.5, line) for line, (bad, good) in counts.items() if bad]


def report(spectrum):
    """The localiser's answer, with the text that the engine needs to see."""
    lines, trace, total = spectrum.lines, spectrum.trace, spectrum.failed
    for path, line in spectrum.loaded:  # what runs on import is a little suspicious, whatever fails
        lines.setdefault(here(path), {}).setdefault(line, [total, 8 * total])
    measured = total > 0 and bool(lines)
    if not measured:  # all lines of likely files count alike
        lines = {path: {number: (1, 1) for number, _ in enumerate(read_lines(path), 1)} for path in JOB["sources"][:8]}
    ranked = {path: suspicious(lines.get(path, {})) for path in {**lines, **trace}}
    best = {path: max(found, default=(0, 0))[0] + 0.6 * (path in trace) for path, found in ranked.items()}
    files, room = [], JOB["textLimit"]
    for path in sorted(ranked, key=lambda path: (-best[path], path)):
        traced, order = sorted(trace.get(path, ())), [line for _, line in sorted(ranked[path], reverse=True)]
        shown = list(pieces(read_lines(path), traced + order, room))
        room -= sum(len(piece["text"]) for piece in shown)
        counts = [[line, *lines[path][line]] for line in sorted(order)]
        files += [{"path": path, "lines": counts, "trace": traced, "pieces": shown}] if shown else []
    return {
        "totalFailed": total if measured else 1,
        "how": "coverage" if measured else "trace",
        "files": files,
    }


def measure():
    spectrum = Spectrum(JOB["testSeconds"])
    threading.settrace(spectrum.on_call)
    sys.settrace(spectrum.on_call)
    run_all(spectrum)
    sys.settrace(None)
    return report(spectrum)


print("QUIRE_RESULT " + json.dumps(answer_of_child(measure, JOB["seconds"]) or report(Spectrum(0))))
`;
