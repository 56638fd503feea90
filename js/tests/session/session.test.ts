import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { asking, frameOf, Host, opened, textIn } from "../../fakes/host.ts";
import { LATE_MS, OVERTAKE_MS } from "../../src/wire/kernel/requests.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A strip with its first question on the way. */
function strip(input = "abc") {
  const host = new Host({ input, unit: "mlp.0:3" });
  const page = opened(host);
  vi.advanceTimersByTime(0);
  return { host, ...page };
}

/** A strip with its first answer on the screen. */
function live(input = "abc") {
  const page = strip(input);
  page.host.answer(page.host.lastAsk());
  return page;
}

describe("the first view", () => {
  it("says hello, then asks for what is visible", () => {
    const { host } = strip();
    expect(host.kinds()).toEqual(["hello", "ask"]);
    expect(Object.keys(host.lastAsk().parts)).toEqual(["trace"]);
    expect(host.lastAsk()).toMatchObject({
      v: 2,
      input: { kind: "text", text: "abc", focus: 3 },
      site: "mlp.0",
      unit: "mlp.0:3",
      token: null,
      parts: { trace: {} },
      pad: 0,
      changes: {},
    });
  });

  it("of an explorer waits for the map's size, so that one pass is enough", () => {
    const host = new Host({ layout_kind: "explorer", input: "abc" });
    const { session } = opened(host);
    session.need("guesses", { most: 10 });
    session.need("overview", { width: 500 });
    vi.advanceTimersByTime(20);
    expect(host.asks()).toHaveLength(0);
    session.need("map", { rows: null, cols: null, height: 300, width: 500 });
    expect(host.asks()).toHaveLength(1);
    expect(host.lastAsk()).toMatchObject({
      parts: { guesses: { most: 10 }, map: { height: 300, order: "index", units: null } },
    });
  });

  it("asks without a map when none is wanted", () => {
    const host = new Host({ layout_kind: "explorer", input: "abc" });
    opened(host);
    vi.advanceTimersByTime(1000);
    expect(host.asks()).toHaveLength(1);
  });

  it("keeps a picture when frames rest, and now and then while they do not", () => {
    const { host, session } = live();
    const kept = () => String(host.traits.snapshot ?? "");
    for (let number = 1; number <= 8; number++) {
      vi.advanceTimersByTime(500);
      session.setText("abc".repeat(number + 1), 3);
      host.answer(host.lastAsk());
      expect(kept() !== "", `after ${number / 2} seconds`).toBe(number >= 6);
    }
    vi.advanceTimersByTime(1500);
    expect(kept()).toContain("abc".repeat(9));
  });

  it("shows the frame, and keeps it for saved notebooks without sending it", () => {
    const { host, session } = live();
    expect(session.state.value).toBe("live");
    expect(session.frame.value?.text).toBe("abc");
    const sent = host.sent.length;
    vi.advanceTimersByTime(1500);
    expect(host.traits.snapshot).toContain("abc");
    // What is sent besides says how things stand, and measures the link.
    const later = host.sent.slice(sent).filter((message) => message.kind !== "echo");
    expect(later).toEqual([{ v: 2, kind: "set", changes: { status: "live" } }]);
  });
});

describe("typing", () => {
  it("has one question in flight and the newest waiting", () => {
    const { host, session } = live("");
    for (const text of ["a", "ab", "abc", "abcd"]) session.setText(text, text.length);
    expect(host.asks().map(textIn)).toEqual(["", "a"]);
    host.answer(host.lastAsk());
    expect(host.asks().map(textIn)).toEqual(["", "a", "abcd"]);
    host.answer(host.lastAsk());
    expect(host.asks()).toHaveLength(3);
    expect(session.frame.value?.text).toBe("abcd");
  });

  it("leaves the map's rows where they are until keys rest", () => {
    const host = new Host({ layout_kind: "explorer", input: "a" });
    host.traits.view = { ...(host.traits.view as object), order: "strength" };
    const { session } = opened(host);
    session.need("map", { rows: null, cols: null, height: 300, width: 500 });
    const held = () => host.lastAsk().parts.map!.hold;
    const answered = () => host.answer(host.lastAsk());
    expect(held()).toBe(false);
    answered();
    for (const text of ["ab", "abc"]) {
      session.setText(text, text.length);
      expect([textIn(host.lastAsk()), held()]).toEqual([text, true]);
      answered();
      vi.advanceTimersByTime(300);
    }
    vi.advanceTimersByTime(200);
    expect([textIn(host.lastAsk()), held()]).toEqual(["abc", false]);
    answered();
    const asked = host.asks().length;
    session.setView({ order: "index" });
    answered();
    session.setText("abcd", 4);
    expect(held()).toBe(false);
    answered();
    vi.advanceTimersByTime(1000);
    expect(host.asks()).toHaveLength(asked + 2);
  });

  it("carries the person's changes in the question, each once", () => {
    const { host, session } = live("");
    session.setText("a", 1);
    session.setText("ab", 2);
    session.togglePin("mlp.0:9");
    expect(host.asks()[1]!.changes).toEqual({ input: "a" });
    host.answer(host.lastAsk());
    expect(host.lastAsk().changes).toEqual({ input: "ab", pins: ["mlp.0:9"] });
    host.answer(host.lastAsk());
    session.refresh();
    expect(host.lastAsk().changes).toEqual({});
  });

  it("overtakes a slow pass after a while, not before", () => {
    const { host, session } = live("");
    session.setText("a", 1);
    session.setText("ab", 2);
    vi.advanceTimersByTime(OVERTAKE_MS - 1);
    expect(host.asks()).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(host.asks().map(textIn)).toEqual(["", "a", "ab"]);
    const [, slow, newest] = host.asks();
    host.kernel({ kind: "overtaken", seq: slow!.seq });
    host.answer(newest!);
    expect(session.frame.value?.text).toBe("ab");
    expect(session.state.value).toBe("live");
  });

  it("never shows an older frame after a newer one", () => {
    const { host, session } = live("");
    session.setText("a", 1);
    session.setText("ab", 2);
    vi.advanceTimersByTime(OVERTAKE_MS);
    const [, slow, newest] = host.asks();
    host.answer(newest!);
    host.answer(slow!);
    expect(session.frame.value?.text).toBe("ab");
  });

  it("ignores frames that another page asked for", () => {
    const { host, session } = live("abc");
    const before = session.frame.value;
    host.answer({ ...host.lastAsk(), ...asking("zzz", host.lastAsk().seq + 1000) });
    expect(session.frame.value).toBe(before);
    expect(session.error.value).toBeNull();
  });

  it("is not undone by an answer", () => {
    const { host, session } = live("");
    session.setText("a", 1);
    session.setText("ab", 2);
    host.answer(host.asks()[1]!);
    expect(session.text.value).toBe("ab");
  });

  it("forgets the selected token, whose number may now be another's", () => {
    const { host, session } = live("abc");
    session.setToken(1);
    expect(host.lastAsk().changes.selection).toEqual({ token: 1, span: [1, 2] });
    host.answer(host.lastAsk());
    session.setText("xabc", 1);
    expect(host.lastAsk()).toMatchObject({ token: null, input: { focus: 1 } });
    expect(host.lastAsk().changes.selection).toEqual({ token: null, span: null });
  });

  it("tells Python what is marked, as Python counts", () => {
    const { host, session } = live("🎉bc");
    session.mark(2, 4);
    expect(host.lastAsk().changes.selection).toEqual({ token: null, span: [1, 3] });
  });

  it("numbers its questions upwards, over reloads of the page too", () => {
    const first = live("abc").host.lastAsk().seq;
    vi.advanceTimersByTime(1000);
    expect(live("abc").host.lastAsk().seq).toBeGreaterThan(first);
  });
});

describe("errors", () => {
  it("keep the last good frame and say that it is stale", () => {
    const { host, session } = live("abc");
    const good = session.frame.value;
    session.setText("abcz", 4);
    host.kernel({
      kind: "error",
      seq: host.lastAsk().seq,
      message: "RuntimeError: no z",
      hint: "Remove the z.",
    });
    expect(session.state.value).toBe("stale");
    expect(session.error.value?.message).toBe("RuntimeError: no z");
    expect(session.frame.value).toBe(good);
    expect(session.text.value).toBe("abcz");
    session.setText("abc", 3);
    host.answer(host.lastAsk());
    expect(session.error.value).toBeNull();
    expect(session.state.value).toBe("live");
  });

  it("in a frame's bytes are shown like the model's own, and the loop goes on", () => {
    const { host, session } = live("abc");
    session.setText("abcd", 4);
    session.setText("abcde", 5);
    const { message, buffers } = frameOf(host.lastAsk());
    host.kernel(message, buffers.slice(1));
    expect(session.error.value?.message).toContain("describes 2 arrays");
    expect(session.state.value).toBe("stale");
    expect(textIn(host.lastAsk())).toBe("abcde");
    host.answer(host.lastAsk());
    expect(session.state.value).toBe("live");
  });

  it("of another version say what to update", () => {
    const { host, session } = live("abc");
    host.emit("msg:custom", { v: 99, kind: "frame", seq: host.lastAsk().seq }, []);
    expect(session.error.value?.message).toContain("version 99");
    expect(session.error.value?.hint).toContain("Update neuronwidget");
  });

  it("unknown kinds are refused in words, foreign messages ignored", () => {
    const { host, session } = live("abc");
    host.emit("msg:custom", "hello?", []);
    host.emit("msg:custom", null, []);
    expect(session.error.value).toBeNull();
    host.kernel({ kind: "sing", seq: 1 });
    expect(session.error.value?.message).toContain("sing");
  });
});

describe("Python's status", () => {
  const statuses = (host: Host) =>
    host.sent.flatMap((message) => (message.kind === "set" ? [message.changes.status] : []));

  it("follows, but not every flicker", () => {
    const { host, session } = live("");
    vi.advanceTimersByTime(400);
    session.setText("a", 1);
    host.kernel({ kind: "error", seq: host.lastAsk().seq, message: "no a", hint: "" });
    session.setText("ab", 2);
    host.answer(host.lastAsk());
    vi.advanceTimersByTime(400);
    expect(statuses(host)).toEqual(["live"]);
    session.setText("a", 1);
    host.kernel({ kind: "error", seq: host.lastAsk().seq, message: "no a", hint: "" });
    vi.advanceTimersByTime(400);
    expect(statuses(host)).toEqual(["live", "error: no a"]);
  });
});

describe("slowness", () => {
  it("is said after half a second, and taken back with the answer", () => {
    const { host, session } = live("");
    session.setText("a", 1);
    vi.advanceTimersByTime(LATE_MS - 1);
    expect(session.state.value).toBe("live");
    vi.advanceTimersByTime(1);
    expect(session.state.value).toBe("busy");
    host.answer(host.lastAsk());
    expect(session.state.value).toBe("live");
  });

  it("is said although newer questions overtake", () => {
    const { host, session } = live("");
    session.setText("a", 1);
    vi.advanceTimersByTime(300);
    session.setText("ab", 2);
    vi.advanceTimersByTime(200);
    expect(session.state.value).toBe("busy");
    host.kernel({ kind: "overtaken", seq: host.asks()[1]!.seq });
    expect(session.state.value).toBe("busy");
    host.answer(host.lastAsk());
    expect(session.state.value).toBe("live");
  });
});

it("a text too long for the connection is not sent, and said to be so", () => {
  const { host, session } = live("abc");
  session.setText("x".repeat(1_000_001), 1_000_001);
  expect(host.asks()).toHaveLength(1);
  expect(session.error.value?.message).toContain("1,000,001 characters");
  session.setText("short", 5);
  expect(host.lastAsk()).toMatchObject({ input: { text: "short" }, changes: { input: "short" } });
});

describe("without a kernel", () => {
  it("a saved picture is shown and called not live after three seconds", () => {
    const first = live("abc");
    vi.advanceTimersByTime(1500);
    const host = new Host({ input: "abc", snapshot: first.host.traits.snapshot as string });
    const { session } = opened(host);
    expect(session.frame.value?.text).toBe("abc");
    expect(session.state.value).toBe("connecting");
    vi.advanceTimersByTime(3000);
    expect(session.state.value).toBe("no-kernel");
    expect(session.reason.value).toContain("no kernel");
    host.kernel({ kind: "ready" });
    expect(session.state.value).toBe("busy");
    host.answer(host.lastAsk());
    expect(session.state.value).toBe("live");
  });

  it("and without a picture it says what it waits for", () => {
    const { session } = strip();
    vi.advanceTimersByTime(3000);
    expect(session.state.value).toBe("connecting");
    expect(session.reason.value).toContain("does not answer");
  });

  it("greets again a kernel that did not hear it, and asks again what was lost", () => {
    const { host, session } = strip();
    session.setText("abcd", 4);
    vi.advanceTimersByTime(2999);
    const lost = host.sent.length;
    vi.advanceTimersByTime(1);
    expect(host.kinds().slice(lost)).toEqual(["hello"]);
    host.kernel({ kind: "ready" });
    expect(host.lastAsk()).toMatchObject({ input: { text: "abcd" }, changes: { input: "abcd" } });
    expect(host.sent.indexOf(host.lastAsk())).toBeGreaterThan(lost);
    host.answer(host.lastAsk());
    host.kernel({ kind: "ready" });
    expect(session.state.value).toBe("live");
    const asked = host.asks().length;
    const greeted = host.kinds().filter((kind) => kind === "hello").length;
    vi.advanceTimersByTime(1_000_000);
    expect(host.asks()).toHaveLength(asked);
    expect(host.kinds().filter((kind) => kind === "hello")).toHaveLength(greeted);
  });

  it("greets a busy kernel ever more rarely, and not at all once nobody looks", () => {
    const { host, view } = strip();
    vi.advanceTimersByTime(3_600_000);
    const greeted = () => host.kinds().filter((kind) => kind === "hello").length;
    expect(greeted()).toBeLessThan(11);
    view.abort();
    const before = greeted();
    vi.advanceTimersByTime(3_600_000);
    expect(greeted()).toBe(before);
  });

  it("a hostile snapshot is left alone", () => {
    for (const snapshot of [
      "{",
      "[]",
      "null",
      '{"version":2,"text":"a","message":{},"buffers":[]}',
      "x".repeat(1e6),
    ]) {
      const { session } = opened(new Host({ snapshot }));
      expect(session.frame.value).toBeNull();
    }
  });

  it("a restart is seen at once, and typing goes on", () => {
    const slots: ((sender: unknown, status: unknown) => void)[] = [];
    const emitter = { connect: (slot: (typeof slots)[0]) => slots.push(slot), disconnect: () => {} };
    const host = new Host({ input: "abc" });
    host.widget_manager = { kernel: { status: "idle", statusChanged: emitter } };
    const { session } = opened(host);
    vi.advanceTimersByTime(0);
    host.answer(host.lastAsk());
    for (const slot of slots) slot(null, "restarting");
    expect(session.state.value).toBe("no-kernel");
    expect(session.reason.value).toContain("restarted");
    const sent = host.sent.length;
    session.setText("abcd", 4);
    expect(session.text.value).toBe("abcd");
    expect(host.sent).toHaveLength(sent);
  });

  it("a lost connection that comes back sends again what may be lost", () => {
    const slots: ((sender: unknown, status: unknown) => void)[] = [];
    const emitter = { connect: (slot: (typeof slots)[0]) => slots.push(slot), disconnect: () => {} };
    const host = new Host({ input: "" });
    host.widget_manager = { kernel: { connectionStatus: "connected", connectionStatusChanged: emitter } };
    const { session } = opened(host);
    vi.advanceTimersByTime(0);
    host.answer(host.lastAsk());
    session.setText("a", 1);
    for (const slot of slots) slot(null, "disconnected");
    expect(session.state.value).toBe("no-kernel");
    session.togglePin("mlp.0:1");
    for (const slot of slots) slot(null, "connected");
    expect(host.kinds().slice(-2)).toEqual(["hello", "ask"]);
    expect(host.lastAsk().changes).toMatchObject({ input: "a", pins: ["mlp.0:1"] });
    host.answer(host.lastAsk());
    expect(session.state.value).toBe("live");
  });

  it("a widget whose element the host marks as disconnected is not live", () => {
    const host = new Host({ input: "abc" });
    const el = document.createElement("div");
    el.className = "jupyter-widgets-disconnected";
    const { session } = opened(host, el);
    expect(session.state.value).toBe("no-kernel");
    expect(host.sent).toEqual([]);
  });

  it("a closed widget says so and asks no more", () => {
    const { host, session } = live("abc");
    host.kernel({ kind: "closed" });
    const sent = host.sent.length;
    session.setText("abcd", 4);
    vi.advanceTimersByTime(5000);
    expect(session.state.value).toBe("closed");
    expect(host.sent).toHaveLength(sent);
  });
});

describe("Python", () => {
  it("moves the page, which asks anew without changes", () => {
    const { host, session } = live("abc");
    host.python("input", "from Python");
    expect(session.text.value).toBe("from Python");
    expect(host.lastAsk()).toMatchObject({ input: { text: "from Python" }, changes: {} });
  });

  it("can set the value that it had before a person typed", () => {
    const { host, session } = live("abc");
    session.setText("abcd", 4);
    host.answer(host.lastAsk());
    host.python("input", "abc");
    expect(session.text.value).toBe("abc");
  });

  it("echoing a value of the page does nothing", () => {
    const { host, session } = live("");
    session.setText("a", 1);
    const asks = host.asks().length;
    host.python("input", "a");
    host.emit("change:input");
    expect(host.asks()).toHaveLength(asks);
    expect(session.text.value).toBe("a");
  });

  it("echoing late does not take back what was typed since", () => {
    const { host, session } = live("");
    session.setText("a", 1);
    session.setText("ab", 2);
    host.set("input", "a");
    expect(session.text.value).toBe("ab");
    host.answer(host.asks()[1]!);
    expect(textIn(host.lastAsk())).toBe("ab");
    expect(host.traits.input).toBe("ab");
  });

  it("setting something else while a person types does not stop the typing", () => {
    const { host, session } = live("");
    session.setText("a", 1);
    session.setText("ab", 2);
    host.set("input", "robot");
    expect(session.text.value).toBe("ab");
  });

  it("moves site, unit, pins, selection and view too", () => {
    const { host, session } = live("a🎉c");
    host.python("site", "mlp.1");
    host.python("unit", "mlp.1:7");
    host.python("pins", ["mlp.0:1"]);
    host.python("view", { order: "strength", mode: "log", pinned: { "mlp.1": [0, 2] } });
    host.python("selection", { token: 2, span: [2, 3] });
    host.answer(host.lastAsk());
    expect(host.lastAsk()).toMatchObject({
      site: "mlp.1",
      unit: "mlp.1:7",
      pins: ["mlp.0:1"],
      mode: "log",
      pinned: [0, 2],
      token: 2,
      input: { focus: 3 },
      changes: {},
    });
    expect(session.view.value).toMatchObject({ order: "strength", hold: false, filter: "" });
  });

  it("text with carriage returns is asked for as the editor shows it", () => {
    const { host } = live("abc");
    host.python("input", "a\r\nb");
    expect(textIn(host.lastAsk())).toBe("a\nb");
    host.answer(host.lastAsk());
  });
});

describe("what a person does", () => {
  it("choosing a unit of another site moves the site", () => {
    const { host, session } = live("abc");
    session.setUnit("mlp.1:30");
    expect(host.lastAsk()).toMatchObject({ site: "mlp.1", unit: "mlp.1:30" });
    expect(host.lastAsk().changes).toEqual({ site: "mlp.1", unit: "mlp.1:30" });
  });

  it("the filter becomes unit numbers, and one that cannot be read keeps all", () => {
    const { host, session } = live("abc");
    session.need("map", { rows: null, cols: null, height: 10, width: 10 });
    host.answer(host.lastAsk());
    session.setView({ filter: "3, 17-19" });
    expect(host.lastAsk().parts.map?.units).toEqual([3, 17, 18, 19]);
    host.answer(host.lastAsk());
    session.setView({ filter: "3, x" });
    expect(host.lastAsk().parts.map?.units).toBeNull();
  });

  it("moving the cursor asks only when the answer would be another", () => {
    const { host, session } = live("abc");
    const asks = host.asks().length;
    session.moveCursor(1);
    expect(host.asks()).toHaveLength(asks);
    session.need("guesses", { most: 5 });
    host.answer(host.lastAsk());
    session.moveCursor(2);
    expect((host.lastAsk().input as { focus: number }).focus).toBe(2);
    expect(host.asks()).toHaveLength(asks + 2);
  });

  it("moving the cursor out of the window asks for the window there", () => {
    const { host, session } = strip("abcdef");
    host.answer(host.lastAsk(), { input: { window: { start: 3, end: 6, first: 3, total: 6 } } });
    const asks = host.asks().length;
    session.moveCursor(1);
    expect(host.asks()).toHaveLength(asks + 1);
    expect((host.lastAsk().input as { focus: number }).focus).toBe(1);
  });

  it("pointing asks one reading at a time, the newest last", () => {
    const { host, session } = live("abc");
    for (let x = 0; x < 5; x++) session.probeAt("map", x, 1);
    const probes = () => host.sent.filter((message) => message.kind === "probe");
    expect(probes().map((probe) => probe.x)).toEqual([0]);
    const reading = { where: "map", x: 0, y: 1, unit: "mlp.0:3", token: 0, value: 1.5, units: 1, tokens: 1 };
    host.kernel({ kind: "probe", seq: probes()[0]!.seq, ...reading });
    expect(session.probe.value?.value).toBe(1.5);
    expect(probes().map((probe) => probe.x)).toEqual([0, 4]);
    session.endProbe();
    host.kernel({ kind: "probe", seq: probes()[1]!.seq, ...reading });
    expect(session.probe.value).toBeNull();
  });
});

describe("the end", () => {
  it("of the last view flushes what was typed and says that nobody looks", () => {
    const { host, session, view } = live("");
    session.setText("a", 1);
    session.setText("ab", 2);
    view.abort();
    expect(host.sent.slice(-2)).toEqual([
      { v: 2, kind: "set", changes: { input: "ab", status: "not shown" } },
      { v: 2, kind: "hidden" },
    ]);
    vi.advanceTimersByTime(5000);
    expect(host.kinds().at(-1)).toBe("hidden");
  });

  it("of the widget leaves nothing behind", async () => {
    const { host, life, view } = live("abc");
    view.abort();
    life.abort();
    const sent = host.sent.length;
    expect(host.listening()).toBe(0);
    await vi.runAllTimersAsync();
    expect(host.sent).toHaveLength(sent);
    expect(vi.getTimerCount()).toBe(0);
  });
});
