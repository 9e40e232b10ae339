/**
 * Small packages that ship their tests, with one-line bugs. The bugs were written down before the engine was first run
 * on them; those that no test noticed were exchanged. `scripts` run the package's own tests, without linters and audits;
 * `install` is what they need; `files` and `manifest` are configuration that a package keeps in its repository only.
 * A bug is a file, a text in it and what stands there instead.
 */
export const PACKAGES = [
  {
    name: "dijkstrajs@1.0.3",
    install: ["mocha@10.8.2", "expect.js@0.3.1"],
    scripts: { test: "mocha -R spec" },
    bugs: [
      ["dijkstra.js", "first_visit || cost_of_s_to_v", "first_visit && cost_of_s_to_v"],
      [
        "dijkstra.js",
        "cost_of_s_to_v > cost_of_s_to_u_plus_cost_of_e",
        "cost_of_s_to_v < cost_of_s_to_u_plus_cost_of_e",
      ],
      ["dijkstra.js", "nodes.push(u);", "nodes.push(d);"],
      ["dijkstra.js", "    nodes.reverse();\n", ""],
    ],
  },
  {
    name: "glob-to-regexp@0.4.1",
    scripts: { test: "node test.js" },
    bugs: [
      ["index.js", "opts ? !!opts.extended : false", "opts ? !!opts.extended : true"],
      ["index.js", "inGroup = true;", "inGroup = false;"],
      ["index.js", "starCount > 1 ", "starCount >= 1 "],
      ["index.js", "!~flags.indexOf('g')", "~flags.indexOf('g')"],
    ],
  },
  {
    name: "minimist@1.2.8",
    install: ["tape@5.9.0"],
    scripts: { test: "tape 'test/**/*.js'" },
    bugs: [
      ["index.js", "i < keys.length - 1; i++", "i < keys.length; i++"],
      ["index.js", "next = args[i + 1];", "next = args[i];"],
      ["index.js", "broken = true;", "broken = false;"],
      ["index.js", "value = value !== 'false';", "value = value === 'false';"],
    ],
  },
  {
    name: "sorted-array-functions@1.3.0",
    install: ["tape@5.9.0"],
    scripts: { test: "tape test.js" },
    bugs: [
      [
        "index.js",
        "      btm = mid + 1\n    }\n  }\n\n  return mid\n}\n\nfunction has",
        "      btm = mid\n    }\n  }\n\n  return mid\n}\n\nfunction has",
      ],
      ["index.js", "if (c <= 0) return i", "if (c < 0) return i"],
      ["index.js", "list.splice(i, 1)", "list.splice(i)"],
      [
        "index.js",
        "Math.abs(list[mid - 1] - value)) return mid - 1",
        "Math.abs(list[mid - 1] - value)) return mid",
      ],
    ],
  },
  {
    name: "fast-content-type-parse@3.0.0",
    install: ["c8@10.1.3"],
    scripts: { test: "npm run test:unit", "test:unit": "c8 --100 node --test" },
    bugs: [
      ["index.js", "key = match[1].toLowerCase()", "key = match[1]"],
      ["index.js", ".slice(1, value.length - 1)", ".slice(1, value.length)"],
      ["index.js", "index += match[0].length", "index = match[0].length"],
    ],
  },
  {
    name: "flat@5.0.2",
    install: ["mocha@8.4.0"],
    scripts: { test: "mocha -u tdd --reporter spec" },
    bugs: [
      ["index.js", "step(value, newKey, currentDepth + 1)", "step(value, newKey, currentDepth)"],
      ["index.js", "opts.safe && Array.isArray(value)", "opts.safe || Array.isArray(value)"],
      ["index.js", "if (!isObject || isEmpty(target[key])) {", "if (!isObject) {"],
      ["index.js", "recipient = recipient[key1]\n", "recipient = recipient[key2]\n"],
    ],
  },
  {
    name: "cborg@4.2.4",
    install: ["mocha@10.8.2", "chai@5.1.2", "ipld-garbage@5.0.0"],
    scripts: { test: "mocha test/test-*.js" },
    bugs: [
      ["lib/0uint.js", "} else if (uint < uintBoundaries[1]) {", "} else if (uint <= uintBoundaries[1]) {"],
      [
        "lib/0uint.js",
        "const value = (data[offset] << 8) | data[offset + 1]",
        "const value = (data[offset] << 8) | data[offset]",
      ],
      ["lib/json/decode.js", "ch = ch - 97 + 10", "ch = ch - 97"],
      ["lib/bl.js", "this.cursor += bytes.length", "this.cursor = bytes.length"],
    ],
  },
  {
    name: "fast-safe-stringify@2.1.1",
    install: ["tap@16.3.10", "clone@2.1.2"],
    scripts: { test: "tap --no-coverage test.js test-stable.js" },
    bugs: [
      ["index.js", "for (i = 0; i < stack.length; i++)", "for (i = 1; i < stack.length; i++)"],
      ["index.js", "edgeIndex + 1 > options.edgesLimit", "edgeIndex > options.edgesLimit"],
      ["index.js", "Object.keys(val).sort(compareFunction)", "Object.keys(val)"],
    ],
  },
  {
    name: "css-to-react-native@3.2.0",
    install: [
      "jest@29.7.0",
      "@babel/preset-env@7.26.0",
      "camelize@1.0.1",
      "css-color-keywords@1.0.0",
      "postcss-value-parser@4.2.0",
    ],
    scripts: { test: "jest" },
    manifest: { babel: { presets: [["@babel/preset-env", { targets: { node: "current" } }]] } },
    bugs: [
      ["src/transforms/util.js", "left = right] = values", "left = top] = values"],
      [
        "src/transforms/transform.js",
        "transformedValues.concat(transforms)",
        "transforms.concat(transformedValues)",
      ],
      ["src/TokenStream.js", "this.index <= this.nodes.length - 1", "this.index <= this.nodes.length"],
      ["src/transforms/font.js", "numStyleWeightVariantMatched < 3", "numStyleWeightVariantMatched < 2"],
    ],
  },
  {
    name: "ts-dedent@2.2.0",
    install: ["vitest@3.2.4"],
    scripts: { test: "vitest run" },
    files: { "vitest.config.mjs": "export default { test: { globals: true } };\n" },
    bugs: [
      ["src/index.ts", "str.replace(pattern, '\\n')", "str.replace(pattern, '')"],
      ["src/index.ts", "Math.min(...indentLengths)", "Math.max(...indentLengths)"],
      ["src/index.ts", "return i === 0 ? str", "return i === 1 ? str"],
    ],
  },
];
