/** Answers to long questions of invented models: a first result, how far it is, and the last result. */
import type {
  Attribution,
  Continuing,
  PatchedGrid,
  ReadContext,
  UnitConcepts,
} from "../../src/panels/studies/wire.ts";
import type { EditSetting } from "../../src/wire/edits.ts";
import type { StudyAnswer, StudyAsk } from "../../src/wire/questions.ts";
import { VERSION } from "../../src/wire/shared.ts";
import { hash } from "../frame-writer.ts";
import { continuedBy, controlOf, dosed } from "./edit-answers.ts";

type Asked = StudyAsk & { target?: string; sites?: string };
/** What is asked about: its parts by their names, and which of them lie in rows. */
export type Studied = {
  unit: string | null;
  parts: string;
  names: readonly string[];
  grid?: [number, number] | null;
  hasTokens?: boolean;
  sites: readonly { name: string; kind: string }[];
  acting: readonly EditSetting[];
};

/** All answers, in the order in which they come. */
export function studyAnswers(asked: Asked, of: Studied): StudyAnswer[] {
  const { seq, question } = asked;
  const answer = (done: number, result: StudyAnswer["result"] = null): StudyAnswer => {
    return { v: VERSION, kind: "study", seq, of: asked.of, question, done, total: 3, result, problem: null };
  };
  if (question === "attribution") {
    return [
      answer(0, attribution("gradient", asked, of)),
      answer(2),
      answer(3, attribution("occlusion", asked, of)),
    ];
  }
  if (question === "continue") {
    const parts = continuedBy(asked as unknown as Continuing);
    return parts.map((part, i) => answer(i === parts.length - 1 ? 3 : 1, part));
  }
  if (question === "control") return [answer(3, controlOf(of.acting))];
  if (question === "context") return [answer(1), answer(3, context(of))];
  if (question === "concepts") return [answer(2), answer(3, concepts(of))];
  return [answer(1), answer(3, question === "dose" ? dosed() : grid(asked, of))];
}

/** It goes by two tokens: what these say is what the unit does, in half of the places. */
function context({ unit, names }: Studied): ReadContext {
  const told = names.map((name, i) => ({ token: hash(name), both: i % 2 ? 0.2 : 2.9, position: 0.4 }));
  const says = "R² held out; 95 %: .12 to .31; permuted .02 at most";
  return {
    unit: `${unit}`,
    said: `${unit} reads the bigram.`,
    verdict: `${unit} reads the bigram. Held-out R² .28 by the token, .83 by the token and the one before, 0 by the position; of the best 95 %: .80 to .85, permuted .02 at most. Tables of one half of 68 documents, read on the other; 20,177 tokens.`,
    by: [
      { table: "token", name: "token", r2: 0.28, says },
      { table: "bigram", name: "two tokens", r2: 0.83, says },
      { table: "position", name: "position", r2: 0, says },
    ],
    told: [
      told.map(({ token }) => token),
      told.map(({ both }) => both),
      told.map(({ position }) => position),
    ],
    std: 0.8,
  };
}

/** A square of one pixel. */
const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgaPj/HwADggGAWjR9awAAAABJRU5ErkJggg==";

function concepts({ unit, hasTokens = false }: Studied): UnitConcepts {
  const exemplars = (words: string) =>
    [0, 1, 2, 3].map((n) =>
      hasTokens
        ? { words, around: [`def f_${n}(`, `value):\n    return`] as [string, string] }
        : { words: `picture ${n}`, image: PIXEL },
    );
  return {
    unit: `${unit}`,
    number: 2,
    verdict: `${unit} is 2 concepts (“self”, “(”): its exemplars fall apart (p = 0.01, silhouette 0.52, MS 0.48); 61 exemplars, by what goes into blocks.2.mlp, times the unit's weights.`,
    concepts: [
      {
        share: 0.62,
        word: "self",
        exemplars: exemplars("self"),
        followers: [
          ["mlp.2:417", 0.93],
          ["mlp.2:88", 0.81],
        ],
      },
      { share: 0.38, word: "(", exemplars: exemplars("("), followers: [] },
    ],
  };
}

function attribution(method: Attribution["method"], { target }: Asked, of: Studied): Attribution {
  const { parts, names, grid = null, hasTokens = false } = of;
  const name = target === "unit" ? `${of.unit}` : "the log-odds of ‘1’";
  const effects = names.map((part, i) => {
    const h = hash(`${name} ${part} ${i}`);
    return h > 0.8 ? 8 * (h - 0.8) : h < 0.1 ? -5 * (0.1 - h) : 0;
  });
  const verdict = `Removing the 5 strongest ${parts} lowers ${name} from 3.41 to 0.27, more than 20/20 random choices.`;
  return { method, target: name, parts, effects, names: hasTokens ? [] : [...names], grid, verdict };
}

function grid({ sites }: Asked, of: Studied): PatchedGrid {
  const rows = of.sites
    .filter(({ kind }) => kind === sites)
    .map(({ name }, layer) => ({
      site: name,
      values: of.names.map((_, i) => (i === (layer < 2 ? 3 : of.names.length - 1) ? 0.93 : 0.02 * (i % 3))),
    }));
  const verdict = `What a patch brings back of the difference: ${rows[0]?.site} 93% at position 3; nowhere else more than 4%.`;
  return { metric: "log p(‘e’) − log p(‘ ’)", rows, verdict };
}
