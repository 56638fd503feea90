/** Direct path: what the edited unit's weights say of the outputs, beside what was measured. */
import { signedValue } from "../../paint/scale.ts";
import { glyphs, shorten } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { numberOf, type Value } from "../../wire/values.ts";

export function Direct({ session }: { session: Session }) {
  const direct = session.frame.value?.parts.edits?.direct;
  if (!direct) return null;
  return (
    <section class="nw-direct" data-nw="direct" aria-label="Outputs by the unit’s weights and as measured">
      <h4 class="nw-title">Straight to the output?</h4>
      {direct.outputs.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">output</th>
              <th scope="col">by its weights</th>
              <th scope="col">measured</th>
            </tr>
          </thead>
          <tbody>
            {direct.outputs.map(({ text, weights, measured }, i) => (
              <tr key={i}>
                <th scope="row" class="nw-mono">
                  {shorten(glyphs(text), 14) || "∅"}
                </th>
                <Change value={weights} />
                <Change value={measured} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="nw-sub">
        {direct.outputs.length > 0 && `What ${direct.unit} raises and lowers most: changes of the logit. `}
        {direct.note}
      </p>
    </section>
  );
}

const Change = ({ value }: { value: Value }) => <td class="nw-number">{signedValue(numberOf(value))}</td>;
