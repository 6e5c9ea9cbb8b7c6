import { useId } from 'react'
import type { BlockProps } from './blocks'
import { SendForm } from './FormBlock'
import { usePage } from './page-context'
import { keyed, Section } from './parts'

type Question = BlockProps<'Quiz'>['questions'][number]

/** Questions whose answers lead to a result: the page that most of the chosen answers speak for. */
export const Quiz = ({
  id,
  title,
  text,
  questions,
  submit,
}: BlockProps<'Quiz'> & { readonly id: string | null }) => {
  const { sendTo } = usePage()
  const to = id === null ? null : sendTo(id)
  return (
    <Section title={title} text={text} className="fp-form fp-quiz">
      <SendForm to={to}>
        {keyed(questions).map(({ key, item }) => (
          <QuizQuestion key={key} name={`q${key}`} question={item} />
        ))}
        <button type="submit" className="fp-button">
          {submit ?? 'See your result'}
        </button>
      </SendForm>
      {to === null && <p className="fp-note">A preview: this quiz takes no answers.</p>}
    </Section>
  )
}

const QuizQuestion = ({ name, question }: { readonly name: string; readonly question: Question }) => {
  const id = useId()
  return (
    <fieldset className="fp-question">
      <legend>{question.question}</legend>
      {keyed(question.answers).map(({ key, item }) => (
        <div key={key} className="fp-check">
          <input
            id={`${id}-${key}`}
            type={question.multiple ? 'checkbox' : 'radio'}
            name={name}
            value={key}
            required={!question.multiple}
          />{' '}
          <label htmlFor={`${id}-${key}`}>{item.label}</label>
        </div>
      ))}
    </fieldset>
  )
}
