/**
 * Python: runs a test command inside the current process, the way `python3 -m …` or `python3 file.py` would, and tells
 * an observer of each test. Shared by the localiser and the batch driver, which are this text with their own behind it.
 */
export const PYTHON_RUN = String.raw`
import sys, os, json, time, signal, re, runpy, traceback
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
START = time.monotonic()
ROOT = os.path.realpath(os.getcwd())
TEST_PATH = re.compile(JOB["testPattern"])

class Hang(BaseException):
    """Raised by the alarm inside a test that runs too long, so that its traceback names the loop."""

def on_alarm(signum, frame):
    signal.setitimer(signal.ITIMER_REAL, 0.5)  # again, should the program swallow the first one
    raise Hang("the test was stopped: it ran too long")

class Observer:
    """What a driver wants to know of a run. The base class lets everything run and remembers the outcome."""
    pytest_options = ["-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider"]
    def __init__(self, test_seconds):
        self.test_seconds = test_seconds
        self.outcomes = {}
        self.name = None
    def wants(self, name):
        return True
    def begin(self, name):
        self.name, self.errors, self.began = name, [], time.monotonic()
        if self.test_seconds:
            signal.setitimer(signal.ITIMER_REAL, self.test_seconds)
    def fail(self, error):
        self.errors.append(error)
    def end(self):
        signal.setitimer(signal.ITIMER_REAL, 0)
        hung = any(isinstance(error, Hang) for error in self.errors)
        self.outcomes[self.name] = (bool(self.errors), time.monotonic() - self.began, hung)

def observe_unittest(observer):
    import unittest
    original = unittest.TestCase.run
    def run(case, result=None):
        if not observer.wants(case.id()):
            return result
        result = case.defaultTestResult() if result is None else result
        def watch(method, error_at):
            plain = getattr(result, method)
            def watched(*args):
                error = args[error_at] if len(args) > error_at else None
                if error is not None:
                    observer.fail(error[1])
                return plain(*args)
            setattr(result, method, watched)
        watch("addFailure", 1), watch("addError", 1), watch("addSubTest", 2)
        observer.begin(case.id())
        try:
            return original(case, result)
        finally:
            for method in ("addFailure", "addError", "addSubTest"):
                delattr(result, method)
            observer.end()
    unittest.TestCase.run = run

def pytest_plugin(observer):
    import pytest
    class Plugin:
        def pytest_collection_modifyitems(self, items):
            items[:] = [item for item in items if observer.wants(item.nodeid)]
        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_protocol(self, item, nextitem):
            observer.begin(item.nodeid)
            yield
            observer.end()
        def pytest_runtest_makereport(self, item, call):
            self.error = call.excinfo.value if call.excinfo else None
        def pytest_runtest_logreport(self, report):
            if report.failed:
                observer.fail(self.error or AssertionError(str(report.longrepr)))
        def pytest_collectreport(self, report):
            if report.failed:
                observer.begin(report.nodeid)
                observer.fail(ImportError(str(report.longrepr)))
                observer.end()
    return Plugin()

def run_functions(path, observer):
    """Calls the test functions of a file that was written for a runner which is not installed."""
    module = runpy.run_path(path, run_name="quire_tests")
    failed = False
    for name, value in list(module.items()):
        if name.startswith("test") and callable(value) and observer.wants(path + "::" + name):
            observer.begin(path + "::" + name)
            try:
                value()
            except BaseException as error:
                failed = True
                observer.fail(error)
            finally:
                observer.end()
    return 1 if failed else 0

def run_script(argv, observer):
    sys.argv = argv
    sys.path.insert(0, os.path.dirname(os.path.abspath(argv[0])))
    if re.search(r"\bunittest\b", open(argv[0], errors="replace").read()):
        observe_unittest(observer)
        return runpy.run_path(argv[0], run_name="__main__") and 0
    if not observer.wants(argv[0]):
        return 0
    observer.begin(argv[0])
    try:
        runpy.run_path(argv[0], run_name="__main__")
        return 0
    except BaseException as error:
        if not isinstance(error, SystemExit) or error.code not in (None, 0):
            observer.fail(error)
            return 1
        return 0
    finally:
        observer.end()

def run_tests(argv, observer):
    """Exit status of one run of the test command, with the observer told of every test."""
    sys.path[:] = [place for place in sys.path if place != ""]
    signal.signal(signal.SIGALRM, on_alarm)
    try:
        if argv[0] == "--functions":
            sys.path.insert(0, os.path.dirname(os.path.abspath(argv[1])))
            return run_functions(argv[1], observer)
        if argv[0] != "-m":
            return run_script(argv, observer)
        sys.path.insert(0, os.getcwd())
        if argv[1] == "pytest":
            import pytest
            return int(pytest.main(argv[2:] + observer.pytest_options, plugins=[pytest_plugin(observer)]))
        if argv[1] == "unittest":
            observe_unittest(observer)
        sys.argv = [argv[1]] + argv[2:]
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException as error:
        observer.begin("(start)")
        observer.fail(error)
        observer.end()
        return 1

def relative(path):
    path = os.path.realpath(path) if path.startswith(os.sep) else os.path.realpath(os.path.join(ROOT, path))
    return path[len(ROOT) + 1:] if path.startswith(ROOT + os.sep) else None

def silence():
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
`;
