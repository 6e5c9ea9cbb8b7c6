import { Badge } from '~/components/ui'
import type { UpdateView } from '../../../server/domain/workspace/schemas'
import type { UpdateItemView } from './update-choices'

type Item = UpdateItemView
type Clash = Item['clashes'][number]
type Block = Item['blocks'][number]
type Line = NonNullable<UpdateView['update']>['outcome'][number]

const CHANGES: Readonly<Record<Item['change'], string>> = {
  ADDED: 'New',
  CHANGED: 'Changed by the seller',
  BOTH_CHANGED: 'Changed by both of you',
  REMOVED: 'Removed by the seller',
  GONE: 'You removed it; the seller changed it',
}

const OPTIONS: Readonly<Record<Item['change'], Partial<Record<Item['choice'], string>>>> = {
  ADDED: { take: 'Add it', keep: 'Leave it out' },
  CHANGED: { take: 'Move forward', keep: 'Stay as it is' },
  BOTH_CHANGED: { merge: 'Merge both', keep: 'Keep mine', take: 'Replace with theirs' },
  REMOVED: { keep: 'Keep it', remove: 'Remove it too' },
  GONE: { keep: 'Leave it removed', take: 'Bring it back' },
}

const KINDS: Readonly<Record<Line['kind'], string>> = {
  workspace: 'Workspace',
  theme: 'Theme',
  role: 'Role',
  funnel: 'Funnel',
  page: 'Page',
  picture: 'Picture',
}

/** One thing the seller changed: what, what may be done about it, and where both changed the same. */
export const UpdateItem = ({ item }: { readonly item: Item }) => {
  const title =
    item.kind === 'workspace' ? 'Name, description and settings' : `${KINDS[item.kind]} “${item.name}”`
  return (
    <li className="update">
      <fieldset>
        <legend>
          {title} {item.within !== null && <span className="muted">in {item.within}</span>}{' '}
          <Badge tone={item.change === 'BOTH_CHANGED' ? 'warning' : 'neutral'}>{CHANGES[item.change]}</Badge>
        </legend>
        <div className="update-options">
          {item.options.map((option) => (
            <label key={option}>
              <input
                type="radio"
                name={`choice ${item.key}`}
                value={option}
                defaultChecked={option === item.choice}
              />{' '}
              {OPTIONS[item.change][option]}
            </label>
          ))}
        </div>
        {item.note !== null && <p className="muted">{item.note}</p>}
      </fieldset>
      {item.clashes.map((clash) => (
        <ClashChoice key={clash.key} clash={clash} />
      ))}
      {(item.fields.length > 0 || item.blocks.length > 0) && (
        <details>
          <summary>What the seller changed in {title}</summary>
          <div className="stack">
            {item.fields.length > 0 && <Fields fields={item.fields} />}
            {item.blocks.map((block) => (
              <BlockChange key={block.id} block={block} />
            ))}
          </div>
        </details>
      )}
    </li>
  )
}

const ClashChoice = ({ clash }: { readonly clash: Clash }) => (
  <fieldset className="clash">
    <legend>
      {clash.kind === 'block'
        ? `Both changed ${clash.type === '' ? 'the page' : `the block ${clash.type}`}`
        : `Both changed ${clash.name}`}
    </legend>
    <div className="clash-sides">
      {(['mine', 'theirs'] as const).map((side) => (
        <div key={side}>
          <label>
            <input
              type="radio"
              name={`choice ${clash.key}`}
              value={side}
              defaultChecked={clash.choice === side}
            />{' '}
            {side === 'mine' ? 'Mine' : 'Theirs'}
          </label>
          <Texts texts={clash[side]} />
        </div>
      ))}
    </div>
  </fieldset>
)

const Texts = ({ texts }: { readonly texts: Clash['mine'] }) =>
  texts === null ? (
    <p className="muted">Removed</p>
  ) : (
    <dl className="texts">
      {texts.map(({ name, text }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )

const BLOCK_CHANGES: Readonly<Record<Block['change'], string>> = {
  added: 'Added',
  removed: 'Removed',
  changed: 'Changed',
  moved: 'Moved',
}

const BlockChange = ({ block }: { readonly block: Block }) => (
  <div>
    <p>
      <strong>
        {BLOCK_CHANGES[block.change]}: {block.type}
      </strong>
    </p>
    {block.fields.length > 0 && <Fields fields={block.fields} />}
  </div>
)

const Fields = ({ fields }: { readonly fields: Block['fields'] }) => (
  <dl className="texts">
    {fields.map(({ name, before, after }) => (
      <div key={name}>
        <dt>{name}</dt>
        {before !== null && (
          <dd>
            <span className="visually-hidden">before: </span>
            <del>{before}</del>
          </dd>
        )}
        {after !== null && (
          <dd>
            <span className="visually-hidden">after: </span>
            <ins>{after}</ins>
          </dd>
        )}
      </div>
    ))}
  </dl>
)

const WHAT: Readonly<Record<Line['what'], string>> = {
  added: 'is added',
  removed: 'is removed',
  changed: 'changes',
  moved: 'changes its place',
}

/** What taking a release would do to the copy, line by line. */
export const Outcome = ({ lines }: { readonly lines: readonly Line[] }) =>
  lines.length === 0 ? (
    <p className="muted">Nothing of your copy changes; it counts as up to date from then on.</p>
  ) : (
    <ul>
      {lines.slice(0, 100).map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two pages may have one name
        <li key={i}>
          {line.kind === 'workspace' ? 'The workspace' : `${KINDS[line.kind]} “${line.name}”`}{' '}
          {WHAT[line.what]}
        </li>
      ))}
      {lines.length > 100 && <li>… and {lines.length - 100} more.</li>}
    </ul>
  )
