/**
 * Gallery of every view without Jupyter; one view alone is shown by what stands behind the `#` of the address:
 * `#kind=explorer&case=long&theme=dark`, see views.ts and cases.ts. `&press=patch` presses a part once it is there.
 */
import { VIEWS } from "./views.ts";

const wish = new URLSearchParams(location.hash.slice(1));
const only = wish.get("kind");
const here = document.getElementById("here")!;
const life = new AbortController();
document.body.classList.toggle("dark", wish.get("theme") === "dark");
document.body.classList.toggle("light", wish.get("theme") !== "dark");
// Another address is another page.
window.addEventListener("hashchange", () => location.reload());

function show(kind: string): void {
  const view = VIEWS[kind]!;
  const { widget, kernel } = view.open(wish.get("case") ?? "code");
  const text = wish.get("text");
  if (text !== null) kernel.set("input", text);
  const section = document.createElement("section");
  const title = document.createElement("h2");
  const link = document.createElement("a");
  link.href = `#kind=${kind}`;
  link.textContent = view.title;
  title.append(link);
  const el = document.createElement("div");
  section.append(...(only === null ? [title] : []), el);
  here.append(section);
  const args = { model: kernel, el, signal: life.signal };
  widget.initialize?.(args);
  widget.render(args);
  const press = wish.get("press");
  if (press !== null) setTimeout(() => el.querySelector<HTMLElement>(`[data-nw=${press}]`)?.click(), 1500);
  // For scripts that look at the page from outside.
  Object.assign(window, { kernel, life });
}

for (const kind of only !== null && only in VIEWS ? [only] : Object.keys(VIEWS)) show(kind);
