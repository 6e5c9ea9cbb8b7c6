import { Form } from '@remix-run/react'
import { Button, Confirm, CopyField, InputField } from '~/components/ui'
import { formatNumber } from '~/lib/format'
import type { PictureView } from '../../../server/domain/workspace/schemas'
import { PICTURE_TYPES } from './picture-upload'

interface PictureTileProps {
  readonly picture: PictureView
  readonly folders: readonly { readonly name: string }[]
  /** Nothing may be changed. */
  readonly fixed: boolean
}

/** One picture of the library, with what can be done with it. */
export const PictureTile = ({ picture, fixed }: PictureTileProps) => (
  <li className="picture">
    <a href={picture.address} className="picture-view">
      <img
        src={picture.thumbnail}
        alt={picture.name}
        loading="lazy"
        width={picture.width}
        height={picture.height}
      />
    </a>
    <p className="picture-name">{picture.name}</p>
    <p className="muted picture-facts">
      {picture.width} × {picture.height}, {formatNumber(Math.max(1, Math.round(picture.bytes / 1024)))} KiB
      {picture.folder !== '' && `, in ${picture.folder}`}
    </p>
    <details className="picture-more">
      <summary>
        Address and changes<span className="visually-hidden"> of {picture.name}</span>
      </summary>
      <div className="stack">
        <CopyField label="Address" value={picture.address} />
        {!fixed && <Changes picture={picture} />}
      </div>
    </details>
  </li>
)

const Changes = ({ picture }: { readonly picture: PictureView }) => {
  const hidden = (intent: string) => (
    <>
      <input type="hidden" name="intent" value={intent} />
      <input type="hidden" name="pictureId" value={picture.id} />
    </>
  )
  return (
    <>
      <Form method="post" encType="multipart/form-data" className="form">
        {hidden('change')}
        <InputField
          id={`name-${picture.id}`}
          name="name"
          label="Name"
          maxLength={200}
          autoComplete="off"
          defaultValue={picture.name}
        />
        <InputField
          id={`folder-${picture.id}`}
          name="folder"
          label="Folder"
          optional
          maxLength={100}
          autoComplete="off"
          list="picture-folders"
          defaultValue={picture.folder}
        />
        <Button size="small">Save</Button>
      </Form>
      <Form method="post" encType="multipart/form-data" className="form">
        {hidden('replace')}
        <InputField
          id={`files-${picture.id}`}
          name="files"
          label="Another picture in its place"
          type="file"
          accept={PICTURE_TYPES}
          hint="Every page of this workspace that shows the old one shows the new one. Copies keep the old one."
        />
        <Button size="small">Replace</Button>
      </Form>
      <Confirm
        label="Remove…"
        question={<p>It leaves the library. Pages that show it keep it, and so do copies.</p>}
      >
        <Form method="post" encType="multipart/form-data">
          {hidden('remove')}
          <Button variant="danger" size="small">
            Remove it
          </Button>
        </Form>
      </Confirm>
    </>
  )
}
