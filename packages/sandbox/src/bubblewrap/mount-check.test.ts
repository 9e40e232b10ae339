import { expect, test } from "vitest";
import { writableMountPoints } from "./mount-check.ts";

test("lists the writable mount points, with their names as they are", () => {
  const text = [
    "22 1 254:0 / / ro,nosuid,nodev,relatime - ext4 /dev/vda rw,discard",
    "23 22 254:0 /home/me/a\\040b /home/me/a\\040b rw,nosuid,relatime shared:1 - ext4 /dev/vda rw",
    "24 22 0:5 / /tmp/\\134x\\011y rw - tmpfs tmpfs rw",
    "25 22 0:5 / /ü ro - tmpfs tmpfs rw",
    "26 22 0:5 / /ü\\012 rw - tmpfs tmpfs rw",
    "",
  ].join("\n");
  expect(writableMountPoints(text)).toEqual(["/home/me/a b", "/tmp/\\x\ty", "/ü\n"]);
});
