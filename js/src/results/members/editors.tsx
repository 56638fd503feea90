/** Kinds of input beside a result: the head and the editor alone, without the panels of an Explorer. */
import type { ComponentChildren } from "preact";
import { IMAGE_HELP, ImagePanel, useImageEditor } from "../../kinds/image/image-panel.tsx";
import { IMAGE_INPUT } from "../../kinds/image/input.ts";
import { type Kind, registerKind, type View } from "../../kinds/registry.ts";
import { TABLE_INPUT } from "../../kinds/table/input.ts";
import { ROW_HELP, RowPanel, useRow } from "../../kinds/table/row-panel.tsx";
import { CardText } from "../../kinds/text/card.tsx";
import { TEXT_INPUT } from "../../kinds/text/input.ts";
import { TRACE_WIRE } from "../../panels/trace/wire.ts";
import type { InputKind } from "../../session/kind.ts";
import type { Session } from "../../session/session.ts";
import { Head } from "../../ui/head.tsx";
import type { HelpParts } from "../../ui/help.tsx";

type FrameProps = { session: Session; help: HelpParts; children: ComponentChildren };

function Frame({ session, help, children }: FrameProps) {
  return (
    <div class="nw-input-alone">
      <Head session={session} help={help} />
      {children}
    </div>
  );
}

function PictureInput({ session }: { session: Session }) {
  const editor = useImageEditor(session);
  return (
    <Frame session={session} help={IMAGE_HELP}>
      <ImagePanel session={session} editor={editor} />
    </Frame>
  );
}

function RowInput({ session }: { session: Session }) {
  const work = useRow(session);
  return (
    <Frame session={session} help={ROW_HELP}>
      <RowPanel session={session} work={work} />
    </Frame>
  );
}

const kind = (input: InputKind, view: View): Kind => ({
  name: input.name,
  words: input.words,
  live: { input, panels: [TRACE_WIRE], layouts: {}, card: { view, place: "above" } },
});

registerKind(kind(TEXT_INPUT, CardText), kind(IMAGE_INPUT, PictureInput), kind(TABLE_INPUT, RowInput));
