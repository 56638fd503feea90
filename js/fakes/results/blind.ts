/** A blind test in the page: rounds with their answers, which the page is told as a kernel would tell it. */
import type { ToKernel } from "../../src/wire/protocol.ts";
import {
  type BlindInfo,
  type BlindItem,
  type BlindRound,
  NO_BLIND_TEST,
} from "../../src/wire/results/blind.ts";
import type { KernelSetting } from "../kernel.ts";
import { ResultKernel } from "./result-kernel.ts";

export type BlindKindOfInput = "text" | "image" | "table";

type Truth = { kind: string; items: BlindItem[]; truth: number[] };

const COMMENTS = [
  "    total = 0\n    # the sum of all\n    for x in xs:",
  'def area(r):\n    """The area."""  # πr²\n    return',
  "import os\n# paths are bytes here\nimport sys\n",
];
const CODE = [
  "    return 3.14 * r ** 2\n\nprint(area(2))\n",
  "class Stack(list):\n    def top(self):\n        return self[-1]\n",
  "for key, value in sorted(table.items()):\n    print(key)\n",
];

const text = (source: string, fires: boolean, marked?: number): BlindItem => {
  const pieces = [...source];
  const hash = source.indexOf("#");
  return {
    pieces,
    ...(marked !== undefined && { marked }),
    shades: pieces.map((_, i) => (fires && i >= hash && i < hash + 16 ? 0.9 : -0.1)),
    ...(fires && { peak: hash }),
    fires,
    why: fires ? "fires" : "near miss",
  };
};

const picture = (fires: boolean, box?: number[]): BlindItem => {
  const rgb = Array.from({ length: 16 * 16 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 16, Math.floor(i / 48)];
    return fires && x > 9 && y < 6 ? 240 : 20 + ((x * 7 + y * 13) % 60);
  });
  return {
    image: { width: 16, height: 16, rgb: btoa(String.fromCharCode(...rgb)) },
    ...(box && { box }),
    fires,
    why: fires ? "fires" : "similar",
  };
};

const row = (fires: boolean, number: number, column?: string): BlindItem => ({
  cells: Object.fromEntries(
    COLUMNS.map((name, i) => [name, name === "worst texture" ? (fires ? 38 : 14) : 10 + ((number + i) % 7)]),
  ),
  ...(column && { column }),
  fires,
  why: fires ? "fires" : "random",
});
const COLUMNS = ["mean radius", "mean texture", "mean area", "worst radius", "worst texture", "worst area"];

function roundsOf(input: BlindKindOfInput): Truth[] {
  const make = {
    text: (fires: boolean, i: number) => text((fires ? COMMENTS : CODE)[i % 3]!, fires),
    image: (fires: boolean) => picture(fires),
    table: (fires: boolean, i: number) => row(fires, i),
  }[input];
  const marked = {
    text: text(COMMENTS[0]!, true, COMMENTS[0]!.indexOf("#")),
    image: picture(true, [0.55, 0, 0.45, 0.45]),
    table: row(true, 1, "worst texture"),
  }[input];
  return [
    { kind: "detection", items: [false, true, false, true, false].map(make), truth: [1, 3] },
    { kind: "fuzzing", items: [marked], truth: [0] },
    { kind: "intruder", items: [true, true, false, true].map(make), truth: [2] },
  ];
}

const UNTOLD = ["shades", "peak", "fires", "why"] as const;

/** What the page may know of an item before it is judged. */
function untold(item: BlindItem): BlindItem {
  const left = { ...item };
  for (const name of UNTOLD) delete left[name];
  return left;
}

export class BlindKernel extends ResultKernel {
  readonly #rounds: Truth[];
  readonly #answers: number[][] = [];
  #info: BlindInfo;

  constructor(
    input: BlindKindOfInput,
    { asks = false, linked = false }: { asks?: boolean; linked?: boolean } = {},
    setting: KernelSetting = {},
  ) {
    const rounds = roundsOf(input);
    const info: BlindInfo = {
      ...NO_BLIND_TEST,
      unit: "state.1:92",
      input,
      label: asks ? "" : { text: "inside a comment", image: "a bright corner", table: "much texture" }[input],
      asks,
      rounds: rounds.length,
      linked,
      scale: { lo: -1, hi: 1, mode: "linear", knee: 0, signed: true, pinned: false },
      columns: input === "table" ? COLUMNS.map((name) => ({ name, ends: [5, 40] })) : [],
      explain: asks ? [...rounds[0]!.items, ...rounds[2]!.items].map((item) => ({ ...item })) : [],
    };
    super("text", { layout_kind: "blind", blind_info: info, move: {} }, setting);
    this.#rounds = rounds;
    this.#info = info;
  }

  protected override hear(message: ToKernel): void {
    if (message.kind === "set" && "move" in message.changes)
      this.play(message.changes.move as Record<string, unknown>);
    else super.hear(message);
  }

  /** What a person did; of a step that is over nothing is taken. */
  play(move: Record<string, unknown>): void {
    const { phase, step } = this.#info;
    if (move.step !== step) return;
    if (phase === "explain") this.#go({ phase: "round", label: this.#info.label || String(move.label) });
    else if (phase === "round") {
      this.#answers.push(move.answer as number[]);
      this.#go({ phase: "feedback" });
    } else if (phase === "feedback")
      this.#go({ phase: this.#answers.length < this.#rounds.length ? "round" : "end" });
  }

  #go(change: Partial<BlindInfo>): void {
    const answers = this.#answers;
    const phase = change.phase ?? this.#info.phase;
    const right = answers.flatMap((answer, i) => this.#judged(i, answer));
    const score = right.length ? right.filter(Boolean).length / right.length : null;
    this.#info = {
      ...this.#info,
      ...change,
      step: this.#info.step + 1,
      answered: answers.length,
      explain: [],
      right: right.filter(Boolean).length,
      judged: right.length,
      round: phase === "end" ? null : this.#round(phase === "round" ? answers.length : answers.length - 1),
    };
    if (phase === "end") {
      const row = {
        judged: right.length,
        right: this.#info.right,
        score,
        low: 0.42,
        high: 0.97,
        chance: 0.47,
      };
      this.#info = {
        ...this.#info,
        outcome: score === 1 ? "held up" : "no better than guessing",
        verdict: `“${this.#info.label}” of state.1:92: ${row.right} of ${row.judged} judgements right.`,
        rows: ["detection", "fuzzing", "intruder", "all"].map((kind) => ({
          kind,
          ...row,
          verdict: "held up",
        })),
        missed: answers.flatMap((answer, i) =>
          this.#judged(i, answer).every(Boolean) ? [] : [this.#round(i)],
        ),
        stored: "Written into the labels, as evidence for this one.",
      };
    }
    const told = this.#info;
    setTimeout(() => this.set("blind_info", told), 2);
  }

  #judged(number: number, answer: readonly number[]): boolean[] {
    const { kind, items, truth } = this.#rounds[number]!;
    if (kind === "intruder") return [answer[0] === truth[0]];
    return items.map((_, i) => answer.includes(i) === truth.includes(i));
  }

  #round(number: number): BlindRound {
    const { kind, items, truth } = this.#rounds[number]!;
    const chosen = this.#answers[number];
    if (!chosen) return { number, kind, items: items.map(untold) };
    return { number, kind, items, chosen, truth };
  }
}

/** A test in which so much has happened: what a person did, in order. */
export function playedBlind(kernel: BlindKernel, moves: readonly object[]): BlindKernel {
  for (const [step, move] of moves.entries()) kernel.play({ step, ...move });
  return kernel;
}
