import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { choose, Link, PAD_BYTES, type Remedy } from "../../src/wire/kernel/link.ts";

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
    measured: () => {},
  });
  return {
    made,
    nudges: () => nudges,
    setIdle: (value: boolean) => {
      idle = value;
    },
  };
}

/** Asks as often as wanted; each answer takes what its remedy takes, on top of the kernel's own 10 ms. */
async function ask(made: Link, times: Record<Remedy, number>, often: number, bytes = 100): Promise<Remedy[]> {
  const used: Remedy[] = [];
  for (let seq = 1; seq <= often; seq++) {
    const remedy = made.remedyFor(seq);
    used.push(remedy);
    await vi.advanceTimersByTimeAsync(times[remedy] + 10);
    made.answeredAsk(seq, [new ArrayBuffer(remedy === "pad" ? Math.max(bytes, PAD_BYTES) : bytes)], 10);
  }
  return used;
}

const QUICK = { plain: 8, nudge: 9, pad: 8 };
const HELD = { plain: 46, nudge: 11, pad: 14 };

async function measured(times: Record<Remedy, number>) {
  const page = link(times);
  page.made.consider();
  await vi.runAllTimersAsync();
  return page;
}

it("is left alone where small answers come quickly", async () => {
  const { made } = await measured(QUICK);
  expect(made.medians()).toEqual(QUICK);
  expect(made.remedy).toBe("plain");
});

it("is nudged where that saves the delayed acknowledgement", async () => {
  expect((await measured(HELD)).made.remedy).toBe("nudge");
});

it("is padded where that is the better one", async () => {
  expect((await measured({ plain: 46, nudge: 40, pad: 12 })).made.remedy).toBe("pad");
});

it("is plain before it was measured", async () => {
  const { made } = link(HELD);
  expect(await ask(made, HELD, 3)).toEqual(["plain", "plain", "plain"]);
});

it("believes the questions more than the echoes", async () => {
  const { made } = await measured(HELD);
  const real = { plain: 46, nudge: 44, pad: 15 };
  const used = await ask(made, real, 20);
  expect(used.slice(0, 9)).toEqual([
    "plain",
    "nudge",
    "pad",
    "plain",
    "nudge",
    "pad",
    "plain",
    "nudge",
    "pad",
  ]);
  expect(new Set(used.slice(12))).toEqual(new Set(["pad"]));
});

it("notices later that a remedy has become the better one", async () => {
  const { made } = await measured(QUICK);
  await ask(made, QUICK, 20);
  expect(made.remedy).toBe("plain");
  const used = await ask(made, HELD, 300);
  expect(used.at(-1)).not.toBe("plain");
});

it("needs no remedy while answers are large by themselves", async () => {
  const { made } = await measured(HELD);
  const used = await ask(made, HELD, 5, PAD_BYTES);
  expect(new Set(used)).toEqual(new Set(["plain"]));
  expect(await ask(made, HELD, 12)).toContain("nudge");
});

it("is not measured while somebody types, but at the next chance", async () => {
  const { made, setIdle } = link(HELD);
  setIdle(false);
  made.consider();
  await vi.runAllTimersAsync();
  expect(made.remedy).toBe("plain");
  setIdle(true);
  made.consider();
  await vi.runAllTimersAsync();
  expect(made.remedy).toBe("nudge");
});

it("is measured with echoes once, not at every frame", async () => {
  const { made, nudges } = await measured(HELD);
  const before = nudges();
  made.consider();
  await vi.runAllTimersAsync();
  expect(nudges()).toBe(before);
});

it("gains that are small in milliseconds or in share are not worth it", () => {
  expect(choose({ plain: 10, nudge: 6, pad: 7 })).toBe("plain");
  expect(choose({ plain: 100, nudge: 85, pad: 90 })).toBe("plain");
  expect(choose({ plain: 46, nudge: 12, pad: 13 })).toBe("nudge");
  expect(choose({ plain: 46, nudge: Number.NaN, pad: Number.NaN })).toBe("plain");
});
