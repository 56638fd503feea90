/** Names of elements that no other widget of the page has. Preact's own count within one root: two would share them. */
import { useState } from "preact/hooks";

/** Another bundle counts for itself. */
const BUNDLE = Math.random().toString(36).slice(2, 8);
let count = 0;

export const useUniqueId = (): string => useState(() => `nw-${BUNDLE}-${count++}`)[0];
