/** Components that show an atlas: by itself, or beside a live view. */
import type { ComponentType } from "preact";
import type { Session } from "../../session/session.ts";
import type { AtlasSession } from "../session/session.ts";

export type AtlasView = ComponentType<{ atlas: AtlasSession }>;
export type LiveAtlasView = ComponentType<{ atlas: AtlasSession; session: Session }>;
