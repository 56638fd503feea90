/** Inputs as the views of results show them: each with what its kind has to show. */
import type { Answer } from "../../atlas/session/channel.ts";
import type { Picture } from "../../wire/inputs.ts";
import type { InputRow, InputsAnswer } from "../../wire/results/shown.ts";

export type Shown<R extends InputRow = InputRow> = {
  readonly row: R;
  readonly answer: InputsAnswer;
  /** Of pictures. */
  readonly image: Picture | null;
  /** What the unit does on each of its `pieces`; empty where nobody recorded it. */
  readonly shades: Float32Array;
};

/** The arrays of an answer that has inputs. */
type Arrays = Pick<Answer<"members">, "data" | "shapes">;

/** The inputs of an answer, all of them in the order of its arrays, each with its part of these. */
export function shownOf<R extends InputRow>(answer: InputsAnswer & Arrays, rows: readonly R[]): Shown<R>[] {
  const images = answer.data.get("images") as Uint8Array | undefined;
  const [, height = 0, width = 0] = answer.shapes.get("images") ?? [];
  const shades = (answer.data.get("shades") ?? new Float32Array()) as Float32Array;
  const size = 3 * height * width;
  let [count, at] = [0, 0];
  return rows.map((row) => {
    const rgb = row.missing ? undefined : images?.subarray(count * size, ++count * size);
    const length = row.pieces?.length ?? 0;
    const own = shades.subarray(at, at + length);
    at += shades.length > 0 ? length : 0;
    return {
      row,
      answer,
      image: rgb?.length === size && size > 0 ? { width, height, rgb } : null,
      shades: own,
    };
  });
}
