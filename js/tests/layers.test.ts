/** The page's imports run one way, through its layers: imports of types and of sheets count too. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const SOURCES = join(ROOT, "src");
/** A layer imports those behind it; layers of one line know nothing of each other. */
const LAYERS = [
  ["wire"],
  ["session"],
  ["paint"],
  ["ui"],
  ["panels"],
  ["kinds"],
  ["atlas", "scan"],
  ["results"],
  ["entries"],
];
/** What Python reads too, outside of the sources. */
const SHARED = "../../neuronwidget/stream/protocol/shared.json";
/** A longer list of files is no table of contents. */
const MOST_FILES = 14;
/** `from "./x.ts"`, `import "./x.css"`, `import("./x.ts")`, `typeof import("./x.ts")`. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g;

type Folder = { path: string; files: string[] };

function foldersOf(path: string): Folder[] {
  const entries = readdirSync(path, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(path, name));
  const inner = entries.filter((entry) => entry.isDirectory() && entry.name !== "out");
  return [{ path, files }, ...inner.flatMap(({ name }) => foldersOf(join(path, name)))];
}

const files = foldersOf(SOURCES).flatMap((folder) => folder.files);
const short = (file: string): string => relative(SOURCES, file);
const imports = new Map(files.map((file) => [short(file), importsOf(file)]));

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const targets = [...text.matchAll(IMPORT)].map((match) => short(join(dirname(file), match[1]!)));
  return targets.filter((target) => target !== SHARED);
}

const layerOf = (file: string): string => file.split("/")[0]!;
const rankOf = (layer: string): number => LAYERS.findIndex((line) => line.includes(layer));

/** The folder of a file within its layer; what lies directly in the layer is a part of its own. */
const partOf = (file: string): string => dirname(file);

/** A way through `graph` from a node back to itself, or null where there is none. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const search = (node: string, way: string[]): string[] | null => {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of graph.get(node) ?? []) {
      const circle = search(next, [...way, node]);
      if (circle) return circle;
    }
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const circle = search(node, []);
    if (circle) return circle;
  }
  return null;
}

function foldersGraph(): Map<string, string[]> {
  const graph = new Map<string, Set<string>>();
  for (const [file, targets] of imports) {
    const from = partOf(file);
    const to = targets.map(partOf).filter((part) => part !== from);
    graph.set(from, new Set([...(graph.get(from) ?? []), ...to]));
  }
  return new Map([...graph].map(([part, targets]) => [part, [...targets]]));
}

describe("the layers of the page", () => {
  it("are the folders", () => {
    const folders = readdirSync(SOURCES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(LAYERS.flat().sort());
    expect(files.length).toBeGreaterThan(100);
  });

  it("import only what lies behind them", () => {
    const wrong = [...imports].flatMap(([file, targets]) =>
      targets
        .filter((target) => layerOf(file) !== layerOf(target))
        .filter((target) => rankOf(layerOf(target)) >= rankOf(layerOf(file)))
        .map((target) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("import files that are there", () => {
    const missing = [...imports].flatMap(([file, targets]) =>
      targets.filter((target) => !imports.has(target)).map((target) => `${file} → ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it("have no circle, of files or of folders", () => {
    expect(circleIn(imports)).toBeNull();
    expect(circleIn(foldersGraph())).toBeNull();
  });

  it("would show a circle", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c", "d"]],
      ["c", []],
      ["d", ["b"]],
    ]);
    expect(circleIn(graph)).toEqual(["b", "d", "b"]);
  });
});

it("no folder has more files than a table of contents", () => {
  const folders = ["src", "dev", "fakes", "tests"].flatMap((name) => foldersOf(join(ROOT, name)));
  const long = folders.filter((folder) => folder.files.length > MOST_FILES);
  expect(long.map(({ path }) => relative(ROOT, path))).toEqual([]);
});
