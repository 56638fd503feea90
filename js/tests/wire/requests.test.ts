/** When to ask: slow answers are not asked for as fast as keys come. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CALM_MS, createLoop } from "../../src/wire/requests.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function asked() {
  const seqs: number[] = [];
  const loop = createLoop(
    (seq) => seqs.push(seq),
    () => {},
  );
  loop.setOpen(true);
  loop.want();
  return { loop, seqs };
}

test("a quick answer is followed at once by what waits", () => {
  const { loop, seqs } = asked();
  vi.advanceTimersByTime(CALM_MS - 10);
  loop.want();
  loop.answered(seqs[0]!, true);
  expect(seqs).toHaveLength(2);
});

test("after a slow answer, what waits may become newer for half the time", () => {
  const { loop, seqs } = asked();
  vi.advanceTimersByTime(2 * CALM_MS);
  loop.want();
  loop.answered(seqs[0]!, true);
  expect(seqs).toHaveLength(1);
  loop.want();
  vi.advanceTimersByTime(CALM_MS - 1);
  expect(seqs).toHaveLength(1);
  vi.advanceTimersByTime(2);
  expect(seqs).toHaveLength(2);
});

test("after a slow answer with nothing waiting, the next key is asked for at once", () => {
  const { loop, seqs } = asked();
  vi.advanceTimersByTime(4 * CALM_MS);
  loop.answered(seqs[0]!, true);
  loop.want();
  expect(seqs).toHaveLength(2);
});
