// @vitest-environment node
/** Bundles as they are built: several share a page, and none may restyle what another shows. */
import { build } from "esbuild";
import { expect, it } from "vitest";
import { bundleOf, ENTRIES, withShortVariables } from "../build.mjs";

type Built = { script: string; sheet: string };

async function built(name: string): Promise<Built> {
  const { outputFiles } = await build({ ...bundleOf(name), write: false, minify: false });
  const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))!.text;
  return { script: text(".js"), sheet: text(".css") };
}

/** Selectors that stand in no other rule but a condition: what the rest hangs on. */
function outermost(sheet: string): string[] {
  const found: string[] = [];
  const open: ("condition" | "rule")[] = [];
  for (const [, before, brace] of sheet.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/([^{};]*)([{};])/g)) {
    const words = before!.trim();
    if (brace === "}") open.pop();
    else if (brace === "{") {
      if (!words.startsWith("@") && !open.includes("rule"))
        found.push(...words.split(",").map((one) => one.trim()));
      open.push(words.startsWith("@") ? "condition" : "rule");
    }
  }
  return found;
}

it("reads what rules hang on", () => {
  expect(outermost("/* a { } */ .a, .b .c { .d { top: 0 } } @media x { .e { left: 0; } }")).toEqual([
    ".a",
    ".b .c",
    ".e",
  ]);
});

it.each(Object.keys(ENTRIES))("%s styles its own roots and no others", async (name) => {
  const { script, sheet } = await built(name);
  const hangs = outermost(sheet);
  expect(hangs.length).toBeGreaterThan(1);
  const root = `nw-in-${name}`;
  // A longer name that begins alike is another bundle's.
  const isOwn = (selector: string) => new RegExp(`\\.${root}(?![\\w-])`).test(selector);
  expect(hangs.filter((selector) => !isOwn(selector))).toEqual([]);
  expect(script).toContain(`nw-root \${"${root}"}`);
});

it("short names of variables are the same in a bundle's script and sheet, and no two share one", async () => {
  const { script, sheet } = await built("text");
  const variables = (text: string) => text.match(/--n[\w-]+/g) ?? [];
  const [shortScript, shortSheet] = withShortVariables([script, sheet]) as [string, string];
  const before = [...variables(script), ...variables(sheet)];
  const after = [...variables(shortScript), ...variables(shortSheet)];
  const pairs = new Set(before.map((name, i) => `${name} ${after[i]}`));
  expect(pairs.size).toBe(new Set(before).size);
  expect(new Set(after).size).toBe(pairs.size);
  expect(Math.max(...after.map((name) => name.length))).toBe(4);
  expect(new Set(variables(script)).size).toBeGreaterThan(1);
});
