/** When to ask: one question in flight, the newest waiting, and slow answers not asked for as fast as keys come. */
import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CALM_MS, createRequests, LATE_MS, OVERTAKE_MS } from "../../src/wire/kernel/requests.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function asked() {
  const seqs: number[] = [];
  const requests = createRequests<void>({
    nextSeq: () => seqs.length + 1,
    send: (_, seq) => seqs.push(seq) > 0,
    calm: true,
  });
  requests.ask();
  return { requests, seqs };
}

test("a quick answer is followed at once by what waits", () => {
  const { requests, seqs } = asked();
  vi.advanceTimersByTime(CALM_MS - 10);
  requests.ask();
  requests.answered(seqs[0]!, true);
  expect(seqs).toHaveLength(2);
});

test("after a slow answer, what waits may become newer for half the time", () => {
  const { requests, seqs } = asked();
  vi.advanceTimersByTime(2 * CALM_MS);
  requests.ask();
  requests.answered(seqs[0]!, true);
  expect(seqs).toHaveLength(1);
  requests.ask();
  vi.advanceTimersByTime(CALM_MS - 1);
  expect(seqs).toHaveLength(1);
  vi.advanceTimersByTime(2);
  expect(seqs).toHaveLength(2);
});

test("after a slow answer with nothing waiting, the next key is asked for at once", () => {
  const { requests, seqs } = asked();
  vi.advanceTimersByTime(4 * CALM_MS);
  requests.answered(seqs[0]!, true);
  requests.ask();
  expect(seqs).toHaveLength(2);
});

/** Questions with words; `reach.able` says whether there is anybody to ask. */
function worded() {
  const sent: [seq: number, question: string][] = [];
  const reach = { able: true };
  const late = signal(false);
  const requests = createRequests<string>({
    nextSeq: () => sent.length + 1,
    send: (question, seq) => reach.able && sent.push([seq, question]) > 0,
    late,
  });
  return { requests, sent, reach, late };
}

test("of several questions only the newest waits, and it overtakes after a while", () => {
  const { requests, sent } = worded();
  for (const question of ["a", "b", "c"]) requests.ask(question);
  expect(sent).toEqual([[1, "a"]]);
  vi.advanceTimersByTime(OVERTAKE_MS);
  expect(sent).toEqual([
    [1, "a"],
    [2, "c"],
  ]);
  expect(requests.answered(1, false)).toEqual({ question: "a", isNewest: false });
  expect(requests.waiting.value).toBe(true);
  expect(requests.answered(2)).toEqual({ question: "c", isNewest: true });
  expect(requests.waiting.value).toBe(false);
  expect(requests.answered(2)).toBeNull();
});

test("a question with nobody to ask waits, and what was lost is asked again", () => {
  const { requests, sent, reach } = worded();
  reach.able = false;
  requests.ask("a");
  expect(requests.waiting.value).toBe(false);
  reach.able = true;
  requests.again();
  requests.again();
  expect(sent.map(([, question]) => question)).toEqual(["a", "a"]);
  expect(requests.answered(1)).toBeNull();
  expect(requests.answered(2)?.isNewest).toBe(true);
  requests.again();
  expect(sent).toHaveLength(2);
});

test("what is dropped is not asked again, answered or late", () => {
  const { requests, sent, late } = worded();
  requests.ask("a");
  requests.ask("b");
  vi.advanceTimersByTime(LATE_MS - 1);
  expect(late.value).toBe(false);
  vi.advanceTimersByTime(1);
  expect(late.value).toBe(true);
  requests.ask("c");
  requests.drop();
  expect(late.value).toBe(false);
  vi.advanceTimersByTime(10 * LATE_MS);
  expect(sent.map(([, question]) => question)).toEqual(["a", "b"]);
  expect([requests.idle(), late.value, requests.answered(2)]).toEqual([true, false, null]);
});
