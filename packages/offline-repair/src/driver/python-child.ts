/**
 * Python: work in a forked child, in a process group of its own, with an answer that comes back as JSON. Shared by the
 * localiser and the batch driver, so that nothing that tests do survives in the process that goes on.
 */
export const PYTHON_CHILD = `
def answer_of_child(work, seconds):
    """What work() returns in a child that can print nothing, None when it does not end within so many seconds."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(reader)
        silence()
        answer = work()
        with os.fdopen(writer, "w") as out:
            json.dump(answer, out)
        os._exit(0)
    os.close(writer)
    signal.signal(signal.SIGALRM, lambda *_: kill(child))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    with os.fdopen(reader) as source:
        text = source.read()
    signal.setitimer(signal.ITIMER_REAL, 0)
    kill(child)
    os.waitpid(child, 0)
    return json.loads(text) if text else None

def kill(child):
    """Ends the child's process group, or the child alone while it has none of its own yet."""
    try:
        os.killpg(child, signal.SIGKILL)
    except OSError:
        try:
            os.kill(child, signal.SIGKILL)
        except OSError:
            pass
`;
