/**
 * Python: one candidate in a copy of the worktree, as a forked child in a process group of its own, and the run of an
 * untouched copy that tells what fails, how long it takes and what is imported.
 */
export const PYTHON_CANDIDATE = `
import gc, shutil, subprocess, tempfile, warnings, importlib
warnings.simplefilter("ignore")
SKIPPED = {".git", ".hg", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
LINKED = {"node_modules", ".venv", "venv", "env", ".tox", ".nox"}

def copy_tree(source, target):
    """A copy to edit in: version control and caches left out, installed packages and huge files linked."""
    os.makedirs(target)
    for entry in os.scandir(source):
        there = os.path.join(target, entry.name)
        if entry.name in SKIPPED:
            continue
        if entry.is_symlink() or entry.name in LINKED or os.path.exists(os.path.join(entry.path, "pyvenv.cfg")) or (entry.is_file() and entry.stat().st_size > 5000000):
            os.symlink(os.path.realpath(entry.path), there)
        elif entry.is_dir():
            copy_tree(entry.path, there)
        elif entry.is_file():
            shutil.copy2(entry.path, there)

def enter(slot):
    """Moves the process into a copy: working directory and module search path."""
    os.chdir(slot)
    sys.path[:] = [slot + place[len(ROOT):] if place == ROOT or place.startswith(ROOT + os.sep) else place for place in sys.path]
    os.environ["PWD"] = slot

class Picky(Observer):
    """Runs only the tests that failed before and leaves the process at the first that still fails."""
    def __init__(self, wanted):
        Observer.__init__(self, 0)
        self.wanted = wanted
    def wants(self, name):
        return self.wanted is None or name in self.wanted
    def fail(self, error):
        os._exit(1)

CONTRADICTS = 3

def child_run(slot, wanted, required, examples):
    """Body of a forked child: 0 when every run passes and every required test was seen, CONTRADICTS for an example."""
    os.setsid()
    silence()
    try:
        import resource
        pages = int(open("/proc/self/statm").read().split()[0]) if os.path.exists("/proc/self/statm") else 0
        room = (1 << 30) + 2 * pages * 4096
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
    except (ImportError, ValueError, OSError):
        pass
    enter(slot)
    seen = set()
    for argv in JOB["runs"]:
        picky = Picky(wanted)
        if run_tests(argv, picky) not in (0, 5):
            os._exit(1)
        seen |= set(picky.outcomes)
    if not required <= seen:
        os._exit(1)
    os._exit(0 if all(holds(os.path.join(slot, path), call, value) for path, call, value in examples) else CONTRADICTS)

def baseline(slot):
    """What fails in an untouched copy, how long the tests take and which modules they import from outside."""
    def work():
        enter(slot)
        observer = Observer(max(0.5, min(1.5, JOB["seconds"] * 0.15)))
        for argv in JOB["runs"]:
            run_tests(argv, observer)
        outside = [name for name, module in list(sys.modules.items()) if not (getattr(module, "__file__", None) or "").startswith(slot)]
        held = [(path, call) for path, examples in JOB["examples"].items() for _, _, call, value in examples if holds(os.path.join(slot, path), call, value)]
        return {"outcomes": observer.outcomes, "modules": outside, "held": held}
    return answer_of_child(work, max(1.0, JOB["seconds"] * 0.5))
`;
