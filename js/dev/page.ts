/** Shows one view over the kernel in this page; what to show stands behind the `#` of the address. */
import define from "../src/index.tsx";
import type { Traits } from "../src/protocol.ts";
import { CASES } from "./cases.ts";
import { FakeKernel } from "./fake-kernel.ts";

const wish = new URLSearchParams(location.hash.slice(1));
const setting = CASES[wish.get("case") ?? "code"] ?? {};
document.body.classList.toggle("dark", wish.get("theme") === "dark");
document.body.classList.toggle("light", wish.get("theme") !== "dark");

const kernel = new FakeKernel({
  ...setting,
  ...(wish.get("text") !== null && { input: wish.get("text")! }),
  layout_kind: (wish.get("kind") ?? "explorer") as Traits["layout_kind"],
});
const life = new AbortController();
const widget = define();
const model = kernel.model;
widget.initialize({ model, signal: life.signal });
widget.render({ model, el: document.getElementById("here")!, signal: life.signal });
// For scripts that look at the page from outside.
Object.assign(window, { kernel, life });
