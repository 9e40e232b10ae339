/**
 * The Python program of a judging worker: the first process of its cell. It reads one JSON line per sample and answers
 * in batches. Every sample is a forked child that reports through shared memory, so that neither closing descriptors
 * nor writing to them changes a verdict, and the words beside a verdict are those of OpenAI's human-eval harness.
 *
 * In: `{"id", "program", "timeout"}`, seconds. Out, per line: `[[id, result, reason], …]` in the order of the requests.
 * `sys.argv[1]` is JSON: `modules` to import once, `filter` (hexadecimal, may be empty), `paths` for `sys.path`, `memory` in bytes per process.
 */
export const JUDGE_SOURCE = String.raw`
import contextlib, faulthandler, gc, io, json, mmap, os, resource, signal, sys, time

CONFIG = json.loads(sys.argv[1])
del sys.argv[1:]
sys.path[:] = CONFIG["paths"]
GRACE = 1.0
FLUSH_EVERY, FLUSH_AFTER = 8, 0.05
LONGEST = 65536
ROOM, WORKSPACE = "/tmp", "/tmp/sample"
DEPTH = 9  # frames above the program in the other harness, so that recursion ends at the same depth

class TimeoutException(Exception):
    pass

class Swallowed(io.StringIO):
    def read(self, *args, **kwargs):
        raise IOError
    def readline(self, *args, **kwargs):
        raise IOError
    def readlines(self, *args, **kwargs):
        raise IOError
    def readable(self, *args, **kwargs):
        return False

class redirect_stdin(contextlib._RedirectStream):
    _stream = "stdin"

@contextlib.contextmanager
def swallow_io():
    stream = Swallowed()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), redirect_stdin(stream):
        yield

@contextlib.contextmanager
def time_limit(seconds):
    def expired(number, frame):
        raise TimeoutException("Timed out!")
    signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.signal(signal.SIGALRM, expired)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)

def verdict_of(program, timeout):
    try:
        space = {}
        with swallow_io():
            with time_limit(timeout):
                exec(program, space)
        return "", "passed"
    except TimeoutException:
        return "timed out", "timed out"
    except BaseException as error:
        return type(error).__name__, f"failed: {error}"

def deeper(levels, program, timeout):
    return deeper(levels - 1, program, timeout) if levels else verdict_of(program, timeout)

def process_filter():
    code = bytes.fromhex(CONFIG["filter"])
    if not code:
        return lambda: None
    try:
        import ctypes
    except ImportError:
        return lambda: None
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]
    libc = ctypes.CDLL(None)
    program = Program(len(code) // 8, code)
    pointer = ctypes.byref(program)
    prctl = libc.prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    return lambda: prctl(22, 2, pointer, 0, 0)

fork, close, write, leave, wait, kill, own = os.fork, os.close, os.write, os._exit, os.waitpid, os.kill, os.getpid
chdir, mkdir, listing, random_bytes = os.chdir, os.mkdir, os.listdir, os.urandom
remove, remove_folder, scan = os.unlink, os.rmdir, os.scandir
own_process_only = process_filter()
SHARED = mmap.mmap(-1, LONGEST + 64)
REQUESTS, ANSWERS = os.dup(0), os.dup(1)
nothing = os.open(os.devnull, os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(nothing, number)
os.close(nothing)

def limit():
    most = CONFIG["memory"]
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

TAKEN = {
    name: getattr(os, name)
    for name in (
        "kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate replace "
        "unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir"
    ).split()
    if hasattr(os, name)
}

def guard():
    """What the other harness takes away from a program, taken away once, for all children."""
    import builtins
    faulthandler.disable()
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in ("exit", "quit", "help"):
        setattr(builtins, name, None)
    for name in TAKEN:
        setattr(os, name, None)
    for name in ("ipdb", "joblib", "resource", "psutil", "tkinter"):
        sys.modules[name] = None

# Every page the worker has makes every fork slower, so these are imported where a program may use them.
RARELY_USED = ("shutil", "subprocess", "tempfile", "multiprocessing", "importlib", "__import__", "pathlib", "popen", "numpy")

def guard_rarely_used(program):
    if not any(word in program for word in RARELY_USED):
        return
    # The other harness has them before it takes anything away, and has made a temporary folder.
    for name, call in TAKEN.items():
        setattr(os, name, call)
    import shutil, subprocess, tempfile
    tempfile.gettempdir()
    if "numpy" in program:
        with contextlib.suppress(ImportError):
            import numpy
    for name in TAKEN:
        setattr(os, name, None)
    shutil.rmtree = shutil.move = shutil.chown = None
    subprocess.Popen = None

def prepare():
    for name in CONFIG["modules"]:
        try:
            __import__(name)
        except BaseException:
            pass
    sys.modules.pop("__main__", None)
    sys.modules["__main__"] = type(sys)("__main__")
    mkdir(WORKSPACE)
    chdir(WORKSPACE)
    # The first process of a namespace gets only the signals it has handlers for.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    limit()
    guard()
    gc.collect()
    gc.freeze()

def be_sample(program, timeout, secret):
    pid = own()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    signal.signal(signal.SIGINT, signal.default_int_handler)
    close(REQUESTS)
    close(ANSWERS)
    guard_rarely_used(program)
    own_process_only()
    reason, result = deeper(DEPTH, program, timeout)
    # A string may hold half a surrogate pair.
    text = (reason[:80] + "\n" + result).encode("utf-8", "surrogatepass")[:LONGEST]
    if own() == pid:
        SHARED[20:20 + len(text)] = text
        SHARED[16:20] = len(text).to_bytes(4, "little")
        SHARED[0:16] = secret

def judge(program, timeout):
    secret = random_bytes(16)
    SHARED[0:16] = bytes(16)
    pid = fork()
    if pid == 0:
        try:
            be_sample(program, timeout, secret)
        finally:
            leave(0)
    deadline = time.monotonic() + timeout + GRACE
    why = "ended without a result"
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or signal.sigtimedwait({signal.SIGCHLD}, left) is None:
            kill(pid, signal.SIGKILL)
            wait(pid, 0)
            why = "timed out"
            break
        # Whatever else ended is a process that a sample left to us.
        if wait(pid, os.WNOHANG)[0] == pid:
            break
    if SHARED[0:16] != secret:
        return "timed out", why
    length = min(int.from_bytes(SHARED[16:20], "little"), LONGEST)
    reason, _, result = SHARED[20:20 + length].decode("utf-8", "surrogatepass").partition("\n")
    return result, reason

def is_clean():
    """Nothing of a sample stays: no process, no file. A worker that cannot make sure of it ends; another takes over."""
    try:
        kill(-1, signal.SIGKILL)
        while True:
            wait(-1, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
    try:
        if listing(ROOM) == ["sample"] and not listing(WORKSPACE):
            return True
        chdir("/")
        for name in listing(ROOM):
            try:
                remove_tree_with(ROOM + "/" + name)
            except NotADirectoryError:
                remove(ROOM + "/" + name)
        mkdir(WORKSPACE)
        chdir(WORKSPACE)
        return True
    except OSError:
        return False

def remove_tree_with(path):
    """rmtree looks its calls up in os, where they are gone."""
    stack = [(path, False)]
    while stack:
        here, emptied = stack.pop()
        if emptied:
            remove_folder(here)
            continue
        stack.append((here, True))
        for entry in scan(here):
            if entry.is_dir(follow_symlinks=False):
                stack.append((entry.path, False))
            else:
                remove(entry.path)

def serve():
    prepare()
    answers, flushed, rest = [], time.monotonic(), b""
    def flush():
        if answers:
            text = json.dumps(answers).encode() + b"\n"
            while text:
                text = text[write(ANSWERS, text):]
            answers.clear()
    while True:
        chunk = os.read(REQUESTS, 1 << 20)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if len(answers) >= FLUSH_EVERY or time.monotonic() - flushed > FLUSH_AFTER:
                flush()
                flushed = time.monotonic()
            request = json.loads(line)
            answers.append([request["id"], *judge(request["program"], request["timeout"])])
            if not is_clean():
                flush()
                return
        flush()

serve()
`;
