/** Texts as a kind of input: the live views, and what they ask. */
import { EDITS_WIRE } from "../../panels/edits/wire.ts";
import { GUESSES_WIRE } from "../../panels/guesses/wire.ts";
import { MAP_WIRE } from "../../panels/map/wire.ts";
import { OVERVIEW_WIRE } from "../../panels/overview/wire.ts";
import { TOP_WIRE } from "../../panels/top/wire.ts";
import { TRACE_WIRE } from "../../panels/trace/wire.ts";
import type { Kind, View } from "../registry.ts";
import { CardText } from "./card.tsx";
import { TEXT_INPUT } from "./input.ts";

/** `layouts`: its views in this bundle. */
export const textKind = (layouts: Record<string, View>): Kind => ({
  name: TEXT_INPUT.name,
  words: TEXT_INPUT.words,
  live: {
    input: TEXT_INPUT,
    panels: [TRACE_WIRE, MAP_WIRE, OVERVIEW_WIRE, GUESSES_WIRE, TOP_WIRE, EDITS_WIRE],
    layouts,
    card: { view: CardText, place: "above" },
  },
});
