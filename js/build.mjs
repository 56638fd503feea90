/** Bundles the page into `neuronwidget/static/`. The same sources always give the same bytes. */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";
import { minify } from "terser";

const root = fileURLToPath(new URL(".", import.meta.url));
const out = fileURLToPath(new URL("../neuronwidget/static/", import.meta.url));
/** A bundle travels with every widget instance: script and sheet together have at most so many bytes. */
const LIMITS = { text: 150_000, explorer: 265_000, inputs: 250_000, scan: 60_000, results: 250_000 };

export const ENTRIES = {
  text: "src/entries/text.tsx",
  explorer: "src/entries/explorer.tsx",
  inputs: "src/entries/inputs.tsx",
  scan: "src/entries/scan.tsx",
  results: "src/entries/results.tsx",
};

const options = {
  absWorkingDir: root,
  outdir: out,
  bundle: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  charset: "utf8",
  legalComments: "none",
  // Calls of `h` take 2 to 4 kB less than those of the JSX runtime that tests and editors use; see tsconfig.json.
  jsx: "transform",
  jsxFactory: "h",
  jsxFragment: "Fragment",
  inject: ["src/entries/jsx.ts"],
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: true, verbatimModuleSyntax: true } },
  logLevel: "warning",
};

/** The class of the roots of a bundle. */
const rootOf = (name) => `nw-in-${name}`;

/** Several bundles share a page, and their sheets its document: each sheet styles the roots of its own bundle alone. */
const ownSheets = (name) => ({
  name: "own-sheets",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const sheet = await readFile(path, "utf8");
      return { contents: sheet.replaceAll(".nw-root", `.${rootOf(name)}`), loader: "css" };
    });
  },
});

export const bundleOf = (name) => ({
  ...options,
  entryPoints: { [name]: ENTRIES[name] },
  define: { NW_ROOT: JSON.stringify(rootOf(name)) },
  plugins: [ownSheets(name)],
});

/** What esbuild leaves is looked through again: 2 % less. */
const AGAIN = {
  module: true,
  ecma: 2022,
  compress: { passes: 3, unsafe_arrows: true },
  format: { comments: false },
};

/** Variables of sheets have short names in what is sent: another 1 %. Only what is in our roots sees them. */
export function withShortVariables(texts) {
  const variable = /--nw-[\w-]+/g;
  const names = [...new Set(texts.flatMap((text) => text.match(variable) ?? []))].sort();
  const short = new Map(names.map((name, i) => [name, `--n${i.toString(36)}`]));
  return texts.map((text) => text.replace(variable, (name) => short.get(name)));
}

async function write(name) {
  const { outputFiles } = await build({ ...bundleOf(name), write: false });
  const texts = [];
  for (const { path, text } of outputFiles) {
    texts.push(path.endsWith(".js") ? (await minify(text, AGAIN)).code : text);
  }
  for (const [i, text] of withShortVariables(texts).entries()) await writeFile(outputFiles[i].path, text);
}

/** In the browser, unless there is none to open: then its path is printed. */
function openPage(path) {
  const command = { darwin: "open", win32: "explorer" }[process.platform] ?? "xdg-open";
  console.log(`Every view of the page: ${path}`);
  if (process.env.NEURONWIDGET_NO_BROWSER) return;
  const browser = spawn(command, [path], { stdio: "ignore", detached: true });
  browser.on("error", () => console.log("No browser could be opened: open that file in one."));
  browser.unref();
}

async function main() {
  if (process.argv.includes("--dev")) {
    // dev/index.html opens without a server, so its script is no module.
    const define = { NW_ROOT: '""' };
    const dev = { entryPoints: { page: "dev/page.ts" }, outdir: "dev/out", format: "iife", minify: false };
    await build({ ...options, ...dev, define, sourcemap: "inline" });
    openPage(fileURLToPath(new URL("dev/index.html", import.meta.url)));
  } else if (process.argv.includes("--watch")) {
    for (const name of Object.keys(ENTRIES)) {
      const watcher = await context({ ...bundleOf(name), minify: false, sourcemap: "inline" });
      await watcher.watch();
    }
  } else {
    for (const name of Object.keys(ENTRIES)) await write(name);
    for (const [entry, limit] of Object.entries(LIMITS)) {
      let total = 0;
      for (const name of [`${entry}.js`, `${entry}.css`]) {
        const bytes = readFileSync(out + name);
        total += bytes.length;
        console.log(`${name}: ${bytes.length} bytes, ${gzipSync(bytes).length} compressed`);
      }
      if (total > limit) {
        console.error(
          `${entry} has ${total} bytes; it travels with every widget and must stay under ${limit}.`,
        );
        process.exit(1);
      }
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
