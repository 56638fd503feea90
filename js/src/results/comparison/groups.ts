/** Colours of groups: the same in the picture, the table's words and the distributions. */
import { hueOf } from "../../paint/scale.ts";

export const groupHue = (group: number, dark: boolean): string => hueOf(group, dark);

/** What does not pass, and what chance makes. */
export const greyFor = (dark: boolean): string => (dark ? "#85858e" : "#8a8a92");
