import { Form, useNavigation } from '@remix-run/react'
import { Button, Card, InputField } from '~/components/ui'

export const PICTURE_TYPES = 'image/png,image/jpeg,image/webp,image/gif,image/avif'

interface PictureUploadProps {
  /** Where they go to begin with. */
  readonly folder: string
  readonly folders: readonly { readonly name: string }[]
}

/** Chooses files and sends them to the page it stands on. */
export const PictureUpload = ({ folder, folders }: PictureUploadProps) => {
  const busy = useNavigation().formData?.get('intent') === 'add'
  return (
    <Card title="Upload pictures">
      <Form method="post" encType="multipart/form-data" className="form picture-upload">
        <input type="hidden" name="intent" value="add" />
        <InputField
          name="files"
          label="Pictures"
          type="file"
          multiple
          accept={PICTURE_TYPES}
          hint="PNG, JPEG, WebP, GIF or AVIF, up to 10 MiB each and 40 MiB at once. They are made ready for the web; place and camera are taken out."
        />
        <InputField
          name="folder"
          label="Folder"
          optional
          maxLength={100}
          autoComplete="off"
          list="picture-folders"
          defaultValue={folder}
        />
        <datalist id="picture-folders">
          {folders
            .filter(({ name }) => name !== '')
            .map(({ name }) => (
              <option key={name} value={name} />
            ))}
        </datalist>
        <div className="actions">
          <Button variant="primary" aria-busy={busy}>
            {busy ? 'Uploading…' : 'Upload'}
          </Button>
        </div>
      </Form>
    </Card>
  )
}
