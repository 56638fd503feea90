/** Session whose frames show what drives a unit or the output, in the place of what the unit does. */
import { computed, type Signal, signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Session } from "../../session/session.ts";
import { type Frame, shownPass, withPart } from "../../wire/frame.ts";
import { same } from "../../wire/inputs.ts";
import type { Scale } from "../../wire/protocol.ts";
import { numberOf } from "../../wire/values.ts";
import { type Study, useStudy } from "./study.ts";
import type { Attribution, Target } from "./wire.ts";

export class Driven {
  /** What is asked about; null: nothing. */
  readonly target: Signal<Target | null> = signal(null);
  /** The session with frames that show effects where they are known. */
  readonly shown: Session;
  /** The last result, while it is of what is shown. */
  readonly result = computed(() => {
    const { value } = this.study.result;
    return value && this.target.value && same(value.about, this.about()) ? value : null;
  });

  constructor(
    readonly session: Session,
    readonly study: Study<"attribution">,
  ) {
    const frame = computed(() => {
      const [frame, result] = [session.frame.value, this.result.value];
      return frame && result ? withEffects(frame, result) : frame;
    });
    const probeAt: Session["probeAt"] = (...at) => this.result.peek() || session.probeAt(...at);
    this.shown = { ...session, frame, probeAt };
  }

  /** All that an answer follows from. */
  about(): unknown {
    const frame = this.session.frame.value;
    if (!frame) return null;
    const { unit, token, edits, beside, input } = frame.head;
    const { value } = this.target;
    const at = value === "unit" ? [unit, this.session.selection.value.token] : token;
    return [
      value,
      at,
      frame.asked,
      input.window?.first,
      edits?.acting,
      !beside && shownPass(frame) === "before",
    ];
  }
}

export function useDriven(session: Session): Driven | null {
  const study = useStudy("attribution");
  return useMemo(() => study && new Driven(session, study), [session, study]);
}

export const effectScale = (values: Float32Array): Scale => {
  const hi = values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1e-9);
  return { lo: -hi, hi, mode: "linear", knee: 1, signed: true, pinned: false };
};

function withEffects(frame: Frame, { effects, grid, target }: Attribution): Frame {
  const data = Float32Array.from(effects, numberOf);
  const unit = { dtype: "f32" as const, shape: [data.length], data };
  const trace = { ...frame.parts.trace!, scale: effectScale(data), unitGrid: grid };
  const head = { ...frame.head, unit: `effect on ${target}` };
  return withPart({ ...frame, head }, "trace", trace, { unit, before: null });
}
