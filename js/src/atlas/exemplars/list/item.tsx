/** Item of the list: one exemplar with its value, its text, picture or row, where it is from, and its buttons. */

import type { ComponentChildren } from "preact";
import type { Exemplar, Listing } from "../../../kinds/exemplars.ts";
import { faceOf, isDarkGround, kindOf } from "../../../kinds/registry.ts";
import { colourOf } from "../../../paint/scale.ts";
import type { Context } from "../../../wire/shared.ts";
import { numberOf } from "../../../wire/values.ts";
import { sayCopies, sayCopiesAtLength, sayExactly, sayValue } from "../store/words.ts";

export type ItemProps = {
  listing: Listing;
  exemplar: Exemplar;
  place: number;
  /** How wide it is, as part of the line. */
  basis: string;
  id: string;
  context: Context;
  lead: number | null;
  room: number | undefined;
  active: boolean;
  picked: boolean;
  isOpen: boolean;
  canUse: boolean;
};

const CELL = { role: "gridcell" } as const;

export function Item(props: ItemProps) {
  const { listing, exemplar, place, id, active, picked, isOpen } = props;
  const { value, copies, document, label } = exemplar;
  const face = faceOf(listing.input);
  const at = face.place(exemplar);
  const classes = ["nw-ex-item", `nw-ex-${listing.input}`];
  if (active) classes.push("nw-ex-active");
  if (picked) classes.push("nw-ex-picked");
  // A list of which a part is drawn, each line in its place, cannot be made of table elements. Clicks and keys are
  // heard by the list, so that a line need not be drawn anew when the list is.
  const row = {
    role: "row",
    "aria-rowindex": place + 1,
    "aria-selected": picked,
    "aria-expanded": isOpen,
  } as const;
  return (
    <div
      id={id}
      class={classes.join(" ")}
      data-nw="exemplar"
      data-key={exemplar.key}
      data-place={place}
      style={{ flexBasis: props.basis }}
      {...row}
    >
      <span class="nw-ex-value" title={sayExactly(value)} {...CELL}>
        <i
          aria-hidden="true"
          style={{ background: colourOf(numberOf(value), listing.scale, isDarkGround(listing.input)) }}
        />
        {sayValue(value)}
      </span>
      <span class="nw-ex-what" {...CELL}>
        <face.Item
          {...{ exemplar, listing }}
          context={props.context}
          lead={props.lead}
          {...(props.room !== undefined && { room: props.room })}
        />
      </span>
      <span class="nw-ex-from" {...CELL}>
        <span
          class="nw-ex-id"
          title={
            exemplar.id &&
            `${kindOf(listing.input).words.document[0]} ${exemplar.id}${document === null ? "" : ` (number ${document})`}${label === null ? "" : `, label ${label}`}`
          }
        >
          {exemplar.id}
          {label !== null && <em>{label}</em>}
        </span>
        {at && <span title={at[1]}>{at[0]}</span>}
        {copies !== 1 && document !== null && (
          <span title={sayCopiesAtLength(copies)}>{sayCopies(copies)}</span>
        )}
      </span>
      <span class="nw-ex-do" {...CELL}>
        {document !== null && (
          <Icon words={isOpen ? "Close it" : "Open all of it here"} name="open" pressed={isOpen}>
            <path d="M4 2.5h5.5L12 5v8.5H4zM6 7h4M6 9.2h4M6 11.4h2.5" />
          </Icon>
        )}
        {props.canUse && (
          <Icon words={face.sayUse(exemplar)} name="use">
            <path d="M10.6 2.8l2.6 2.6L6 12.6l-3.2.6.6-3.2zM9 4.4L11.6 7" />
          </Icon>
        )}
      </span>
    </div>
  );
}

type IconProps = {
  words: string;
  name: string;
  pressed?: boolean;
  children: ComponentChildren;
};

function Icon({ words, name, pressed, children }: IconProps) {
  return (
    <button
      type="button"
      class="nw-icon"
      data-nw={`exemplar-${name}`}
      tabIndex={-1}
      aria-label={words}
      aria-pressed={pressed}
      title={words}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <g fill="none" stroke="currentColor" stroke-width="1.2" stroke-linejoin="round">
          {children}
        </g>
      </svg>
    </button>
  );
}
