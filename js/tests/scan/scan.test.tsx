/** The view of a running scan, with the kernel played by the test. */
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { Host } from "../../fakes/host.ts";
import widget from "../../src/entries/scan.tsx";
import { duration } from "../../src/paint/words.ts";

const open: (() => void)[] = [];
afterEach(() => {
  act(() => {
    for (const close of open.splice(0)) close();
  });
  document.body.replaceChildren();
});

function show(traits: Record<string, unknown>) {
  const host = new Host();
  const done = { documents: 30, tokens: 9000, rate: 1234.5, seconds: 12, left: 75, total: 120 };
  Object.assign(host.traits, { phase: "running", done, shown: [], words: "", heard: true, ...traits });
  const el = document.createElement("div");
  document.body.append(el);
  act(() => {
    open.push(widget.render({ model: host, el }));
  });
  const say = (name: string, value: unknown) =>
    act(() => {
      host.traits[name] = value;
      host.emit(`change:${name}`);
    });
  const find = (name: string) => el.querySelector<HTMLElement>(`[data-nw="${name}"]`);
  const press = (name: string) => act(() => find(name)!.click());
  return { host, el, find, press, say };
}

describe("a running scan", () => {
  it("says how far it is and how long it takes", () => {
    const { el, find, host } = show({ heard: false });
    expect(find("numbers")!.textContent).toBe(
      "30 of 120 documents · 9,000 tokens · 1,235 tokens/s · 1 min 15 s left",
    );
    expect(el.querySelector("progress")!.value).toBeCloseTo(0.25);
    expect(host.sent).toEqual([{ kind: "hello" }]);
    expect([3, 3661, 86400].map(duration)).toEqual(["3 s", "1 h 1 min", "24 h 0 min"]);
  });

  it("is calm before there are numbers, and says at the end that it was all", () => {
    const { el, find, say } = show({ phase: "waiting", done: {} });
    expect(el.textContent).not.toContain("NaN");
    expect(find("numbers")!.textContent).toBe("Reading the first documents…");
    say("done", { documents: 120, tokens: 9000, rate: 10, seconds: 12, left: 0, total: 120 });
    say("phase", "done");
    expect(find("numbers")!.textContent).toBe("all 120 documents · 9,000 tokens · 10 tokens/s · in 12 s");
  });

  it("pauses, goes on and stops", () => {
    const { host, find, press, say } = show({});
    press("pause");
    expect(find("phase")!.textContent).toContain("Pausing");
    say("phase", "held");
    expect(find("pause")!.textContent).toBe("Go on");
    press("pause");
    say("phase", "running");
    expect(find("pause")!.textContent).toBe("Pause");
    press("stop");
    expect(find("stop")!.hasAttribute("disabled")).toBe(true);
    expect(host.sent).toEqual([{ kind: "hold" }, { kind: "go" }, { kind: "stop" }]);
    say("phase", "stopped");
    expect(find("stop")).toBeNull();
  });

  it("says what to do where the kernel does not hear the buttons", () => {
    const { find } = show({ heard: false });
    expect(find("hint")!.textContent).toContain("Interrupt the kernel");
    expect(find("pause")!.hasAttribute("disabled")).toBe(true);
  });

  it("says that the kernel is gone, as in a notebook that was saved meanwhile, and of nothing that is left", () => {
    const host = new Host();
    const done = { documents: 30, tokens: 9000, rate: 1234.5, seconds: 12, left: 75, total: 120 };
    Object.assign(host.traits, { phase: "running", done, shown: [], words: "", heard: false });
    const el = document.createElement("div");
    el.className = "jupyter-widgets-disconnected";
    act(() => {
      open.push(widget.render({ model: host, el }));
    });
    const find = (name: string) => el.querySelector<HTMLElement>(`[data-nw="${name}"]`);
    expect(find("phase")!.textContent).toContain("The kernel is gone");
    expect(find("numbers")!.textContent).toBe(
      "30 of 120 documents · 9,000 tokens · 1,235 tokens/s · in 12 s",
    );
    expect([find("pause"), find("hint"), find("scan-units")]).toEqual([null, null, null]);
  });

  it("shows exemplars as text, whatever is in them", () => {
    const found = [{ value: 2, pieces: ["<b>", "x"], values: [0.5, 2], id: "a.py" }];
    const { el, host, find } = show({ shown: [{ unit: "mlp.0:3", found }] });
    const section = el.querySelector('[data-unit="mlp.0:3"]')!;
    expect(section.textContent).toContain("<b>x");
    expect(section.querySelector("b")).toBeNull();
    const input = find("scan-units") as HTMLInputElement;
    expect(input.value).toBe("mlp.0:3");
    input.value = "mlp.1:2";
    act(() => void input.dispatchEvent(new Event("change", { bubbles: true })));
    expect(host.sent.at(-1)).toEqual({ kind: "units", units: "mlp.1:2" });
  });
});
