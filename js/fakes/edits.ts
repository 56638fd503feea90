/** Edits in invented models: an edited unit does what is asked, and units in deeper layers follow some of it. */
import type { EditsPart } from "../src/panels/edits/wire.ts";
import { acts, type EditSetting, type EditsHead } from "../src/wire/edits.ts";
import type { Ask } from "../src/wire/protocol.ts";
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
  const known = ({ unit }: EditSetting) => !unit.includes(":") || KNOWN.test(partsOf(unit)[0]);
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
