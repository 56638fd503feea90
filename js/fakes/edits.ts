/** Edits in invented models: an edited unit does what is asked, and units in deeper layers follow some of it. */
import type { EditsPart } from "../src/panels/edits/wire.ts";
import { acts, type EditSetting, type EditsHead } from "../src/wire/edits.ts";
import type { Ask } from "../src/wire/protocol.ts";
import type { ContinueAnswer, Continuing, ControlAnswer, DoseAnswer } from "../src/wire/questions.ts";
import { VERSION } from "../src/wire/shared.ts";
import { hash, partsOf } from "./frame-writer.ts";

/** Of a unit at a position. */
export type Value = (site: string, unit: number, position: number) => number;
type Place = { site: string; unit: number };

/** Another spelling than this is one of a unit that the model does not have. */
const KNOWN = /^(mlp|resid|conv|dense)\.\d+$/;
const layerOf = (site: string): number => Number(site.split(".").at(-1));
/** Sites of dense layers come behind those of convolutions. */
const depthOf = (site: string): number => layerOf(site) + (site.startsWith("dense") ? 10 : 0);

/** The edits of a question that act, and what is said of all. */
export function editsOf(ask: Ask): { acting: EditSetting[]; head: EditsHead | undefined } {
  const edits = ask.edits ?? [];
  const known = (edit: EditSetting) => KNOWN.test(partsOf(edit.unit)[0]);
  const acting = edits.filter((edit) => acts(edit) && known(edit));
  const problems = edits.flatMap((edit, index) =>
    acts(edit) && !known(edit) ? [{ index, message: `There is no unit ${edit.unit} in this model.` }] : [],
  );
  if (acting.length === 0 && problems.length === 0) return { acting, head: undefined };
  const words = acting.map(({ edit, unit }) => `${edit[0]!.toUpperCase()}${edit.slice(1)}(${unit})`);
  return { acting, head: { acting: words, problems, compare: ask.compare ?? "after" } };
}

export function amountAfter(edit: EditSetting, value: number): number {
  if (edit.edit === "scale") return value * edit.factor;
  if (edit.edit === "steer") return value + edit.strength;
  return edit.edit === "clamp" ? edit.value : edit.to === "mean" ? 0.3 : 0;
}

/** How much of a unit's change another one follows: few do, in deeper layers alone. */
function coupling(from: Place, to: Place): number {
  if (depthOf(to.site) <= depthOf(from.site)) return 0;
  const h = hash(`${from.site}:${from.unit} → ${to.site}:${to.unit}`);
  return h > 0.92 ? 20 * (h - 0.92) : h < 0.05 ? -20 * (0.05 - h) : 0;
}

/** The values of the edited model; `count` positions, of which an edit may act at the last alone. */
export function editedValue(value: Value, edits: readonly EditSetting[], count: number): Value {
  return (site, unit, position) => {
    let now = value(site, unit, position);
    for (const edit of edits) {
      const [of, index] = partsOf(edit.unit);
      const { scope } = edit;
      const here = scope === "all" || (scope === "last" ? position === count - 1 : scope.includes(position));
      const [own, other] = edit.when ? partsOf(edit.when.unit) : ["", 0];
      if (!here || (edit.when && !(value(own, other, position) > edit.when.above))) continue;
      if (site === of && unit === index) now = amountAfter(edit, now);
      else {
        const share = coupling({ site: of, unit: index }, { site, unit });
        if (share === 0) continue;
        const before = value(of, index, position);
        now += share * (amountAfter(edit, before) - before);
      }
    }
    return now;
  };
}

type Followed = {
  sites: readonly { name: string; width: number }[];
  before: Value;
  after: Value;
  at: number;
};

/** The part of the panel of edits, at one position. */
export function editsPart(
  ask: Ask,
  acting: EditSetting[],
  { sites, before, after, at }: Followed,
): EditsPart {
  const values = (unit: string) => {
    const [site, index] = partsOf(unit);
    return { unit, before: before(site, index, at), after: after(site, index, at), at };
  };
  const edited = new Set(acting.map(({ unit }) => unit));
  const names = sites.flatMap(({ name, width }) =>
    Array.from({ length: width }, (_, unit) => `${name}:${unit}`),
  );
  const changed = names
    .filter((name) => !edited.has(name))
    .map((name) => ({ ...values(name), change: 0 }))
    .map((unit) => ({ ...unit, change: (unit.after - unit.before) / 0.6 }))
    .filter(({ change }) => Math.abs(change) > 1e-4)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  return {
    units: acting.map((edit) => ({ index: ask.edits!.indexOf(edit), ...values(edit.unit) })),
    changed: changed.slice(0, ask.parts.edits!.most),
    over: "input",
    ...(acting[0] && { direct: directOf(acting[0].unit) }),
  };
}

function directOf(unit: string): NonNullable<EditsPart["direct"]> {
  return {
    unit,
    note: "Direct path, an approximation: what later layers make of it is left out.",
    outputs: ["(", ".", " upper", '"', "\n", "e"].map((text, i) => ({
      text,
      weights: 0.9 - 0.36 * i,
      measured: 0.8 - 0.4 * i + 0.2 * hash(text),
    })),
  };
}

/** Units that are random have less of an effect here, but for those of high numbers. */
export function controlOf(seq: number, of: number, acting: EditSetting[]): ControlAnswer {
  const unit = acting[0]?.unit ?? "";
  const strength = acting[0] ? Math.abs(amountAfter(acting[0], 1) - 1) : 0;
  const effect = strength * (0.02 + 0.3 * hash(unit));
  const random = Array.from({ length: 20 }, (_, i) => strength * 0.12 * hash(`${unit} ${i}`) ** 2);
  const larger = random.filter((other) => effect > other).length;
  const verdict =
    larger === 20
      ? "Larger than 20 of 20 random units."
      : `No larger than chance: larger than ${larger} of 20 random units.`;
  return { v: VERSION, kind: "control", seq, of, effect, random, larger, verdict, problem: null };
}

/** Both texts say the same at first; the edited one then leaves the strings alone. */
const PLAIN = ["\n", "    ", "return", " ", "f", '"', "hello", " ", "{", "name", "}", '"', "\n", "\n"];
const EDITED = ["\n", "    ", "return", " ", "name", ".", "upper", "(", ")", "\n", "\n", "def", " ", "shout"];

/** Three tokens a message. */
export function continuedBy({ seq, tokens: count }: { seq: number } & Continuing): ContinueAnswer[] {
  const tokens = Array.from({ length: count }, (_, i) =>
    [PLAIN, EDITED].map((words, side) => {
      const text = words[i % words.length]!;
      return { id: hash(text), text, p: 0.05 + 0.93 * hash(`${text} ${i} ${i > 3 ? side : 0}`) ** 0.5 };
    }),
  );
  const answer = { v: VERSION, kind: "continue" as const, seq, done: false, verdict: "", problem: null };
  const parts: ContinueAnswer[] = [];
  for (let first = 0; first < count; first += 3)
    parts.push({ ...answer, first, tokens: tokens.slice(first, first + 3) });
  const verdict = `With Scale(mlp.1:40, × 0) 9 of ${count} tokens are others, from token 5 on: 'name' (0.61) in the place of 'f' (0.44).`;
  return [...parts, { ...answer, first: count, tokens: [], done: true, verdict }];
}

/** Damage grows faster than the effect, and overtakes it at about three times the strength. */
export function dosedBy({ seq }: { seq: number }): DoseAnswer[] {
  const answer = { v: VERSION, kind: "dose" as const, seq, done: false, verdict: "", problem: null };
  const strengths = [0.125, 0.25, 0.5, 1, 2, 4, 8];
  const effect = strengths.map((strength) => 0.08 * strength ** 1.2);
  const damage = strengths.map((strength) => 0.014 * strength ** 2.7);
  const verdict =
    "At 8 × its strength the effect is KL 0.97, and the damage on 8 inputs of live.references overtakes it at 3.2 ×.";
  return [
    { ...answer, progress: [1, 9] },
    { ...answer, done: true, progress: [9, 9], strengths, effect, damage, overtaken: 3.2, verdict },
  ];
}
