import { expect, test } from "vitest";
import { type ChunkBody, type ChunkSource, chunkLoader } from "./chunk-loader.ts";

/** As esbuild does it: the chunk runs when it is first asked for. */
function once(body: ChunkBody, require: (id: string) => unknown, url: string): () => object {
  const module = { exports: {} };
  let ran = false;
  return () => {
    if (!ran) body(module, module.exports, require, url);
    ran = true;
    return module.exports;
  };
}

function source(pack: Record<string, ChunkBody>, files: Record<string, ChunkBody> = {}) {
  const log: string[] = [];
  const parts: ChunkSource = {
    pack: (_module, exports, require, url) => {
      for (const [name, body] of Object.entries(pack))
        Object.assign(exports, { [name]: once(body, require, url) });
    },
    compile(name) {
      const body = files[name];
      if (body === undefined) throw new Error(`ENOENT ${name}`);
      return body;
    },
    require: (id) => `outside ${id}`,
    url: "file:///build/main.cjs",
    onLoad: (name, from) => log.push(`${name} ${from}`),
  };
  return { parts, log };
}

test("chunks are found by file name wherever the import points from, and run once", () => {
  const { parts, log } = source(
    {
      "main.js": (module, _exports, require, url) => {
        module.exports = {
          first: require("./chunks/a.js"),
          again: require("./a.js"),
          fs: require("node:fs"),
          url,
        };
      },
    },
    {
      "a.js": (_module, exports) => {
        Object.assign(exports, { name: "a" });
      },
    },
  );
  const exports = chunkLoader(parts)("main.js");
  expect(exports).toEqual({
    first: { name: "a" },
    again: { name: "a" },
    fs: "outside node:fs",
    url: "file:///build/main.cjs",
  });
  expect(log).toEqual(["main.js pack", "a.js file"]);
});

test("a chunk in a cycle sees what its partner has exported so far", () => {
  const { parts } = source(
    {},
    {
      "a.js": (_module, exports, require) => {
        Object.assign(exports, { early: 1 });
        Object.assign(exports, { b: require("./b.js") });
      },
      "b.js": (_module, exports, require) => {
        Object.assign(exports, { seen: Object.keys(require("./a.js") as object) });
      },
    },
  );
  expect(chunkLoader(parts)("a.js")).toEqual({ early: 1, b: { seen: ["early"] } });
});

test("a chunk that throws is run again when it is asked for again", () => {
  let failing = true;
  const { parts } = source(
    {},
    {
      "a.js": (_module, exports) => {
        if (failing) throw new Error("disk on fire");
        Object.assign(exports, { fine: true });
      },
    },
  );
  const load = chunkLoader(parts);
  expect(() => load("a.js")).toThrow("disk on fire");
  failing = false;
  expect(load("a.js")).toEqual({ fine: true });
  expect(() => load("b.js")).toThrow("ENOENT b.js");
});
