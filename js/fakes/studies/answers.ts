/** Answers to long questions of invented models: a first result, how far it is, and the last result. */
import type { Attribution, Continuing, PatchedGrid } from "../../src/panels/studies/wire.ts";
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
  return [answer(1), answer(3, question === "dose" ? dosed() : grid(asked, of))];
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
