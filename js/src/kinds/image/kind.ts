/** Pictures as a kind of input: the live views, and what they ask. */
import { CLASSES_WIRE } from "../../panels/classes/wire.ts";
import { EDITS_WIRE } from "../../panels/edits/wire.ts";
import { TILES_WIRE } from "../../panels/tiles/wire.ts";
import { TOP_WIRE } from "../../panels/top/wire.ts";
import { TRACE_WIRE } from "../../panels/trace/wire.ts";
import type { Kind } from "../registry.ts";
import { ImageCard, ImageExplorer } from "./explorer.tsx";
import { IMAGE_INPUT } from "./input.ts";

export const IMAGE: Kind = {
  name: IMAGE_INPUT.name,
  words: IMAGE_INPUT.words,
  live: {
    input: IMAGE_INPUT,
    panels: [TRACE_WIRE, CLASSES_WIRE, TOP_WIRE, TILES_WIRE, EDITS_WIRE],
    layouts: { explorer: ImageExplorer },
    card: { view: ImageCard, place: "beside" },
  },
};
