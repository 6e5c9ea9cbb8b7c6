import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import {
  Button,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  DescriptionList,
  EmptyState,
  FormErrors,
  InputField,
  PageHeader,
  TextareaField,
  Time,
} from '~/components/ui'
import {
  ADDON_TITLES,
  amountsText,
  DOCUMENTED,
  FEE_KINDS,
  isSettingName,
  LIMIT_TITLES,
  LIMITED_PLANS,
  levelsText,
  PROGRAM,
  readSetting,
  settingWords,
  stepsText,
} from '~/features/admin/program'
import { PAYOUT_KINDS } from '~/features/money/withdrawals'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { decimalText } from '~/lib/format'
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths, withQuery } from '~/lib/paths'
import type { ProgramChange, SettingName } from '../../server/domain/program/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Programme')

export const loader = async (args: LoaderFunctionArgs) => {
  const program = await load(args, (api) => api.program.get())
  const asked = new URL(args.request.url).searchParams.get('setting') ?? ''
  return json({ program, setting: isSettingName(asked) ? asked : null })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { setting, reason, from } = textFields(form, ['setting', 'reason', 'from'])
  if (!isSettingName(setting)) throw new Response('There is no such setting.', { status: 400 })
  const { value, faults } = readSetting(setting, form)
  const values = Object.fromEntries(
    [...form].flatMap(([name, typed]) => (typeof typed === 'string' ? [[name, typed] as const] : [])),
  )
  if (Object.keys(faults).length > 0)
    return json<FormFailure>(
      { code: 'INVALID_INPUT', formError: 'Some of this is not valid.', fieldErrors: faults, values },
      { status: 400 },
    )
  try {
    await apiOf(context).program.change({
      [setting]: value,
      reason,
      ...(from === ''
        ? {}
        : { effectiveFrom: /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(from) ? `${from}:00Z` : from }),
    })
  } catch (error) {
    const failure = await formFailure(error, request, values).json()
    const placed = Object.entries(failure.fieldErrors).map(([path, message]) => [placeOf(path), message])
    return json<FormFailure>({ ...failure, fieldErrors: Object.fromEntries(placed) }, { status: 422 })
  }
  return redirect(withNotice(paths.admin('program'), 'program-changed'))
}

/** Where on the form it is: payoutFees.PAYPAL.fixed.USD → PAYPAL.fixed, planLimits.FREE.members → FREE.members. */
const placeOf = (path: string): string => {
  if (path === 'effectiveFrom') return 'from'
  const [, kind, part] = path.split('.')
  if (path.startsWith('planLimits.')) return `${kind}.${part ?? 'workspaces'}`
  if (path.startsWith('addonPrices.')) return kind ?? 'value'
  return path.startsWith('payoutFees.') ? `${kind}.${part ?? 'fixed'}` : path === 'reason' ? path : 'value'
}

const Program = () => {
  const { program, setting } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Programme"
        description="Rates, hold, limits and fees. What is set here takes over from the environment’s settings, from its moment on; nothing that counted before is changed."
        actions={<ButtonLink to={paths.admin('program/what-if')}>Try out other rates</ButtonLink>}
      />
      {setting !== null && <Change setting={setting} />}
      <Card flush title="What counts now">
        <DataTable
          caption="The settings of the programme"
          columns={SETTINGS}
          rows={(Object.keys(PROGRAM) as SettingName[]).map((name) => ({
            name,
            value: present(name, program),
            source: program.sources[name] ?? null,
          }))}
          rowKey={({ name }) => name}
          empty={null}
        />
      </Card>
      {program.upcoming.length > 0 && (
        <Card
          flush
          title="What is to come"
          description="To call one off, set the present value for the same moment: of two the later made counts."
        >
          <DataTable
            caption="Changes that will count from a later moment, the nearest first"
            columns={CHANGES}
            rows={program.upcoming}
            rowKey={({ id }) => id}
            empty={null}
          />
        </Card>
      )}
      <Card flush title="History" description="Every change, newest first.">
        <DataTable
          caption="Changes of the programme, newest first"
          columns={CHANGES}
          rows={program.history}
          rowKey={({ id }) => id}
          empty={
            <EmptyState title="Nothing was changed yet" action={null}>
              All settings are the environment’s, or the defaults. Choose “Change” beside one to set it.
            </EmptyState>
          }
        />
      </Card>
    </>
  )
}

export default Program

type Shown = ReturnType<typeof useLoaderData<typeof loader>>['program']

const present = (name: SettingName, program: Shown): string =>
  name === 'minWithdrawals'
    ? [amountsText(program.minWithdrawals), `${program.minWithdrawalOfOthers} of any other currency`]
        .filter((part) => part !== '')
        .join(', ')
    : settingWords(name, program[name])

interface SettingRow {
  readonly name: SettingName
  readonly value: string
  readonly source: ProgramChange | null
}

const SETTINGS: readonly Column<SettingRow>[] = [
  {
    header: 'Setting',
    rowHeader: true,
    cell: ({ name }) => (
      <>
        {PROGRAM[name].title}
        <p className="muted">{PROGRAM[name].effect}</p>
      </>
    ),
  },
  { header: 'Now', cell: ({ value }) => value },
  {
    header: 'From',
    cell: ({ source }) =>
      source === null ? (
        'The environment, or the default'
      ) : (
        <>
          {source.changedBy.name}, <Time value={source.effectiveFrom} withTime />
        </>
      ),
  },
  {
    header: 'Change',
    cell: ({ name }) => (
      <ButtonLink to={withQuery(paths.admin('program'), { setting: name })}>
        Change<span className="visually-hidden">: {PROGRAM[name].title}</span>
      </ButtonLink>
    ),
  },
]

const CHANGES: readonly Column<ProgramChange>[] = [
  { header: 'Setting', rowHeader: true, cell: ({ name }) => PROGRAM[name].title },
  { header: 'Value', cell: ({ name, value }) => settingWords(name, value) },
  { header: 'Counts from', cell: ({ effectiveFrom }) => <Time value={effectiveFrom} withTime /> },
  {
    header: 'By',
    cell: ({ changedBy, createdAt }) => (
      <>
        {changedBy.name}, <Time value={createdAt} withTime />
      </>
    ),
  },
  { header: 'Why', cell: ({ reason }) => reason || <span className="muted">–</span> },
]

const Change = ({ setting }: { readonly setting: SettingName }) => {
  const { program } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const { title, effect } = PROGRAM[setting]
  const wrong: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  const typed: Readonly<Record<string, string>> = failure?.values.setting === setting ? failure.values : {}
  return (
    <Card title={`Change: ${title}`} description={effect}>
      <div className="stack">
        <DescriptionList items={[{ term: 'Now', value: present(setting, program) }]} />
        <FormErrors failure={failure} labels={{ value: title, from: 'Counts from', reason: 'Reason' }} />
        <Form
          method="post"
          className="form"
          key={setting}
          action={withQuery(paths.admin('program'), { setting })}
        >
          <input type="hidden" name="setting" value={setting} />
          <Value setting={setting} typed={typed} wrong={wrong} />
          <InputField
            name="from"
            label="Counts from (UTC)"
            type="datetime-local"
            hint="Empty: at once. Never in the past."
            error={wrong.from}
            defaultValue={typed.from}
            optional
          />
          <InputField
            name="reason"
            label="Reason"
            hint="Stands in the history."
            error={wrong.reason}
            defaultValue={typed.reason}
            maxLength={500}
            optional
          />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Changing…' : 'Change it'}
            </Button>
            <ButtonLink to={paths.admin('program')}>Leave it</ButtonLink>
          </div>
        </Form>
      </div>
    </Card>
  )
}

interface ValueProps {
  readonly setting: SettingName
  readonly typed: Readonly<Record<string, string>>
  readonly wrong: Readonly<Record<string, string>>
}

const Value = ({ setting, typed, wrong }: ValueProps) => {
  const { program } = useLoaderData<typeof loader>()
  const { kind, title, hint } = PROGRAM[setting]
  if (kind === 'methods')
    return (
      <fieldset className="field">
        <legend>{title}</legend>
        {Object.entries(DOCUMENTED).map(([value, words]) => (
          <label key={value} className="check">
            <input
              type="checkbox"
              name="value"
              value={value}
              defaultChecked={(program.payoutDocumentsFor as string[]).includes(value)}
            />{' '}
            {words}
          </label>
        ))}
      </fieldset>
    )
  if (kind === 'switch')
    return (
      <label className="check">
        <input type="checkbox" name="value" defaultChecked={program.leaderboardAmounts} /> Show them
      </label>
    )
  if (kind === 'fees')
    return FEE_KINDS.map((method) => (
      <div className="form-pair" key={method}>
        <InputField
          name={`${method}.percentage`}
          label={`${PAYOUT_KINDS[method]}: per cent`}
          inputMode="decimal"
          error={wrong[`${method}.percentage`]}
          defaultValue={typed[`${method}.percentage`] ?? program.payoutFees[method]?.percentage ?? ''}
          optional
        />
        <InputField
          name={`${method}.fixed`}
          label={`${PAYOUT_KINDS[method]}: fixed`}
          hint="Such as USD 0.25, EUR 0.20."
          error={wrong[`${method}.fixed`]}
          defaultValue={typed[`${method}.fixed`] ?? amountsText(program.payoutFees[method]?.fixed ?? {})}
          optional
        />
      </div>
    ))
  if (kind === 'levels')
    return (
      <TextareaField
        name="value"
        label={title}
        hint={hint}
        rows={4}
        error={wrong.value}
        defaultValue={typed.value ?? levelsText(program.sellerLevels)}
        optional
      />
    )
  if (kind === 'tiers' || kind === 'bonuses')
    return (
      <TextareaField
        name="value"
        label={title}
        hint={hint}
        rows={6}
        error={wrong.value}
        defaultValue={
          typed.value ?? stepsText(kind === 'tiers' ? program.referralTiers : program.affiliateBonuses)
        }
        optional
      />
    )
  if (kind === 'limits')
    return Object.entries(LIMITED_PLANS).map(([plan, name]) => (
      <fieldset className="field" key={plan}>
        <legend>{name}</legend>
        {Object.entries(LIMIT_TITLES).map(([what, words]) => (
          <InputField
            key={what}
            name={`${plan}.${what}`}
            label={`${name}: ${words}`}
            hint={hint}
            inputMode="numeric"
            error={wrong[`${plan}.${what}`]}
            defaultValue={
              typed[`${plan}.${what}`] ??
              program.planLimits[plan as keyof typeof LIMITED_PLANS][what as keyof typeof LIMIT_TITLES] ??
              ''
            }
            optional
          />
        ))}
      </fieldset>
    ))
  if (kind === 'prices')
    return Object.entries(ADDON_TITLES).map(([addon, words]) => (
      <InputField
        key={addon}
        name={addon}
        label={`${words}, in USD a month`}
        hint={hint}
        inputMode="decimal"
        error={wrong[addon]}
        defaultValue={
          typed[addon] ??
          decimalText({
            amount: program.addonPrices[addon as keyof typeof ADDON_TITLES],
            currency: 'USD',
          })
        }
      />
    ))
  const now = program[setting]
  return (
    <InputField
      name="value"
      label={kind === 'percentage' ? `${title}, in per cent` : title}
      hint={hint ?? 'From 0 to 100, with at most two decimals.'}
      inputMode={kind === 'percentage' ? 'decimal' : kind === 'amounts' ? 'text' : 'numeric'}
      error={wrong.value}
      defaultValue={
        typed.value ?? (typeof now === 'object' ? amountsText(now as Record<string, number>) : String(now))
      }
      optional={kind === 'amounts'}
    />
  )
}
