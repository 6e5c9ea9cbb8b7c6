import { Card, InputField, SelectField, TextareaField } from '~/components/ui'
import type { Categories } from '../../../server/domain/marketplace/schemas'
import { LANGUAGES } from './languages'
import { LISTING_LABELS, type ListingValues } from './listing-form'

/** What buyers read of a listing, and where they find it. */
export const WordFields = ({
  values,
  errors,
  categories,
}: {
  readonly values: Partial<ListingValues>
  readonly errors: Readonly<Record<string, string>>
  readonly categories: Categories
}) => {
  const field = (name: keyof ListingValues) => ({
    name,
    label: LISTING_LABELS[name],
    error: errors[name],
    defaultValue: values[name],
  })
  return (
    <Card title="What buyers read">
      <div className="form">
        <InputField {...field('title')} maxLength={120} autoComplete="off" />
        <InputField
          {...field('tagline')}
          hint="Under the title, in lists and on the page."
          maxLength={160}
          autoComplete="off"
          optional
        />
        <TextareaField
          {...field('description')}
          hint="What is in it, whom it is for, what they have to do with it. Markdown: **bold**, lists with -, headings with #. Pictures and HTML are not shown."
          rows={12}
          maxLength={20_000}
        />
        <div className="form-pair">
          <SelectField {...field('category')} defaultValue={values.category || 'other'}>
            {categories.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </SelectField>
          <SelectField {...field('language')} defaultValue={values.language || 'en'}>
            {LANGUAGES.map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </SelectField>
        </div>
        <InputField {...field('tags')} hint="Up to 10, with commas between them." maxLength={450} optional />
        <TextareaField
          {...field('versionNotes')}
          hint="What changed since buyers last looked."
          rows={3}
          maxLength={5_000}
          optional
        />
      </div>
    </Card>
  )
}
