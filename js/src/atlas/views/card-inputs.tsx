/** Inputs beside a card of a model of pictures or rows, to be changed like those of an Explorer. */

import { ExplorerFrame } from "../../kinds/explorer-frame.tsx";
import { IMAGE_HELP, ImagePanel, useImageEditor } from "../../kinds/image/image-panel.tsx";
import { ROW_HELP, RowPanel, useRow } from "../../kinds/table/row-panel.tsx";
import type { Session } from "../../session/session.ts";

export function CardPicture({ session }: { session: Session }) {
  const editor = useImageEditor(session);
  return (
    <ExplorerFrame session={session} help={IMAGE_HELP}>
      <ImagePanel session={session} editor={editor} />
    </ExplorerFrame>
  );
}

export function CardRow({ session }: { session: Session }) {
  const work = useRow(session);
  return (
    <ExplorerFrame session={session} help={ROW_HELP}>
      <RowPanel session={session} work={work} />
    </ExplorerFrame>
  );
}
