/**
 * Python: turns what was measured (or, failing that, stack traces and likely files) into the localiser's answer, with
 * the source text that the engine needs to see.
 */
export const PYTHON_REPORT = String.raw`
def read_exactly(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", newline="") as file:
        return file.read()

def guess(total):
    """Without coverage every line of a likely file counts alike; stack traces make the difference."""
    for path, line in JOB["hints"]:
        name = relative(path)
        if name and os.path.isfile(os.path.join(ROOT, name)):
            total["trace"].setdefault(name, []).append(line)
    for path in ([name for name in total["trace"] if not TEST_PATH.search(name)] + JOB["sources"])[:8]:
        with open(os.path.join(ROOT, path), errors="replace") as file:
            total["lines"].setdefault(path, {number: [1, 1] for number, line in enumerate(file, 1)})
    total["bad"] = 1

def mentions():
    """Words of the test code at the places of failure, and of the names of failing tests: nearer is stronger."""
    found = {}
    def note(text, weight):
        for word in re.findall(r"[A-Za-z_]\w*", text):
            found[word] = max(found.get(word, 0), weight)
    for name in JOB["failing"]:
        note(name, 0.5)
    for path, line in JOB["hints"]:
        name = relative(path)
        if name and TEST_PATH.search(name) and os.path.isfile(os.path.join(ROOT, name)):
            with open(os.path.join(ROOT, name), errors="replace") as file:
                for number, text in enumerate(file, 1):
                    if abs(number - line) <= 6:
                        note(text, 1 if number == line else 0.5)
    return found

def weight(total, path):
    counts = total["lines"].get(path, {}).values()
    best = max([bad / (max(1, total["bad"]) * (bad + good)) ** 0.5 for bad, good in counts if bad] or [0])
    return best + (0.6 if path in total["trace"] else 0)

def report(total):
    files, left = [], JOB["textLimit"]
    measured = total["bad"] > 0 and any(path and not TEST_PATH.search(path) for path in total["lines"])
    if not measured:
        guess(total)
    named = [path for path in set(total["lines"]) | set(total["trace"]) if path and not TEST_PATH.search(path)]
    for path in sorted(named, key=lambda path: (-weight(total, path), path)):
        lines = total["lines"].get(path, {})
        counts = [[line, bad, good] for line, (bad, good) in sorted(lines.items()) if bad]
        if left <= 0 or not (counts or path in total["trace"]):
            continue
        try:
            text = read_exactly(path)
        except (OSError, ValueError):
            continue
        ranked = sorted(counts, key=lambda entry: (-entry[1] / (entry[1] + entry[2]) ** 0.5, entry[0]))
        wanted = total["trace"].get(path, []) + [line for line, bad, good in ranked]
        pieces = windows(text, wanted, left)
        left -= sum(len(piece["text"]) for piece in pieces)
        files.append({"path": path, "lines": counts, "trace": total["trace"].get(path, []), "pieces": pieces})
    return {"totalFailed": total["bad"], "failed": total["failed"][:50], "passed": total["passed"], "hung": total["hung"][:10], "finished": total["finished"], "how": "coverage" if measured else "trace", "mentions": {} if measured else mentions(), "files": files}

def windows(text, wanted, left):
    """The whole text when it is small enough, else the surroundings of the lines that matter."""
    if len(text) <= min(left, 24000):
        return [{"firstLine": 1, "offset": 0, "text": text}]
    lines = text.splitlines(True)
    keep, size = set(), 0
    for line in wanted:  # most suspicious first
        around = set(range(max(1, line - 40), min(len(lines), line + 40) + 1)) - keep
        size += sum(len(lines[number - 1]) for number in around)
        if size > left:
            break
        keep |= around
    pieces, offset, first = [], 0, None
    for number, line in enumerate(lines + [""], 1):
        if number in keep and first is None:
            first, begin = number, offset
        elif number not in keep and first is not None:
            pieces.append({"firstLine": first, "offset": begin, "text": text[begin:offset]})
            first = None
        offset += len(line)
    return pieces

print("QUIRE_RESULT " + json.dumps(report(localise())))
`;
