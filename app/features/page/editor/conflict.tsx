import { createUsePuck, type Data } from '@puckeditor/core'
import { useState } from 'react'
import { Alert, Button, Time } from '~/components/ui'
import { PageContent } from '../PageContent'
import type { Theirs } from './send-page'

const usePuck = createUsePuck()

interface ConflictProps {
  readonly theirs: Theirs
  readonly onKeepMine: () => void
  readonly onTakeTheirs: (setData: (data: Data) => void) => void
}

/** Somebody saved the page since it was opened here: what each way would do, and a look at theirs. */
export const Conflict = ({ theirs, onKeepMine, onTakeTheirs }: ConflictProps) => {
  const [looking, setLooking] = useState(false)
  const dispatch = usePuck(({ dispatch }) => dispatch)
  const { page, by, savedAt } = theirs
  return (
    <div className="page-editor-conflict">
      <Alert tone="warning" title="Somebody saved this page while you edited it">
        <p>
          {by ?? 'Somebody'} saved it
          {savedAt !== null && (
            <>
              {' '}
              on <Time value={savedAt} withTime />
            </>
          )}
          , perhaps in another tab. Nothing is lost: theirs is in the page’s history, yours is still here.
        </p>
        <div className="actions">
          <Button type="button" size="small" onClick={() => setLooking(!looking)} aria-expanded={looking}>
            {looking ? 'Hide theirs' : 'Look at theirs'}
          </Button>
          <Button type="button" size="small" variant="primary" onClick={onKeepMine}>
            Keep mine, as a new save
          </Button>
          <Button
            type="button"
            size="small"
            onClick={() => onTakeTheirs((data) => dispatch({ type: 'setData', data, recordHistory: true }))}
          >
            Take theirs
          </Button>
        </div>
        <p className="muted">After taking theirs, Undo brings yours back.</p>
      </Alert>
      {looking && (
        <section className="page-editor-theirs" aria-label="What they saved">
          <PageContent
            content={page.content}
            hrefOf={() => null}
            theme={page.funnel.theme?.tokens}
            titleLevel={2}
            name={page.name}
          />
        </section>
      )}
    </div>
  )
}
