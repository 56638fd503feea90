/** Answers to long questions to the edits of invented models. */
import type { Continued, Continuing, Control, Dosed } from "../../src/panels/studies/wire.ts";
import type { EditSetting } from "../../src/wire/edits.ts";
import { amountAfter } from "../edits.ts";
import { hash } from "../frame-writer.ts";

/** Units that are random have less of an effect here, but for those of high numbers. */
export function controlOf(acting: readonly EditSetting[]): Control {
  const unit = acting[0]?.unit ?? "";
  const strength = acting[0] ? Math.abs(amountAfter(acting[0], 1) - 1) : 0;
  const effect = strength * (0.02 + 0.3 * hash(unit));
  const random = Array.from({ length: 20 }, (_, i) => strength * 0.12 * hash(`${unit} ${i}`) ** 2);
  const larger = random.filter((other) => effect > other).length;
  const verdict =
    larger === 20
      ? "Larger than 20 of 20 random units."
      : `No larger than chance: larger than ${larger} of 20 random units.`;
  return { effect, random, larger, verdict };
}

/** Both texts say the same at first; the edited one then leaves the strings alone. */
const PLAIN = ["\n", "    ", "return", " ", "f", '"', "hello", " ", "{", "name", "}", '"', "\n", "\n"];
const EDITED = ["\n", "    ", "return", " ", "name", ".", "upper", "(", ")", "\n", "\n", "def", " ", "shout"];

/** Three tokens a part; the last one has none and the verdict. */
export function continuedBy({ tokens: count }: Continuing): Continued[] {
  const tokens = Array.from({ length: count }, (_, i) =>
    [PLAIN, EDITED].map((words, side) => {
      const text = words[i % words.length]!;
      return { id: hash(text), text, p: 0.05 + 0.93 * hash(`${text} ${i} ${i > 3 ? side : 0}`) ** 0.5 };
    }),
  );
  const parts: Continued[] = [];
  for (let first = 0; first < count; first += 3)
    parts.push({ first, tokens: tokens.slice(first, first + 3), verdict: "" });
  const verdict = `With Scale(mlp.1:40, × 0) 9 of ${count} tokens are others, from token 5 on: 'name' (0.61) in the place of 'f' (0.44).`;
  return [...parts, { first: count, tokens: [], verdict }];
}

/** Damage grows faster than the effect, and overtakes it at about three times the strength. */
export function dosed(): Dosed {
  const strengths = [0.125, 0.25, 0.5, 1, 2, 4, 8];
  const effect = strengths.map((strength) => 0.08 * strength ** 1.2);
  const damage = strengths.map((strength) => 0.014 * strength ** 2.7);
  const verdict =
    "At 8 × its strength the effect is KL 0.97, and the damage on 8 inputs of live.references overtakes it at 3.2 ×.";
  return { strengths, effect, damage, overtaken: 3.2, verdict };
}
