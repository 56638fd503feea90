/** A class is styled by one sheet: sheets of one page would else paint over each other's parts. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const SOURCES = join(import.meta.dirname, "../src");

/** What a kind of input or the atlas arranges in another way, and means to. */
const REARRANGED = [".nw-area-side", ".nw-explorer", ".nw-head-status", ".nw-status-dot", "button.nw-fold"];

/** The selectors of a sheet that are one class, by the class; all stand within `.nw-root`. */
function classesOf(sheet: string): string[] {
  const text = readFileSync(join(SOURCES, sheet), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
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

/** JupyterLab and Notebook lay these out in every output, whatever stands around them. */
it("no view uses elements that hosts lay out", () => {
  const views = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".tsx"),
  );
  expect(views.length).toBeGreaterThan(30);
  const used = views.filter((file) => /<d[ltd][\s>]/.test(readFileSync(join(SOURCES, file), "utf8")));
  expect(used).toEqual([]);
});
