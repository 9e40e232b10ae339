import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quireHomeIn, runQuire, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";

const PROBLEM = {
  task_id: "own/add",
  prompt: 'def add(a, b):\n    """The sum of both."""\n',
  entry_point: "add",
  test: "def check(candidate):\n    assert candidate(1, 2) == 3, 'wrong sum'\n    assert candidate(0, 0) == 0\n",
};
const GOOD = "    return a + b\n";
const GONE = "failed: 'NoneType' object is not callable";

/** The words of a body, one line each, and the right answer behind them. */
const then = (...lines: readonly string[]) => lines.map((line) => `    ${line}\n`).join("") + GOOD;
/** The words of a body, one line each. */
const body = (...lines: readonly string[]) => lines.map((line) => `    ${line}\n`).join("");
/** Behind the function, before the tests. */
const after = (...lines: readonly string[]) => GOOD + lines.map((line) => `${line}\n`).join("");

/** What OpenAI's harness says of a program that does so, word for word: `exec(program, {})` with its guard around it. */
const CASES: ReadonlyArray<readonly [what: string, completion: string, result: string]> = [
  // First, so that each has a worker of its own.
  ["a loop without end", body("while True: pass"), "timed out"],
  [
    "the end is ignored",
    body("import signal", "signal.signal(signal.SIGALRM, signal.SIG_IGN)", "import time", "time.sleep(60)"),
    "timed out",
  ],
  [
    "the end is caught, and the answer right",
    then("import time", "try: time.sleep(60)", "except: pass"),
    "timed out",
  ],
  [
    "the end is caught by its kind",
    body("import time", "try: time.sleep(60)", "except Exception as e: raise ValueError(str(e))"),
    "failed: Timed out!",
  ],

  ["right", GOOD, "passed"],
  ["wrong", body("return a"), "failed: wrong sum"],
  ["nothing", "", "failed: wrong sum"],
  ["no syntax", body("return (a"), "failed: '(' was never closed (<string>, line 3)"],
  [
    "another indentation",
    "  return a + b\n",
    "failed: unindent does not match any outer indentation level (<string>, line 3)",
  ],
  ["Windows' line ends", "    return a + b\r\n", "passed"],
  ["a NUL", after("# \0"), "failed: source code string cannot contain null bytes"],
  [
    "half a surrogate pair",
    after("# \ud800"),
    "failed: 'utf-8' codec can't encode character '\\ud800' in position 61: surrogates not allowed",
  ],

  ["an assertion without words", body("assert False"), "failed: "],
  ["an exception of two lines", body("raise ValueError('one\\ntwo')"), "failed: one\ntwo"],
  ["an exception that quotes itself", body("raise KeyError('k')"), "failed: 'k'"],
  ["an exception beside Exception", body("raise BaseException('base')"), "failed: base"],
  ["KeyboardInterrupt", body("raise KeyboardInterrupt"), "failed: "],
  [
    "an exception called TimeoutException",
    body("class TimeoutException(Exception): pass", "raise TimeoutException('mine')"),
    "failed: mine",
  ],
  ["half a surrogate pair in the words", body("raise ValueError('\\ud800')"), "failed: \ud800"],
  [
    "an exception that cannot be worded",
    body("class E(Exception):", "    def __str__(self): raise ValueError", "raise E"),
    "timed out",
  ],

  ["sys.exit before the tests", after("import sys", "sys.exit(0)"), "failed: 0"],
  ["SystemExit before the tests", after("raise SystemExit"), "failed: "],
  ["os._exit before the tests", after("import os", "os._exit(0)"), "timed out"],
  ["exit()", body("exit()"), GONE],
  ["quit()", body("quit()"), GONE],
  ["os.kill", body("import os", "os.kill(os.getppid(), 9)"), GONE],
  ["os.fork", body("import os", "os.fork()"), GONE],
  ["os.remove", body("import os", "os.remove('x')"), GONE],
  ["os.getcwd", body("import os", "os.getcwd()"), GONE],
  ["os.popen", body("import os", "os.popen('true')"), GONE],
  ["subprocess", body("import subprocess", "subprocess.run(['true'])"), GONE],
  ["shutil.rmtree", body("import shutil", "shutil.rmtree('x')"), GONE],
  ["multiprocessing", body("import multiprocessing", "multiprocessing.Process(target=print).start()"), GONE],
  [
    "a module that is taken away",
    body("import resource"),
    "failed: import of resource halted; None in sys.modules",
  ],
  ["a module that is not there", body("import no_such_module"), "failed: No module named 'no_such_module'"],
  [
    "a temporary file",
    then("import tempfile", "with tempfile.NamedTemporaryFile() as f: f.write(b'x')"),
    "passed",
  ],
  ["a file", then("open('x', 'w').write('y')"), "passed"],
  ["an empty folder", body("import os", "raise ValueError(os.listdir('.'))"), "failed: []"],

  ["prints", then("import sys", "print('x' * 100_000)", "sys.stderr.write('x')"), "passed"],
  [
    "writes to the real stdout",
    then("import os, sys", "sys.__stdout__.write('x')", "os.write(1, b'passed')"),
    "passed",
  ],
  ["closes stdout", then("import sys", "sys.stdout.close()"), "passed"],
  ["closes everything", then("import os", "os.closerange(0, 1000)"), "passed"],
  [
    "writes bytes to what stdout is there",
    body("import sys", "sys.stdout.buffer.write(b'x')"),
    "failed: 'WriteOnlyStringIO' object has no attribute 'buffer'",
  ],
  ["the real stdin", body("import sys", "sys.__stdin__.read()"), "failed: I/O operation on closed file."],
  ["the words it was started with", body("import sys", "raise ValueError(len(sys.argv))"), "failed: 2"],
  ["argparse", body("import argparse", "argparse.ArgumentParser().parse_args()"), "failed: 2"],
  ["input()", body("return input()"), "failed: "],
  ["reads stdin", body("import sys", "return sys.stdin.read()"), "failed: "],
  ["stdin by lines", body("import sys", "for line in sys.stdin: pass"), "failed: "],

  [
    "a thread that ends",
    then("import threading", "t = threading.Thread(target=print); t.start(); t.join()"),
    "passed",
  ],
  [
    "a thread that stays",
    then("import threading, time", "threading.Thread(target=time.sleep, args=[60]).start()"),
    "passed",
  ],
  [
    "a pool of threads",
    then("from multiprocessing.pool import ThreadPool", "with ThreadPool(2) as p: p.map(abs, [1])"),
    "passed",
  ],
  [
    "a hundred threads",
    then(
      "import threading",
      "for _ in range(100):",
      "    threading.Thread(target=threading.Event().wait, args=[1]).start()",
    ),
    "passed",
  ],
  ["locks between processes", then("import multiprocessing", "multiprocessing.Value('i', 0)"), GONE],
  ["a program that a module starts", then("import platform", "platform.platform()"), GONE],
  ["four hundred open files", then("f = [open('/dev/null') for _ in range(400)]"), "passed"],
  ["a file of 100 MB", then("open('x', 'wb').truncate(10**8)"), "passed"],
  ["asyncio", body("import asyncio", "async def f(): return a + b", "return asyncio.run(f())"), "passed"],
  ["a handler for SIGTERM", then("import signal", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"), "passed"],
  ["a timer that is stopped", then("import signal", "signal.setitimer(signal.ITIMER_REAL, 0)"), "passed"],
  [
    "a timer of its own, which is the harness's",
    body("import signal", "signal.setitimer(signal.ITIMER_REAL, 0.05)", "while True: pass"),
    "timed out",
  ],
  ["SIGINT to itself", body("import signal", "signal.raise_signal(signal.SIGINT)"), "failed: "],
  ["SIGKILL to itself", body("import signal", "signal.raise_signal(signal.SIGKILL)"), "timed out"],
  ["a crash", body("import signal", "signal.raise_signal(signal.SIGSEGV)"), "timed out"],
  ["a handler that runs at the end", then("import atexit, os", "atexit.register(os._exit, 1)"), "passed"],

  ["recursion without end", body("return add(a, b)"), "failed: maximum recursion depth exceeded"],
  [
    "recursion to where it ends there",
    body(
      "def f():",
      "    try: return 1 + f()",
      "    except RecursionError: return 1",
      "raise ValueError(960 < f() < 990)",
    ),
    "failed: True",
  ],
  [
    "recursion with a limit of its own",
    then("import sys", "sys.setrecursionlimit(10**6)", "def f(n): return n and f(n - 1)", "f(5000)"),
    "passed",
  ],

  [
    "builtins are patched",
    then("import builtins", "builtins.print = builtins.BaseException = None"),
    "passed",
  ],
  // What that harness needs to tell a verdict, and without which it never does.
  ["str is patched", then("import builtins", "builtins.str = None"), "timed out"],
  ["isinstance is patched", then("import builtins", "builtins.isinstance = lambda *a: 1 / 0"), "timed out"],
  [
    "isinstance is patched with care",
    then("import builtins", "real = isinstance", "builtins.isinstance = lambda *a: real(*a)"),
    "passed",
  ],
  ["sockets are patched", then("import socket", "socket.socket = None"), "timed out"],
  ["no module is left", then("import sys", "sys.modules.clear()"), "timed out"],
  [
    "AssertionError is patched",
    body("import builtins", "builtins.AssertionError = int", "return 0"),
    "failed: wrong sum",
  ],
  ["check is patched, too late", body("globals()['check'] = print", "return 0"), "failed: wrong sum"],
  ["check is defined, too early", `${body("return 0")}def check(candidate): pass\n`, "failed: wrong sum"],
  ["the function is defined again", `${body("return 0")}add = lambda a, b: a + b\n`, "passed"],
  [
    "an answer that equals everything",
    body("class Same:", "    def __eq__(self, other): return True", "return Same()"),
    "passed",
  ],
  ["__name__", body("raise ValueError(__name__)"), "failed: builtins"],
  ["what only runs as a program", after("if __name__ == '__main__':", "    raise ValueError"), "passed"],
  ["__file__", body("__file__"), "failed: name '__file__' is not defined"],
  [
    "names it starts with",
    body("raise ValueError(sorted(globals()))"),
    "failed: ['__builtins__', 'add', 'check']",
  ],
];

test("what samples do is judged in the words of OpenAI's harness", async () => {
  await using folder = await temporaryDirectory("quire-verdicts-");
  const at = (name: string) => join(folder.path, name);
  await mkdir(quireHomeIn(folder.path));
  await writeFile(at("problems.jsonl"), JSON.stringify(PROBLEM));
  const samples = CASES.map(([, completion]) => JSON.stringify({ task_id: "own/add", completion }));
  await writeFile(at("samples.jsonl"), samples.join("\n"));
  const run = await runQuire(
    [
      ...["eval", "humaneval", "--data", at("problems.jsonl"), "--samples", at("samples.jsonl")],
      ...["--workers", "4", "--no-dedupe", "--json"],
    ],
    { home: folder.path, timeoutMs: 120_000 },
  );
  expect([run.exitCode, run.timedOut]).toEqual([0, false]);
  const { results } = JSON.parse(run.stdout);
  const said = results.map(({ result }: { result: string }, index: number) => [CASES[index]?.[0], result]);
  expect(said).toEqual(CASES.map(([what, , result]) => [what, result]));
});
