/** A class is styled by one sheet: sheets of one page would else paint over each other's parts. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { luminance } from "../src/paint/colours.ts";

const SOURCES = join(import.meta.dirname, "../src");
const read = (sheet: string) => readFileSync(join(SOURCES, sheet), "utf8");

/** What a kind of input or the atlas arranges in another way, and means to. */
const REARRANGED = [".nw-area-side", ".nw-explorer", ".nw-head-status", ".nw-status-dot", "button.nw-fold"];

/** The selectors of a sheet that are one class, by the class; all stand within `.nw-root`. */
function classesOf(sheet: string): string[] {
  const text = read(sheet).replace(/\/\*[\s\S]*?\*\//g, "");
  return [...text.matchAll(/([^{};]+)\{/g)]
    .flatMap((match) => match[1]!.split(","))
    .flatMap((selector) => /^(?:& )?(\w*\.[\w-]+)$/.exec(selector.trim())?.[1] ?? [])
    .filter((name) => name !== ".nw-root");
}

it("no class belongs to two sheets", () => {
  const sheets = new Map<string, Set<string>>();
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  for (const sheet of files.filter((file) => file.endsWith(".css"))) {
    for (const name of classesOf(sheet)) sheets.set(name, (sheets.get(name) ?? new Set()).add(sheet));
  }
  expect(sheets.size).toBeGreaterThan(100);
  const shared = [...sheets].filter(([, owners]) => owners.size > 1).map(([name]) => name);
  expect(shared.sort()).toEqual(REARRANGED);
});

/** Luminances of the colours of a theme, by their names. */
function coloursOf(theme: ".nw-root" | ".nw-root.nw-dark"): Record<string, number> {
  const [, block = ""] = read("ui/styles.css").split(`\n${theme} {`);
  const colours = block.split("}")[0]!.matchAll(/(--nw-[\w-]+): #(\w\w)(\w\w)(\w\w);/g);
  const bytes = (digits: string[]) => digits.map((two) => Number.parseInt(two, 16));
  return Object.fromEntries(
    [...colours].map(([, name, ...rgb]) => {
      const [r, g, b] = bytes(rgb);
      return [name!, luminance((b! << 16) | (g! << 8) | r!)];
    }),
  );
}

it("an edge shows where a bar ends, however pale its colour", () => {
  const bar = /\.nw-bar \{[^}]*\}/.exec(read("panels/panels.css"))![0];
  const edges = new Set([...bar.matchAll(/var\((--nw-[\w-]+)\) 1px/g)].map(([, name]) => name!));
  expect(edges.size).toBe(1);
  for (const theme of [".nw-root", ".nw-root.nw-dark"] as const) {
    const colours = coloursOf(theme);
    const edge = colours[[...edges][0]!]!;
    for (const ground of ["--nw-bg", "--nw-panel", "--nw-raised", "--nw-line"]) {
      const [dark, light] = [edge, colours[ground]!].sort((a, b) => a - b) as [number, number];
      expect((light + 0.05) / (dark + 0.05), `${theme} ${ground}`).toBeGreaterThan(3);
    }
  }
});

/** JupyterLab and Notebook lay these out in every output, whatever stands around them. */
it("no view uses elements that hosts lay out", () => {
  const views = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".tsx"),
  );
  expect(views.length).toBeGreaterThan(30);
  const used = views.filter((file) => /<d[ltd][\s>]/.test(read(file)));
  expect(used).toEqual([]);
});
