import { Form, useNavigation } from '@remix-run/react'
import { Button, Card, FormErrors, TextareaField } from '~/components/ui'
import type { FormFailure } from '~/lib/forms'

interface ReviewFormProps {
  readonly title: string
  readonly hint: string
  readonly failure: FormFailure | undefined
}

/** Asks an admin to look at who referred somebody. */
export const ReviewForm = ({ title, hint, failure }: ReviewFormProps) => {
  const busy = useNavigation().state === 'submitting'
  return (
    <Card title={title} description="An admin looks at it and answers by mail.">
      <FormErrors failure={failure} labels={{ message: 'What is wrong?' }} />
      <Form method="post" className="form">
        <TextareaField
          name="message"
          label="What is wrong?"
          hint={hint}
          rows={4}
          maxLength={2_000}
          error={failure?.fieldErrors.message}
          defaultValue={failure?.values.message}
        />
        <div className="actions">
          <Button aria-busy={busy}>{busy ? 'Asking…' : 'Ask for a review'}</Button>
        </div>
      </Form>
    </Card>
  )
}
