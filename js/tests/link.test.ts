import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { choose, Link, PAD_BYTES, type Remedy } from "../src/link.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A link whose round trips take what the test says, for small and padded echoes and for nudged ones. */
function link(times: Record<Remedy, number>) {
  let id = 0;
  let idle = true;
  let nudges = 0;
  let answer: (() => void) | null = null;
  const made: Link = new Link({
    echo(number, size) {
      const timer = setTimeout(() => made.answered(number), size >= PAD_BYTES ? times.pad : times.plain);
      answer = () => {
        clearTimeout(timer);
        setTimeout(() => made.answered(number), times.nudge - 4);
      };
    },
    nudge() {
      nudges++;
      answer?.();
    },
    nextId: () => ++id,
    idle: () => idle,
  });
  return {
    made,
    nudges: () => nudges,
    setIdle: (value: boolean) => {
      idle = value;
    },
  };
}

it("is left alone where small answers come quickly", async () => {
  const { made } = link({ plain: 8, nudge: 9, pad: 8 });
  made.consider();
  await vi.runAllTimersAsync();
  expect(made.medians).toEqual({ plain: 8, nudge: 9, pad: 8 });
  expect(made.remedyForAsk()).toBe("plain");
});

it("is nudged where that saves the delayed acknowledgement", async () => {
  const { made } = link({ plain: 46, nudge: 11, pad: 12 });
  made.consider();
  await vi.runAllTimersAsync();
  expect(made.remedyForAsk()).toBe("nudge");
});

it("is padded where that is the better one", async () => {
  const { made } = link({ plain: 46, nudge: 40, pad: 12 });
  made.consider();
  await vi.runAllTimersAsync();
  expect(made.remedyForAsk()).toBe("pad");
});

it("needs no remedy while frames are large by themselves", async () => {
  const { made } = link({ plain: 46, nudge: 11, pad: 12 });
  made.consider();
  await vi.runAllTimersAsync();
  made.saw([new ArrayBuffer(PAD_BYTES)]);
  expect(made.remedyForAsk()).toBe("plain");
  made.saw([new ArrayBuffer(100)]);
  expect(made.remedyForAsk()).toBe("nudge");
});

it("is not measured while somebody types, but at the next chance", async () => {
  const { made, setIdle } = link({ plain: 46, nudge: 11, pad: 12 });
  setIdle(false);
  made.consider();
  await vi.runAllTimersAsync();
  expect(made.remedyForAsk()).toBe("plain");
  setIdle(true);
  made.consider();
  await vi.runAllTimersAsync();
  expect(made.remedyForAsk()).toBe("nudge");
});

it("is measured once, not at every frame", async () => {
  const { made, nudges } = link({ plain: 46, nudge: 11, pad: 12 });
  made.consider();
  await vi.runAllTimersAsync();
  const before = nudges();
  made.consider();
  await vi.runAllTimersAsync();
  expect(nudges()).toBe(before);
});

it("gains that are small in milliseconds or in share are not worth it", () => {
  expect(choose({ plain: 10, nudge: 5, pad: 6 })).toBe("plain");
  expect(choose({ plain: 100, nudge: 85, pad: 90 })).toBe("plain");
  expect(choose({ plain: 46, nudge: 12, pad: 12 })).toBe("nudge");
});
