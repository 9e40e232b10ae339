import fc from "fast-check";
import { expect, test } from "vitest";
import { LANGUAGE_NAMES, type LanguageName } from "../src/languages.ts";
import { hashName } from "../src/names.ts";
import { createSourceScanner } from "../src/scan-source.ts";

const scan = createSourceScanner();

/** The words of a text that it seems to declare: those that weigh fully, and those that weigh less. */
function guessed(language: LanguageName, text: string) {
  const { names, topCount, innerCount } = scan(Buffer.from(text), language);
  const words = [...new Set(text.match(/[\w$]+/g))];
  const among = (numbers: Uint32Array) => words.filter((word) => numbers.includes(hashName(word)));
  return {
    top: among(names.subarray(0, topCount)),
    inner: among(names.subarray(topCount, topCount + innerCount)),
  };
}

const SOURCES: readonly [LanguageName, string, ReturnType<typeof guessed>][] = [
  [
    "typescript",
    `/** One. */
import { otherThing } from "./other.ts";
/*
export function insideComment() {}
*/
export async function* firstThing<T extends { a: T }>(a: T): AsyncGenerator<T> {
  const localThing = 1;
}
export abstract class SecondThing
  extends Base {
  private hiddenField = 1;
  constructor() {}
  async openDoor<T>(of: House): Promise<void> {
    closeDoor(of);
  }
  get isOpenNow(): boolean { return true; }
  private hiddenDoor() {}
  #secretDoor() {}
}
export const thirdThing = { innerThing() {} }, list = 1;
export type { OtherType } from "./other.ts";
export const enum FourthThing { A }
function ownThing() {}
export default function main() {}
`,
    {
      top: ["firstThing", "SecondThing", "thirdThing", "FourthThing"],
      inner: ["constructor", "openDoor", "isOpenNow", "main"],
    },
  ],
  [
    "javascript",
    "const oneThing = require('x');\nfunction twoThings() {}\nexports.threeThings = 1;\nFour.prototype.fiveThings = function () {};\nmodule.exports = { oneThing };\n",
    { top: ["oneThing", "twoThings", "threeThings", "fiveThings"], inner: [] },
  ],
  [
    "python",
    `"""def in_a_docstring(): pass
class InADocstring:
"""
if TYPE_CHECKING:
    class TypingOnly: ...
LIMIT_OF_ALL: int = 3
lower_case = 4
class ShopCart(Base):
    '''class Doc'''
    def add_item(self):
        def nested_thing(): pass
    async def _own_item(self): pass
def count_items(x): pass
`,
    { top: ["TypingOnly", "LIMIT_OF_ALL", "ShopCart", "count_items"], inner: ["add_item"] },
  ],
  [
    "go",
    'package shop\n\ntype (\n\tFirstType struct {\n\t\tInnerField int\n\t}\n\townType int\n)\n\nfunc (c *Cart) AddItem(a int) {\n\tvar LocalThing int\n}\n\nfunc NewCart[T any]() {}\n\nvar ErrEmpty = errors.New("x")\n',
    { top: ["FirstType", "AddItem", "NewCart", "ErrEmpty"], inner: [] },
  ],
  [
    "rust",
    "pub(crate) struct BigPoint<T> {\n    pub fieldOne: T,\n}\nimpl<T> BigPoint<T> {\n    pub const fn make_point() {}\n    fn own_point() {}\n}\npub trait HasArea {}\nmacro_rules! my_macro { () => {} }\nfn own_thing() {}\n",
    { top: ["BigPoint", "make_point", "HasArea", "my_macro"], inner: [] },
  ],
  [
    "java",
    "package a.b;\n@Entity\npublic class ShopCart<T>\n        implements Cart {\n    @Override\n    public java.util.List<String> addItem(Item item) throws IOException {\n        return callOther(item);\n    }\n    private int ownItem() { return 1; }\n}\n",
    { top: ["ShopCart"], inner: ["addItem"] },
  ],
  [
    "csharp",
    "namespace Shop.Core\n{\n    public class ShopCart : ICart\n    {\n        public int ItemCount { get; set; }\n        public async Task<int> AddAsync(Item i)\n        {\n            Call(i);\n        }\n    }\n}\n",
    { top: ["ShopCart"], inner: ["ItemCount", "AddAsync"] },
  ],
  [
    "cpp",
    "#ifndef SHOP_H\n#define SHOP_H\n#define MOST_ITEMS 10\ntypedef struct item_node {\n  int v;\n} item_node_t;\ntypedef int (*item_callback)(void *);\nstruct item_tree { int a; };\nstruct item_tree *find_item(const char *name);\nstatic int own_item(void);\nextern int\nadd_item (int a)\n{\n  call_item(a);\n}\nnamespace shop {\nclass ItemBox : public Box {\n public:\n  int firstItem() const;\n};\n}\n#endif\n",
    {
      top: ["MOST_ITEMS", "item_node_t", "item_callback", "item_tree", "find_item", "add_item", "ItemBox"],
      inner: ["shop", "firstItem"],
    },
  ],
  [
    "ruby",
    "module ShopCore\n  class ShopCart\n    MAX_ITEMS = 3\n    def self.make_cart; end\n    def add_item(x)\n      other_call x\n    end\n  end\nend\n",
    { top: ["ShopCore"], inner: ["ShopCart", "MAX_ITEMS", "make_cart", "add_item"] },
  ],
  [
    "php",
    "<?php\nnamespace Shop;\nabstract class ShopCart\n{\n    public static function makeCart(): self\n    {\n        return otherCall();\n    }\n    private function ownItem() {}\n}\nfunction countItems() {}\n",
    { top: ["ShopCart", "countItems"], inner: ["makeCart"] },
  ],
  [
    "bash",
    "# comment_thing() {\nsay_hello() {\n  call_other\n}\nfunction say_goodbye {\n  :\n}\nrun_all --now\n",
    { top: ["say_hello", "say_goodbye"], inner: [] },
  ],
];

test.each(SOURCES)("what %s seems to declare", (language, text, expected) => {
  expect(guessed(language, text)).toEqual(expected);
});

const languages = fc.constantFrom(...LANGUAGE_NAMES);
const PIECES =
  "class function typedef struct enum export exports. prototype. def impl pub( pub static public: private # @ ( ) { } [ ] < > = => == : :: ; , * & ! ? . ~ /* */ // \"\"\" ''' ` \\ \n \r\n \t a bb thing_name Ünïcode 9z \0".split(
    " ",
  );

test("nothing that a file may hold breaks the scanner, and what it declares is among its names", () => {
  const text = fc.array(fc.oneof(fc.constantFrom(...PIECES, " "), fc.string()), { maxLength: 200 });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 500 }),
    text.map((pieces) => Buffer.from(pieces.join(" "))),
    text.map((pieces) => Buffer.from(pieces.join(""))),
  );
  fc.assert(
    fc.property(bytes, languages, (content, language) => {
      const { names, topCount, innerCount } = scan(content, language);
      const all = names.subarray(topCount + innerCount);
      const declared = [...names.subarray(0, topCount + innerCount)];
      expect(new Set(all).size).toBe(all.length);
      expect(declared.filter((name) => !all.includes(name))).toEqual([]);
      // The same content says the same again, whatever was read between.
      scan(Buffer.from("export class Other { method() {} }\n"), language);
      expect(scan(content, language)).toEqual({ names, topCount, innerCount });
    }),
    { numRuns: 500 },
  );
});

const HOSTILE = [
  ...PIECES,
  " ",
  "( ",
  "a(",
  "<a",
  "[[",
  "typedef (*",
  "class a ",
  "export { ",
  '"""\n',
  "/*\n",
];

test.each<LanguageName>(["typescript", "cpp", "go", "python"])(
  "a %s file of one hostile line is read in a time that grows with its length alone",
  (language) => {
    const length = 128 * 1024;
    for (const piece of HOSTILE) {
      const content = Buffer.from((piece || " ").repeat(length)).subarray(0, length);
      const began = performance.now();
      const { names } = scan(content, language);
      // It takes some milliseconds; with a square in it, minutes.
      expect(performance.now() - began).toBeLessThan(5000);
      expect(names.length).toBeLessThan(3000);
    }
  },
);
