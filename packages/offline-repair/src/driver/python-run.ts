/**
 * Python: runs a test command inside the current process, the way `python3 -m …` or `python3 file.py` would, and tells
 * an observer of each test; and children that do so, with an answer as JSON. The localiser and the batch driver are
 * this text with their own behind it.
 */
export const PYTHON_RUN = String.raw`
import ast, collections, contextlib, functools, importlib.util, json, os, re, runpy, signal, sys, tempfile, time, unittest

sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
START = time.monotonic()
HERE = ROOT = os.path.realpath(os.getcwd())
TEST_PATH = re.compile(JOB["testPattern"])
PYTEST = [argv[:2] for argv in JOB["runs"]] == [["-m", "pytest"]]


class Hang(BaseException):
    """Raised by the alarm inside a test that runs too long, so that its traceback names the loop."""


def on_alarm(signum, frame):
    signal.setitimer(signal.ITIMER_REAL, 0.5)  # again, should the program swallow the first one
    raise Hang("the test was stopped: it ran too long")


class Observer:
    """Is told of the tests of a run. Names begin with that of their run; what is no test is the run's own."""

    def __init__(self, test_seconds):
        self.test_seconds, self.outcomes = test_seconds, {}

    def wants(self, name):
        return True

    def begin(self, name):
        self.name, self.errors, self.began = self.run + name, [], time.process_time()
        signal.setitimer(signal.ITIMER_REAL, self.test_seconds)

    def fail(self, error):
        self.errors.append(error)

    def end(self):
        signal.setitimer(signal.ITIMER_REAL, 0)
        hung = any(isinstance(error, Hang) for error in self.errors)
        self.outcomes[self.name] = (bool(self.errors), time.process_time() - self.began, hung)
        self.errors = []
        if hung:  # others that hang are seen sooner
            self.test_seconds = max(0.25, self.test_seconds / 4)


def observe_unittest():
    """Has unittest tell the observer of the moment of its cases."""
    plain_run = unittest.TestCase.run

    def run(case, result=None):
        name = case.id().replace("unittest.loader._FailedTest.", "")
        if not Observer.current.wants(name):
            return result
        Observer.current.begin(name)
        try:
            return plain_run(case, result)
        finally:
            Observer.current.end()

    def watch(method):
        plain = getattr(unittest.TestResult, method)

        def watched(result, *arguments):
            if arguments[-1] is not None:
                Observer.current.fail(arguments[-1][1])
            return plain(result, *arguments)

        setattr(unittest.TestResult, method, watched)

    unittest.TestCase.run = run
    for method in ("addError", "addFailure", "addSubTest"):
        watch(method)


def run_pytest(words, observer):
    import pytest

    class Plugin:
        def pytest_collection_modifyitems(self, items):
            items[:] = [item for item in items if observer.wants(item.nodeid)]

        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_protocol(self, item):
            observer.begin(item.nodeid)
            yield
            observer.end()

        def pytest_exception_interact(self, call):
            observer.fail(call.excinfo.value)

    plain = ["-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider"]
    for plugin, option in (("xdist", "-n0"), ("pytest_cov", "--no-cov")):
        plain += [option] if importlib.util.find_spec(plugin) else []
    return pytest.main(words + plain, plugins=[Plugin()])


def run_doctest(paths):
    import doctest

    suite = unittest.TestSuite()
    for path in map(os.path.abspath, paths):
        folder, name = os.path.split(path)
        if name.endswith(".py"):
            sys.path.insert(0, folder)
            suite.addTest(doctest.DocTestSuite(importlib.import_module(name[:-3])))
        else:
            suite.addTest(doctest.DocFileSuite(path, module_relative=False))
    return not unittest.TextTestRunner().run(suite).wasSuccessful()


def run_command(argv, observer):
    """Does what 'python3 argv...' would and returns its exit status."""
    kind, *words = argv[1:] if argv[0] == "-m" else argv
    is_script = not argv[0].startswith("-")
    sys.path[:] = [os.path.dirname(os.path.abspath(kind)) if is_script else os.getcwd()] + [
        one for one in sys.path if one
    ]
    sys.argv = ["-c", *words[1:]] if kind == "-c" else [kind, *words]
    if PYTEST:
        return run_pytest(words, observer)
    if argv[:2] == ["-m", "doctest"]:
        return run_doctest([word for word in words if word[0] != "-"])
    if kind == "-c":
        exec(compile(words[0], "<string>", "exec"), {"__name__": "__main__"})
    elif is_script:
        runpy.run_path(kind, run_name="__main__")
    else:
        runpy.run_module(kind, run_name="__main__", alter_sys=True)
    return 0


def run_tests(argv, observer):
    """Whether one command of the tests passes. The observer is told of each test, or of the run where there is none."""
    observer.run = " ".join(argv) + " "
    if not observer.wants(""):
        return True
    observer.begin("")
    try:
        status = run_command(argv, observer)
    except SystemExit as stop:
        status = stop.code
    except BaseException as error:
        observer.fail(error)
        status = 1
    passed = status in (None, 0, 5)  # 5: every test of the command was left out
    tests = [failed for name, (failed, _, _) in observer.outcomes.items() if name.startswith(observer.run)]
    if not passed and not any(tests) and not observer.errors:
        observer.fail(SystemExit(status))
    if observer.errors or not tests:
        observer.name = observer.run
        observer.end()
    return passed


def run_all(observer):
    """Whether all commands pass, one after the other. Test modules of different folders may have the same name."""
    Observer.current = observer
    signal.signal(signal.SIGALRM, on_alarm)
    places, passed = list(sys.path), True
    for argv in JOB["runs"]:
        forget(TEST_PATH)
        unittest.defaultTestLoader._top_level_dir = None  # of an earlier discovery, which would forbid other folders
        try:
            passed = run_tests(argv, observer) and passed
        finally:
            sys.path[:] = places
    return passed


def forget(pattern):
    """Has the modules of the worktree whose paths match loaded anew."""
    for name, module in list(sys.modules.items()):
        if pattern.search(here(getattr(module, "__file__", None)) or ""):
            sys.modules.pop(name, None)


@functools.lru_cache(None)
def here(path):
    """A path relative to the worktree or the copy, None for one from elsewhere and for an installed package."""
    path = os.path.join(HERE, path or "")
    is_own = path.startswith(HERE + os.sep) and not re.search(r"/(site-packages|\.?venv|env|\.tox)/", path[len(HERE) :])
    return path[len(HERE) + 1 :] if is_own else None


def answer_of_child(work, seconds):
    """The JSON of what work() returns in a child, None when it does not end within so many seconds."""
    with tempfile.TemporaryFile("w+") as file:
        child = start_child(lambda: json.dump(work(), file) or file.flush())
        deadline, status = time.monotonic() + seconds, None
        while status is None:
            time.sleep(0.002)
            status = end_of_child(child, deadline)
        file.seek(0)
        return json.load(file) if status == 0 else None


def start_child(work):
    """A child that can print nothing, in a process group of its own; its status is what work() returns."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(nothing, descriptor)
            status = work() or 0
        finally:
            os._exit(status)
    return child


def end_of_child(child, deadline):
    """The wait status of a child, None while it runs. At the deadline it is killed, with whatever it has started."""
    late = time.monotonic() > deadline
    if late:
        os.kill(child, signal.SIGKILL)
    ended, status = os.waitpid(child, 0 if late else os.WNOHANG)
    if not ended:
        return None
    try:
        os.killpg(child, signal.SIGKILL)
    except OSError:
        pass  # nothing is left of it
    return status


if not PYTEST:  # which tells of unittest's cases itself
    observe_unittest()
`;
