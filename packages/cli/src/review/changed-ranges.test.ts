import { expect, test } from "vitest";
import { changedRanges } from "./changed-ranges.ts";

test("hunks of every file are read in lines of the new side", () => {
  const patch = `diff --git a/a.txt b/a.txt
index 1..2 100644
--- a/a.txt
+++ b/a.txt
@@ -1,2 +1,3 @@ context
 one
+++ b/not-a-header
--- a/also-none
 two
@@ -10 +11 @@
-x
+y
diff --git a/gone.txt b/gone.txt
deleted file mode 100644
--- a/gone.txt
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git "a/\\303\\244 \\"q\\".txt" "b/\\303\\244 \\"q\\".txt"
new file mode 100644
--- /dev/null
+++ "b/\\303\\244 \\"q\\".txt"
@@ -0,0 +1,2 @@
+a
+b
\\ No newline at end of file
`;
  expect([...changedRanges(patch)]).toEqual([
    [
      "a.txt",
      [
        { start: 1, end: 3 },
        { start: 11, end: 11 },
      ],
    ],
    ["gone.txt", [{ start: 1, end: 1 }]],
    ['ä "q".txt', [{ start: 1, end: 2 }]],
  ]);
});
