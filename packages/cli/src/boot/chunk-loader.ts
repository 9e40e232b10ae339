/** One chunk of the build as a function: what a CommonJS file is to Node. `url` stands for `import.meta.url`. */
export type ChunkBody = (
  module: { exports: object },
  exports: object,
  require: (id: string) => unknown,
  url: string,
) => void;

/** What a pack exports: for each chunk, by file name, what runs it on first use and returns its exports. */
export type Pack = Record<string, () => object>;

/** Where chunks come from, and what they may load from outside the build. */
export interface ChunkSource {
  /** The chunks that every start needs. */
  readonly pack: ChunkBody;
  /** Reads and compiles a chunk that is a file of its own, given its file name. */
  compile(name: string): ChunkBody;
  /** Loads Node's own modules and packages with a native part. */
  require(id: string): unknown;
  readonly url: string;
  /** Told of each chunk before it is asked for its exports; the chunks of a pack find each other by themselves. */
  onLoad(name: string, from: "pack" | "file"): void;
}

/**
 * Loads chunks by file name, each once, as `require` does: a chunk in a cycle gets what its partner has exported so far,
 * and one that throws may be tried again.
 */
export function chunkLoader(source: ChunkSource): (name: string) => object {
  const loaded = new Map<string, { exports: object }>();
  const require = (id: string) =>
    id.startsWith(".") ? load(id.slice(id.lastIndexOf("/") + 1)) : source.require(id);
  const run = (body: ChunkBody, module: { exports: object }) =>
    body(module, module.exports, require, source.url);
  const pack: Pack = {};
  run(source.pack, { exports: pack });

  function load(name: string): object {
    const known = loaded.get(name);
    if (known) return known.exports;
    const packed = pack[name];
    source.onLoad(name, packed ? "pack" : "file");
    if (packed) return packed();
    const module = { exports: {} };
    loaded.set(name, module);
    try {
      run(source.compile(name), module);
    } catch (error) {
      loaded.delete(name);
      throw error;
    }
    return module.exports;
  }
  return load;
}
