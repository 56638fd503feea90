/** Bundles the page into `neuronwidget/static/`. The same sources always give the same bytes. */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const out = fileURLToPath(new URL("../neuronwidget/static/", import.meta.url));
/** A bundle travels with every widget instance: script and sheet together have at most so many bytes. */
const LIMITS = { widget: 150_000, inputs: 150_000, atlas: 250_000, "atlas-inputs": 250_000, scan: 60_000 };

const options = {
  absWorkingDir: root,
  entryPoints: {
    widget: "src/entries/text.tsx",
    inputs: "src/entries/inputs.tsx",
    atlas: "src/entries/atlas.tsx",
    "atlas-inputs": "src/entries/atlas-inputs.tsx",
    scan: "src/entries/scan.tsx",
  },
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

/** In the browser, unless there is none to open: then its path is printed. */
function openPage(path) {
  const command = { darwin: "open", win32: "explorer" }[process.platform] ?? "xdg-open";
  console.log(`Every view of the page: ${path}`);
  if (process.env.NEURONWIDGET_NO_BROWSER) return;
  const browser = spawn(command, [path], { stdio: "ignore", detached: true });
  browser.on("error", () => console.log("No browser could be opened: open that file in one."));
  browser.unref();
}

if (process.argv.includes("--dev")) {
  // dev/index.html opens without a server, so its script is no module.
  const dev = { entryPoints: { page: "dev/page.ts" }, outdir: "dev/out", format: "iife", minify: false };
  await build({ ...options, ...dev, sourcemap: "inline" });
  openPage(fileURLToPath(new URL("dev/index.html", import.meta.url)));
} else if (process.argv.includes("--watch")) {
  const watcher = await context({ ...options, minify: false, sourcemap: "inline" });
  await watcher.watch();
} else {
  await build(options);
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
