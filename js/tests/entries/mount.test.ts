import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Host } from "../../fakes/host.ts";
import define from "../../src/entries/text.tsx";
import { dark } from "../../src/paint/theme.ts";

const open: AbortController[] = [];
afterEach(() => {
  for (const life of open.splice(0)) life.abort();
  document.body.className = "";
  for (const name of ["jpThemeLight", "vscodeThemeKind", "theme"]) delete document.body.dataset[name];
  document.body.replaceChildren();
});

function lifetime(): AbortController {
  const life = new AbortController();
  open.push(life);
  return life;
}

/** A strip in the page, as anywidget would put it there. */
function shown(host = new Host({ input: "abc", unit: "mlp.0:3" })) {
  const widget = define();
  const model = lifetime();
  const view = lifetime();
  const el = document.createElement("div");
  document.body.append(el);
  widget.initialize({ model: host, signal: model.signal });
  act(() => {
    widget.render({ model: host, el, signal: view.signal });
  });
  return { host, widget, el, model, view, root: el.firstElementChild as HTMLElement };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("a view", () => {
  it("says what it is and how it stands", async () => {
    const { host, root } = shown();
    expect(root.matches(".nw-root[data-nw=token-strip][data-state=connecting]")).toBe(true);
    await settled();
    act(() => host.answer(host.lastAsk()));
    expect(root.dataset.state).toBe("live");
  });

  it("says when a frame is on the screen", async () => {
    const { host, el, root } = shown();
    await settled();
    const painted = new Promise<CustomEvent>((resolve) => {
      el.addEventListener("neuronwidget:painted", (event) => resolve(event as CustomEvent));
    });
    act(() => host.answer(host.lastAsk()));
    const { detail } = await painted;
    expect(detail).toEqual({ seq: host.lastAsk().seq, text: "abc", ms: { model: 1, total: 2 } });
    expect(root.dataset.seq).toBe(String(host.lastAsk().seq));
  });

  it("goes with its signal and leaves the host's element empty", async () => {
    const { host, el, view, model } = shown();
    await settled();
    view.abort();
    expect(el.childElementCount).toBe(0);
    expect(host.kinds().at(-1)).toBe("hidden");
    model.abort();
    expect(host.listening()).toBe(0);
  });

  it("goes with what render returned, where the host knows no signal", () => {
    const host = new Host({ input: "abc" });
    const widget = define();
    const el = document.createElement("div");
    const closeModel = widget.initialize({ model: host });
    const closeView = widget.render({ model: host, el });
    expect(el.childElementCount).toBe(1);
    closeView();
    closeModel();
    expect(el.childElementCount).toBe(0);
    expect(host.listening()).toBe(0);
  });

  it("and a second one of the same widget share a session", async () => {
    const { host, widget, root } = shown();
    await settled();
    const second = document.createElement("div");
    act(() => {
      widget.render({ model: host, el: second, signal: lifetime().signal });
    });
    act(() => host.answer(host.lastAsk()));
    const area = root.querySelector<HTMLTextAreaElement>("[data-nw=editor]")!;
    act(() => {
      area.value = "abcd";
      area.dispatchEvent(new Event("input"));
    });
    expect(second.querySelector<HTMLTextAreaElement>("[data-nw=editor]")!.value).toBe("abcd");
    expect(host.kinds().filter((kind) => kind === "hello")).toHaveLength(1);
  });

  it("keeps its keys from the host, but for saving", () => {
    const { root, el } = shown();
    const heard: string[] = [];
    el.addEventListener("keydown", (event) => heard.push((event as KeyboardEvent).key));
    const marked: boolean[] = [];
    document.addEventListener("keydown", () => marked.push("lmSuppressShortcuts" in root.dataset), {
      capture: true,
      signal: lifetime().signal,
    });
    const area = root.querySelector("[data-nw=editor]")!;
    for (const init of [{ key: "d" }, { key: "s", ctrlKey: true }, { key: "s" }]) {
      area.dispatchEvent(new KeyboardEvent("keydown", { ...init, bubbles: true }));
    }
    expect(heard).toEqual(["s"]);
    expect(marked).toEqual([true, false, true]);
  });
});

describe("the ground", () => {
  const observed = () => act(async () => void (await settled()));

  it.each([
    ["JupyterLab", () => (document.body.dataset.jpThemeLight = "false"), true],
    ["JupyterLab", () => (document.body.dataset.jpThemeLight = "true"), false],
    ["VS Code", () => document.body.classList.add("vscode-dark"), true],
    ["VS Code", () => document.body.classList.add("vscode-high-contrast"), true],
    ["VS Code", () => document.body.classList.add("vscode-high-contrast-light"), false],
    ["marimo", () => document.body.classList.add("dark"), true],
    ["marimo", () => document.body.classList.add("light"), false],
  ])("follows %s when it changes", async (_, change, isDark) => {
    const { root } = shown();
    change();
    await observed();
    expect(dark.value).toBe(isDark);
    expect(root.classList.contains("nw-dark")).toBe(isDark);
  });
});

describe("the picture that a notebook keeps", () => {
  const NAME = "neuronwidget-saved-1f";

  /** An output of JupyterLab's with the picture, and whether a person sees it. */
  function output() {
    const row = document.createElement("div");
    row.className = "jp-OutputArea-child";
    row.innerHTML = `<div class="${NAME}">the picture</div>`;
    document.body.append(row);
    return () => getComputedStyle(row.firstElementChild!).display !== "none";
  }

  afterEach(() => vi.useRealTimers());

  it("waits out of sight for a moment, in which the view may come", () => {
    output();
    define().initialize({ model: new Host({ input: "abc", saved_as: NAME }), signal: lifetime().signal });
    expect(getComputedStyle(document.querySelector(`.${NAME}`)!).animation).toContain(" 3s");
    const sheets = document.head.childElementCount;
    define().initialize({ model: new Host({ input: "abc", saved_as: "other" }), signal: lifetime().signal });
    expect(document.head.childElementCount).toBe(sheets);
  });

  it("is hidden while the view is there, and comes back when it goes", () => {
    const seen = output();
    expect(seen()).toBe(true);
    const { view } = shown(new Host({ input: "abc", saved_as: NAME }));
    expect(seen()).toBe(false);
    view.abort();
    expect(seen()).toBe(true);
  });

  it("stays hidden until the last view is gone", () => {
    const seen = output();
    const { host, widget, view } = shown(new Host({ input: "abc", saved_as: NAME }));
    const second = lifetime();
    act(() => {
      widget.render({
        model: host,
        el: document.body.appendChild(document.createElement("div")),
        signal: second.signal,
      });
    });
    view.abort();
    expect(seen()).toBe(false);
    second.abort();
    expect(seen()).toBe(true);
  });

  it("is seen while nobody answers a view that has nothing to show", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const seen = output();
    const { host } = shown(new Host({ input: "abc", saved_as: NAME }));
    act(() => void vi.runAllTimers());
    expect(seen()).toBe(true);
    act(() => host.answer(host.lastAsk()));
    expect(seen()).toBe(false);
  });

  it("has a name that is no sheet", () => {
    shown(new Host({ input: "abc", saved_as: "a{}body{display:none}" }));
    expect(document.head.innerHTML).not.toContain("body");
  });
});
