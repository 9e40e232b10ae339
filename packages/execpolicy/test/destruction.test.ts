import { describe, expect, test } from "vitest";
import { type Destruction, destructiveTargets } from "../src/index.ts";

const HERE = { cwd: "/ws/project", home: "/home/dev" };
/** `kind program targets` in one line; `?` marks an uncertain entry, `+` one that gets more targets, `@` a folder other than the start. */
const line = ({ kind, program, targets, folder, certain, fed }: Destruction): string =>
  `${kind} ${program} ${targets.join(" ")}${certain ? "" : " ?"}${fed ? " +" : ""}${folder === HERE.cwd ? "" : ` @${folder}`}`;

describe("what a command would destroy", () => {
  const cases: [command: string, expected: string[]][] = [
    ["ls -la && cat a", []],
    ["rm -rf dist 'a b'", ["delete rm dist a b"]],
    ["rm -- -x", ["delete rm -x"]],
    ["rm *.o", ["delete rm *.o ?"]],
    ['rm "$X/y"', ["delete rm /y ?"]],
    ["rm ~/x", ["delete rm /home/dev/x"]],
    ["X=/srv; rm -r $X", ["delete rm /srv"]],
    ["cd /tmp/a && rm b", ["delete rm b @/tmp/a"]],
    ["cd $X && rm b", ["delete rm b @null"]],
    ["sudo rm /x; rmdir y", ["delete rm /x", "delete rmdir y"]],
    ["mv a b", ["move mv a b"]],
    ["mv -t dir a", ["move mv a dir"]],
    ["cp a b", ["overwrite cp b b/a"]],
    ["find src -name '*.tmp' -delete", ["delete find src"]],
    ["find -delete", ["delete find ."]],
    ["find . -name x -exec rm {} +", ["delete find .", "delete rm {} ?"]],
    ["find /o -type f -exec tee {} +", ["overwrite find /o", "overwrite tee {} ?"]],
    ["find /o -exec env rm {} +", ["overwrite find /o", "delete rm {} ?"]],
    ["find . -fprint /o/x", ["overwrite find /o/x"]],
    ["A=1 rm -r build", ["delete rm build"]],
    ["cat list | xargs rm -f", ["delete rm  ? +"]],
    ["cat list | xargs -I{} rm -f {}", ["delete rm {} ? +"]],
    ["git clean -fdx", ["delete git ."]],
    ["git clean -n", []],
    ["git -C ../o clean -fd", ["delete git ../o"]],
    ["git reset --hard HEAD~1", ["overwrite git ."]],
    ["git reset HEAD a", []],
    ["git checkout -- a b", ["overwrite git a b"]],
    ["git checkout .", ["overwrite git ."]],
    ["git checkout main", []],
    ["git checkout -f main", ["overwrite git ."]],
    ["git restore src", ["overwrite git src"]],
    ["git restore --staged src", []],
    ["git rm a", ["delete git a"]],
    ["git stash drop", ["delete git ."]],
    ["truncate -s 0 a", ["overwrite truncate a"]],
    ["shred -n 1 a", ["overwrite shred a"]],
    ["dd if=a of=b bs=1k", ["overwrite dd b"]],
    ["echo x > a", ["overwrite > a"]],
    ["echo x >> a", []],
    ["ls > /dev/null 2>&1", []],
    ["ls &> a", ["overwrite > a"]],
    ["tee a < b", ["overwrite tee a"]],
    ["tee -a a", []],
    ["sed -i s/a/b/ f", ["overwrite sed f"]],
    ["sed -n p f", []],
    ["curl -o f https://x.example", ["overwrite curl f"]],
    ["chmod -R 755 src", ["permissions chmod src"]],
    ["bash -c 'rm a'", ["delete rm a"]],
    ["(cd sub; rm a)", ["delete rm a @/ws/project/sub"]],
    ["echo $(rm a)", ["delete rm a"]],
    ["if true; then rm a; else rm b; fi", ["delete rm a", "delete rm b"]],
    ["for f in a b; do rm $f; done", ["delete rm a", "delete rm b"]],
    ["cat <<EOF > a\nx\nEOF", ["overwrite > a"]],
    ["r''m a", ["delete rm a"]],
    ["rm a )", ["delete rm a", "delete rm a"]],
  ];
  test.each(cases)("%s", async (command, expected) => {
    expect((await destructiveTargets(command, HERE)).map(line)).toEqual(expected);
  });
});
