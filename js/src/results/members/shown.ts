/** Inputs as the views of results show them: each with what its kind has to show. */
import type { Answer } from "../../atlas/session/channel.ts";
import type { Picture } from "../../wire/inputs.ts";
import type { MemberRow, MembersAnswer } from "../../wire/results/patterns.ts";

export type Shown = {
  readonly row: MemberRow;
  readonly answer: MembersAnswer;
  /** Of pictures. */
  readonly image: Picture | null;
  /** What the unit does on each of its `pieces`; empty where nobody recorded it. */
  readonly shades: Float32Array;
};

/** An answer with its arrays handed out to the inputs. */
export function shownOf(answer: Answer<"members">): { typical: Shown[]; outliers: Shown[] } {
  const images = answer.data.get("images") as Uint8Array | undefined;
  const [, height = 0, width = 0] = answer.shapes.get("images") ?? [];
  const shades = (answer.data.get("shades") ?? new Float32Array()) as Float32Array;
  const size = 3 * height * width;
  let [count, at] = [0, 0];
  const show = (row: MemberRow): Shown => {
    const rgb = images?.subarray(count * size, ++count * size);
    const length = row.pieces?.length ?? 0;
    const own = shades.subarray(at, at + length);
    at += shades.length > 0 ? length : 0;
    return {
      row,
      answer,
      image: rgb?.length === size && size > 0 ? { width, height, rgb } : null,
      shades: own,
    };
  };
  return { typical: answer.typical.map(show), outliers: answer.outliers.map(show) };
}
