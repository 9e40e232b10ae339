/**
 * Python: examples in the strings of a source file, `call(1, 2)` with literal arguments and, behind it or on the next
 * line, a literal: doctest's form and the usual others. They are used as further tests of an edit that passes.
 */
export const PYTHON_EXAMPLES = String.raw`
import math

Example = collections.namedtuple("Example", "path lines call value")
SHOWN = re.compile(r"[ \t]*#?[ \t]*(?:==?=?>?|➞|→|-+>|(?:should\s+)?returns?|should\s+be|\n)[ \t]*([^\n]+)")
GOES_ON = re.compile(r"\s*([-+*/%=(<>&|^]|(if|for|or|and)\b)")


def literal(text):
    """[value] of a literal at the beginning of a text from which no expression goes on, else []."""
    text = re.sub(r"\b(true|false)\b", lambda word: word[0].title(), text)
    for end in range(len(text), 0, -1):
        if end == len(text) or text[end] in " .,;\t" and not GOES_ON.match(text, end):
            with contextlib.suppress(ValueError, SyntaxError, MemoryError, TypeError):
                return [ast.literal_eval(text[:end].strip())]
    return []


def call_at(text):
    """The call with literal arguments that a text begins with, "" without one."""
    for close in re.finditer(r"\)", text[:2000]):
        with contextlib.suppress(SyntaxError):
            call = ast.parse(text[: close.end()], mode="eval").body
            break
    else:
        return ""
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        for one in call.args + [word.value for word in call.keywords]:
            ast.literal_eval(one)
        return text[: close.end()]
    return ""


def examples_in(path, source):
    """What the strings of a file say of its functions: a call and, behind it or on the next line, what it returns."""
    with contextlib.suppress(SyntaxError, ValueError):
        tree = ast.parse(source)
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        lines = {node.name: range(node.lineno, node.end_lineno + 1) for node in functions}
        values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
        for text in [one.value for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str)]:
            for match in re.finditer(r"(?<![\w.])(\w+)\(", text):
                call = call_at(text[match.start() :]) if match[1] in lines else ""
                shown = SHOWN.match(text, match.start() + len(call))
                for value in literal(shown[1]) if call and shown else ():
                    yield Example(path, lines[match[1]], call, value)


def comparable(value):
    value = list(value) if isinstance(value, tuple) or hasattr(value, "__next__") else value
    nested = isinstance(value, list) and value and all(isinstance(one, (list, tuple)) for one in value)
    return sorted(map(repr, value)) if nested else value  # of a list of lists the order is hardly the point


def holds(example):
    """Whether an example is right in the module of its file; a file that was not loaded says nothing."""
    path = os.path.join(HERE, example.path)
    module = next((one for one in list(sys.modules.values()) if getattr(one, "__file__", None) == path), None)
    if module is None:
        return True
    signal.setitimer(signal.ITIMER_REAL, max(0.1, JOB["seconds"] * 0.02))
    try:
        got, want = eval(example.call, vars(module)), example.value
        if isinstance(want, float) and isinstance(got, (int, float)):
            return math.isclose(got, want, rel_tol=1e-6, abs_tol=1e-9)
        return got == (want,) or comparable(got) == comparable(want)  # ("a") was meant to be a tuple
    except (Exception, Hang):
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
`;
