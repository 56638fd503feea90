/** One connection a widget: every message is checked once, and every listener hears it. */
import { expect, test } from "vitest";
import { Host } from "../../fakes/host.ts";
import { connect, type Listener } from "../../src/wire/kernel/connection.ts";
import { Refusal } from "../../src/wire/refusal.ts";

function connected() {
  const host = new Host();
  const life = new AbortController();
  const connection = connect(host, life.signal);
  const heard: string[] = [];
  const listener = (name: string, more: Partial<Listener> = {}): Listener => ({
    hear: (message) => void heard.push(`${name} ${message.kind}`),
    refuse: (error) => void heard.push(`${name} refused ${error.seq}: ${error.message}`),
    ...more,
  });
  return { host, life, connection, heard, listener };
}

test("a message of another version or of an unknown kind is refused in words", () => {
  const { host, life, connection, heard, listener } = connected();
  connection.listen(listener("a"), life.signal);
  connection.listen(listener("b"), life.signal);
  host.emit("msg:custom", { v: 1, kind: "atlas", seq: 7 }, []);
  host.kernel({ kind: "toString", seq: 8 });
  expect(heard).toHaveLength(4);
  expect(heard[0]).toContain("a refused 7: The kernel speaks version 1");
  expect(heard[3]).toContain('b refused 8: The kernel sent a message of kind "toString"');
});

test("what a listener refuses is an error, and what is no message is ignored", () => {
  const { host, life, connection, heard, listener } = connected();
  const hear = () => {
    throw new Refusal("too short");
  };
  connection.listen(listener("a", { hear }), life.signal);
  for (const message of [null, "ready", 3, {}]) host.emit("msg:custom", message, []);
  expect(connection.presence.heard.value).toBe(false);
  host.kernel({ kind: "frame", seq: 3 });
  expect(heard).toEqual(["a refused 3: too short"]);
});

test("a listener hears until its life ends, and the connection until its own", () => {
  const { host, life, connection, heard, listener } = connected();
  const view = new AbortController();
  connection.listen(listener("widget"), life.signal);
  connection.listen(listener("view"), view.signal);
  host.kernel({ kind: "ready" });
  view.abort();
  host.kernel({ kind: "ready" });
  life.abort();
  host.kernel({ kind: "ready" });
  expect(heard).toEqual(["widget ready", "view ready", "widget ready"]);
  expect(host.listening()).toBe(0);
});

test("numbers rise, and nothing is sent to a widget that was closed", () => {
  const { host, connection } = connected();
  const first = connection.nextSeq();
  expect(connection.nextSeq()).toBeGreaterThan(first);
  expect(connection.send({ v: 1, kind: "nudge" })).toBe(true);
  host.kernel({ kind: "closed" });
  expect(connection.send({ v: 1, kind: "nudge" })).toBe(false);
  expect(host.kinds()).toEqual(["nudge"]);
});
