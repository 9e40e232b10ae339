import { expect, test } from "vitest";
import { writtenPaths } from "../src/index.ts";

test.each<[command: string, written: (string | null)[]]>([
  ["ls -la > /dev/null 2>&1", []],
  ["grep -n 'a > b' file", []],
  ["cat > a.py <<'EOF'\nif 1 > 0: pass\nEOF", ["/ws/a.py"]],
  ["cat >> a.py <<EOF\nx\nEOF", ["/ws/a.py"]],
  ["python3 - <<'EOF'\nprint(2 > 1)\nEOF", []],
  ["cd sub && printf x | tee -a b", ["/ws/sub/b"]],
  ["sed -i s/a/b/ f ../g", ["/ws/f", "/g"]],
  ["sed -n 1,5p f", []],
  ["patch -p1 <<'EOF'\n--- a/f\nEOF", ["/ws"]],
  ["cd sub; git apply fix.diff", ["/ws/sub"]],
  ["apply_patch <<'EOF'\n*** Begin Patch\nEOF\nnpm test", ["/ws"]],
  ["git status", []],
  ["cp a b", ["/ws/b", "/ws/b/a"]],
  ["touch a", []],
  ['echo x > "$OUT"', [null]],
  ["echo x > /tmp/../tmp/o", ["/tmp/o"]],
  ["bash -c 'echo x > a; echo y > a'", ["/ws/a"]],
])("%s writes %j", async (command, written) => {
  expect(await writtenPaths(command, { cwd: "/ws" })).toEqual(written);
});
