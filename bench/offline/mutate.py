"""Makes one-line bugs for the offline benchmark: classic mutation operators on Python's own syntax tree.

Independent of the repair engine on purpose: it shares nothing with it, and the operators come from
the mutation-testing literature (AOR, ROR, LCR, UOI, CRP, SVR, SDL, ASR, RVR, BCR, SIR, ARS, CDL), not from the
engine's templates. A mutant is drawn at random from all mutants of a problem.

usage: mutate.py HumanEval.jsonl.gz SEED COUNT   prints one JSON object per line
"""

import ast
import gzip
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ARITHMETIC = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}
RELATIONAL = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!="}
BITS = {"BitAnd": "&", "BitOr": "|", "BitXor": "^"}


class Mutants:
    """Collects (operator, start, end, replacement) with character offsets into the source."""

    def __init__(self, source, function):
        self.source = source
        self.function = function
        self.starts = [0]
        for line in source.splitlines(True):
            self.starts.append(self.starts[-1] + len(line))
        self.found = []
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        bound = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        bound |= {argument.arg for argument in function.args.args}
        self.variables = sorted(names & bound)

    def offset(self, line, column):
        text = self.source[self.starts[line - 1] : self.starts[line]]
        return self.starts[line - 1] + len(text.encode()[:column].decode())

    def span(self, node):
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def text(self, node):
        start, end = self.span(node)
        return self.source[start:end]

    def add(self, operator, start, end, replacement):
        if "\n" not in self.source[start:end] and self.source[start:end] != replacement:
            self.found.append((operator, start, end, replacement))

    def replace(self, operator, node, replacement):
        self.add(operator, *self.span(node), replacement)

    def between(self, operator, left, right, old, choices):
        """Replaces the operator sign between two operands."""
        start, end = self.span(left)[1], self.span(right)[0]
        at = self.source.find(old, start, end)
        if at >= 0:
            for new in choices:
                if new != old:
                    self.add(operator, at, at + len(old), new)

    def collect(self, rng):
        body = self.function.body
        first = body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            body = body[1:]
        for statement in body:
            for node in ast.walk(statement):
                self.visit(node, rng)
        return self.found

    def visit(self, node, rng):
        if isinstance(node, ast.BinOp):
            for table, name in ((ARITHMETIC, "AOR"), (BITS, "AOR")):
                sign = table.get(type(node.op).__name__)
                if sign:
                    self.between(name, node.left, node.right, sign, table.values())
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            sign = RELATIONAL.get(type(node.ops[0]).__name__)
            if sign:
                self.between("ROR", node.left, node.comparators[0], sign, RELATIONAL.values())
            elif isinstance(node.ops[0], ast.In):
                self.between("ROR", node.left, node.comparators[0], "in", ["not in"])
            elif isinstance(node.ops[0], ast.NotIn):
                self.between("ROR", node.left, node.comparators[0], "not in", ["in"])
        elif isinstance(node, ast.BoolOp):
            sign = "and" if isinstance(node.op, ast.And) else "or"
            for left, right in zip(node.values, node.values[1:]):
                self.between("LCR", left, right, sign, ["and", "or"])
        elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
            self.replace("UOI", node, self.text(node.operand))
        elif isinstance(node, ast.Constant):
            self.constant(node)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self.variables:
            others = [name for name in self.variables if name != node.id]
            if others:
                self.replace("SVR", node, rng.choice(others))
        elif isinstance(node, ast.AugAssign):
            sign = ARITHMETIC.get(type(node.op).__name__)
            if sign:
                self.between("ASR", node.target, node.value, sign + "=", [one + "=" for one in ("+", "-", "*")] + ["="])
        elif isinstance(node, ast.Return) and node.value is not None:
            self.replace("RVR", node.value, "None")
        elif isinstance(node, (ast.Break, ast.Continue)):
            self.replace("BCR", node, "continue" if isinstance(node, ast.Break) else "break")
        elif isinstance(node, ast.Slice):
            for bound in (node.lower, node.upper):
                if bound is not None:
                    self.replace("SIR", bound, "")
        elif isinstance(node, ast.Call) and len(node.args) >= 2 and not node.keywords:
            left, right = node.args[0], node.args[1]
            start, end = self.span(left)[0], self.span(right)[1]
            middle = self.source[self.span(left)[1] : self.span(right)[0]]
            self.add("ARS", start, end, self.text(right) + middle + self.text(left))
        if isinstance(node, (ast.If, ast.While)):
            self.replace("UOI", node.test, "not (" + self.text(node.test) + ")")
            if isinstance(node, ast.If):
                self.replace("CDL", node.test, "True")
                self.replace("CDL", node.test, "False")
        if isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign)):
            self.replace("SDL", node, "pass")

    def constant(self, node):
        value = node.value
        if isinstance(value, bool):
            self.replace("CRP", node, str(not value))
        elif isinstance(value, int):
            for new in {value + 1, value - 1, 0, 1} - {value}:
                self.replace("CRP", node, str(new))
        elif isinstance(value, float):
            for new in (value + 1, value - 1):
                self.replace("CRP", node, repr(new))
        elif isinstance(value, str) and value and "\n" not in self.text(node):
            self.replace("CRP", node, '""')


def split_checks(test):
    """The check function as two: one with every second assertion, one with the others. None with fewer than two."""
    tree = ast.parse(test)
    check = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check")
    lines = test.splitlines(True)

    def asserts(statement):
        inner = [node for node in ast.walk(statement) if isinstance(node, ast.Assert)]
        return any(not isinstance(node.test, ast.Constant) for node in inner)

    kept, units = [], []
    for statement in check.body:
        if any(isinstance(node, ast.Assert) for node in ast.walk(statement)):
            if asserts(statement):
                units.append(statement)
                kept.append(statement)
        else:
            kept.append(statement)
    if len(units) < 2:
        return None
    halves = []
    for parity in (0, 1):
        mine = {id(unit) for at, unit in enumerate(units) if at % 2 == parity}
        body = [one for one in kept if id(one) in mine or one not in units]
        text = "".join("".join(lines[one.lineno - 1 : one.end_lineno]) for one in body)
        halves.append("def check(candidate):\n" + (text if text.endswith("\n") else text + "\n"))
    return halves


def as_script(check, entry):
    return f"from solution import *\nfrom solution import {entry}\n\n\n{check}\n\nif __name__ == \"__main__\":\n    check({entry})\n"


def passes(solution, script):
    """Whether a test script passes, in a process with limits of time and memory."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "solution.py").write_text(solution)
        Path(folder, "test_solution.py").write_text(script)
        # Seconds of CPU, not of the clock: a busy machine has to make the same list.
        limited = 'ulimit -v 2000000; ulimit -t 4; exec "$0" -B test_solution.py'
        command = ["bash", "-c", limited, sys.executable]
        return subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


def main():
    path, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with gzip.open(path, "rt") as file:
        problems = [json.loads(line) for line in file]
    rng = random.Random(seed)
    rng.shuffle(problems)
    made = 0
    for problem in problems:
        if made == count:
            break
        source = problem["prompt"] + problem["canonical_solution"]
        halves = split_checks(problem["test"])
        if halves is None:
            continue
        entry = problem["entry_point"]
        visible, hidden = (as_script(half, entry) for half in halves)
        function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == entry)
        mutants = Mutants(source, function).collect(rng)
        rng.shuffle(mutants)
        if not (passes(source, visible) and passes(source, hidden)):
            continue
        for operator, start, end, text in mutants[:12]:
            mutated = source[:start] + text + source[end:]
            try:
                compile(mutated, "mutant", "exec")
            except (SyntaxError, ValueError):
                continue
            if passes(mutated, visible):
                continue
            line = source.count("\n", 0, start) + 1
            item = {"id": problem["task_id"], "operator": operator, "line": line, "old": source[start:end], "new": text}
            print(json.dumps({**item, "solution": mutated, "visible": visible, "hidden": hidden}), flush=True)
            made += 1
            break


main()
