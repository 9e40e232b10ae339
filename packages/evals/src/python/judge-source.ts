/**
 * The Python program of a judging worker: the first process of its cell. It reads one JSON line per sample and answers
 * in batches. Every sample is a forked child that reports through shared memory, so that neither closing descriptors
 * nor writing to them changes a verdict, and the words beside a verdict are those of OpenAI's human-eval harness.
 *
 * In: `{"id", "program", "timeout"}`, seconds. Out, per line: `[[id, result, reason], …]` in the order of the requests.
 * `sys.argv[1]` is JSON: `modules` to import once, `filter` (hexadecimal, may be empty), `paths` for `sys.path`, `memory` in bytes per process.
 */
export const JUDGE_SOURCE = String.raw`
import contextlib, faulthandler, gc, io, json, mmap, os, re, resource, signal, sys, time

CONFIG = json.loads(sys.argv[1])
# A program may look at them, or at how many there are.
sys.argv[:] = ["evaluate_functional_correctness", "samples.jsonl"]
sys.path[:] = CONFIG["paths"]
GRACE = 1.0
FLUSH_EVERY, FLUSH_AFTER = 8, 0.05
LONGEST = 65536
ROOM, WORKSPACE, SHARED_ROOM = "/tmp", "/tmp/sample", "/dev/shm"
WORD = re.compile(r"\w+")
DEPTH = 9  # frames above the program in the other harness, so that recursion ends at the same depth

class TimeoutException(Exception):
    pass

class WriteOnlyStringIO(io.StringIO):
    # Its name stands in what is said of a program that wants more of it than it has.
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
    stream = WriteOnlyStringIO()
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

# That harness has loaded much that few programs use, and every page the worker has makes every fork slower. So a child
# loads it, where a word says that the program may meet it: what loads these modules, and what telling a verdict takes.
UNUSUAL = frozenset(
    "numpy shutil subprocess tempfile pathlib popen importlib import_module __import__ asyncio cgi cgitb distutils ensurepip "
    "find_library http imaplib mock pipes platform pydoc tarfile unittest uuid venv webbrowser wsgiref xmlrpc zipapp zipfile "
    "concurrent multiprocessing builtins __builtins__ modules socket threading struct hmac pickle copyreg urandom BytesIO".split()
)

def load_as_there(words):
    """Before it takes anything away, that harness has loaded these and made a temporary folder."""
    for name, call in TAKEN.items():
        setattr(os, name, call)
    import shutil, subprocess, tempfile
    import multiprocessing.managers
    tempfile.gettempdir()
    if "numpy" in words:
        with contextlib.suppress(ImportError):
            import numpy
    for name in TAKEN:
        setattr(os, name, None)
    shutil.rmtree = shutil.move = shutil.chown = None
    subprocess.Popen = None

def way_of_telling():
    """What that harness goes through to hand a verdict over. A program that breaks it is never heard of there."""
    import hmac, socket, threading
    from multiprocessing import connection, process
    # What belongs to this way alone is had before.
    pipe, inet, own = os.pipe, socket.AF_INET, threading.local()
    def tell(text):
        import hmac
        process.current_process().name, threading.current_thread().name
        with socket.socket(getattr(socket, connection.address_type("/there")) and inet) as there:
            there.setblocking(True)
        try:
            own.connection
        except AttributeError:
            ends = pipe()
        receiver, sender = connection.Connection(ends[0], writable=False), connection.Connection(ends[1], readable=False)
        sender.send_bytes(hmac.new(b"key", os.urandom(20), "md5").digest())
        receiver.recv_bytes()
        sender.send((text[:80], "append", {}))
        receiver.recv()
    return tell

def prepare():
    for name in CONFIG["modules"]:
        try:
            __import__(name)
        except BaseException:
            pass
    sys.modules.pop("__main__", None)
    sys.modules["__main__"] = type(sys)("__main__")
    import _sitebuiltins
    import builtins
    # Of site, which is left out, what a program can see.
    for name in ("copyright", "credits", "license"):
        setattr(builtins, name, _sitebuiltins._Printer(name, ""))
    # As a process of multiprocessing has it.
    sys.stdin.close()
    sys.stdin = open(os.open(os.devnull, os.O_RDONLY), encoding="utf-8", closefd=False)
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
    words = set(WORD.findall(program))
    tell = None
    if not UNUSUAL.isdisjoint(words):
        load_as_there(words)
        tell = way_of_telling()
    own_process_only()
    reason, result = deeper(DEPTH, program, timeout)
    if tell:
        tell(result)
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
        if listing(ROOM) == ["sample"] and not listing(WORKSPACE) and not listing(SHARED_ROOM):
            return True
        chdir("/")
        for room in (ROOM, SHARED_ROOM):
            for name in listing(room):
                try:
                    remove_tree_with(room + "/" + name)
                except NotADirectoryError:
                    remove(room + "/" + name)
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
