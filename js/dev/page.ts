/** Shows one view over the kernel in this page; what to show stands behind the `#` of the address. */

import inputs from "../src/entries/inputs.tsx";
import text from "../src/entries/text.tsx";
import type { Traits } from "../src/wire/traits.ts";
import { CASES, INPUT_CASES } from "./cases.ts";
import { FakeInputs } from "./fake-inputs.ts";
import { FakeKernel } from "./fake-kernel.ts";

const wish = new URLSearchParams(location.hash.slice(1));
const kind = wish.get("kind") ?? "explorer";
const named = wish.get("case") ?? "code";
document.body.classList.toggle("dark", wish.get("theme") === "dark");
document.body.classList.toggle("light", wish.get("theme") !== "dark");

const isText = kind !== "image" && kind !== "table";
const kernel = isText
  ? new FakeKernel({
      ...CASES[named],
      ...(wish.get("text") !== null && { input: wish.get("text")! }),
      layout_kind: kind as Traits["layout_kind"],
    })
  : new FakeInputs(kind, INPUT_CASES[named]);
const life = new AbortController();
const widget = (isText ? text : inputs)();
const model = kernel.model;
widget.initialize({ model, signal: life.signal });
widget.render({ model, el: document.getElementById("here")!, signal: life.signal });
// For scripts that look at the page from outside.
Object.assign(window, { kernel, life });
