/**
 * Python: examples in the strings of a source file, `call(1, 2)` with literal arguments and, behind it or on the next
 * line, a literal: doctest's form and the usual others. They are used as further tests of an edit that passes.
 */
export const PYTHON_EXAMPLES = String.raw`
import ast, math

def literal(text):
    """(value,) of a literal at the beginning of a text from which no expression goes on, else None."""
    for end in range(len(text), 0, -1):
        if end < len(text) and (text[end] not in " .,;\t" or re.match(r"\s*([-+*/%=(<>&|^]|(if|for|or|and)\b)", text[end:])):
            continue
        try:
            return (ast.literal_eval(text[:end].strip()),)
        except (ValueError, SyntaxError, MemoryError, TypeError):
            continue
    return None

def call_at(text):
    """The call with literal arguments that a text begins with, None without one."""
    for close in (at for at, char in enumerate(text[:2000]) if char == ")"):
        try:
            call = ast.parse(text[: close + 1], mode="eval").body
        except (SyntaxError, ValueError):
            continue
        try:
            for one in call.args + [word.value for word in call.keywords]:
                ast.literal_eval(one)
            return text[: close + 1]
        except (ValueError, TypeError, AttributeError):
            return None
    return None

def examples_in(source):
    """What the strings of a file say of its functions, as [name, first line, last line, call, (value,)]."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    texts = [node.value.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)]
    found = []
    for text in texts if functions else []:
        for match in re.finditer(r"(?<![\w.])(%s)\(" % "|".join(functions), text):
            call = call_at(text[match.start():])
            shown = call and re.match(r"[ \t]*(?:==?=?>?|➞|→|-+>|returns?|should return|\n)[ \t]*([^\n]+)", text[match.start() + len(call):])
            value = literal(shown[1]) if shown else None
            if value:
                node = functions[match[1]]
                found.append((node.lineno, node.end_lineno, call, value))
    return found[:40]

def plain(value):
    return list(value) if isinstance(value, tuple) or hasattr(value, "__next__") else value

def holds(path, call, value):
    """Whether an example is right in the module that was loaded from a file; a file that was not loaded says nothing."""
    module = next((one for one in list(sys.modules.values()) if getattr(one, "__file__", None) == path), None)
    if module is None:
        return True
    try:
        got, want = eval(call, vars(module)), value[0]
        if isinstance(want, float) and isinstance(got, (int, float)):
            return math.isclose(got, want, rel_tol=1e-6, abs_tol=1e-9)
        got, want = plain(got), plain(want)
        if isinstance(got, list) and isinstance(want, list) and want and all(isinstance(one, (list, tuple)) for one in want):
            got, want = sorted(map(repr, got)), sorted(map(repr, want))  # of a list of lists the order is hardly the point
        return got == want
    except Exception:
        return False
`;
