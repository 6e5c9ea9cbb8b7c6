import { z } from 'zod'
import { MoneyJson } from '../../kit/money'
import { PageInput } from '../../kit/pages'
import { Addon, LIMITS, Plan } from '../../kit/plans'
import { Email } from '../identity/schemas'
import { GIVEN_ROLES, PERMISSIONS, ROLES } from './permissions'
import { imageFault, nameFault, slugFault, textFault } from './rules'

type Fault = (text: string) => string | null

const checked = (fault: Fault) => (text: string, check: z.RefinementCtx<string>) => {
  const message = fault(text)
  if (message !== null) check.addIssue({ code: 'custom', message })
}

/** One line that can be seen. */
export const Name = z.string().trim().superRefine(checked(nameFault))
/** Text of any lines that can be stored. */
export const longText = (max: number) => z.string().superRefine(checked((text) => textFault(text, max)))
const Description = longText(10_000)
const Image = z.string().superRefine(checked(imageFault)).nullable()
/** JSON of any members; how deep and of what is asked by the verb, whose walk no depth can overflow. */
const Json = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'Must be an object.',
)

/** What a workspace is named by from outside. Whether it is one of ours is for the verb: a 404, not a 400. */
export const WorkspaceId = z.string().max(100)

const GivenRole = z.enum(GIVEN_ROLES, { error: 'The roles are ADMIN, EDITOR and VIEWER.' })
const PermissionList = z.array(z.enum(PERMISSIONS)).max(PERMISSIONS.length)

export const InviteMemberInput = z.strictObject({ id: WorkspaceId, email: Email, role: GivenRole })
export type InviteMemberInput = z.infer<typeof InviteMemberInput>

export const InvitationAddress = z.strictObject({ id: WorkspaceId, invitationId: z.uuid() })
export type InvitationAddress = z.infer<typeof InvitationAddress>

export const MakeInviteLinkInput = z.strictObject({
  id: WorkspaceId,
  role: GivenRole,
  /** How many may join by it. */
  maxUses: z.int('A whole number.').min(1, 'At least 1.').max(100, 'At most 100.'),
})
export type MakeInviteLinkInput = z.infer<typeof MakeInviteLinkInput>

export const InviteLinkAddress = z.strictObject({ id: WorkspaceId, linkId: z.uuid() })
export type InviteLinkAddress = z.infer<typeof InviteLinkAddress>

export const MemberAddress = z.strictObject({ id: WorkspaceId, userId: z.uuid() })
export type MemberAddress = z.infer<typeof MemberAddress>

export const ChangeMemberInput = MemberAddress.extend({
  role: GivenRole.optional(),
  /** All they may; what their role may, by default. */
  permissions: PermissionList.optional(),
})
export type ChangeMemberInput = z.infer<typeof ChangeMemberInput>

export const SetRoleInput = z.strictObject({ id: WorkspaceId, role: GivenRole, permissions: PermissionList })
export type SetRoleInput = z.infer<typeof SetRoleInput>

export const InvitationToken = z.strictObject({ token: z.string().min(1).max(200) })

/** What somebody is asked to. */
export const InvitationView = z.object({
  workspaceName: z.string(),
  /** Null: not a member yet. */
  workspaceId: z.string().nullable(),
  invitedBy: z.string(),
  role: z.enum(ROLES),
  /** Who was asked; null: whoever has the link. */
  email: z.string().nullable(),
  /** Whether it is for whoever is signed in; null: nobody is. */
  isMine: z.boolean().nullable(),
  isMember: z.boolean(),
})
export type InvitationView = z.infer<typeof InvitationView>

export const JoinedWorkspace = z.object({ workspaceId: z.string(), userId: z.string() })
export type JoinedWorkspace = z.infer<typeof JoinedWorkspace>

export const CreateWorkspaceInput = z.strictObject({
  name: Name,
  description: Description.optional(),
  image: Image.optional(),
  settings: Json.optional(),
})
export type CreateWorkspaceInput = z.infer<typeof CreateWorkspaceInput>

export const UpdateWorkspaceInput = CreateWorkspaceInput.partial().extend({ id: WorkspaceId })
export type UpdateWorkspaceInput = z.infer<typeof UpdateWorkspaceInput>

export const PageAddress = z.strictObject({
  workspaceId: WorkspaceId,
  funnelId: z.string().max(100),
  pageId: z.string().max(100),
})
export type PageAddress = z.infer<typeof PageAddress>

/** What search engines and shares are told of a page; null takes a member away, what is left out stays. */
const PageSeo = z.strictObject({
  title: longText(300).nullable().optional(),
  description: longText(1_000).nullable().optional(),
  /** The picture shown where the page is shared. */
  ogImage: Image.optional(),
  noIndex: z.boolean().nullable().optional(),
})

export const UpdatePageInput = z.strictObject({
  workspaceId: WorkspaceId,
  pageId: z.string().max(100),
  name: Name.optional(),
  slug: z.string().trim().superRefine(checked(slugFault)).optional(),
  type: z.enum(['PAGE', 'RESULT']).optional(),
  seo: PageSeo.optional(),
  content: Json.optional(),
  /** The `contentVersion` that was edited: a save over a newer one is refused. */
  editedFrom: z.string().max(64).optional(),
  /** A version of its own in the history, even right after another save of one's own. */
  ownVersion: z.boolean().optional(),
})
export type UpdatePageInput = z.infer<typeof UpdatePageInput>

const Slug = z.string().trim().superRefine(checked(slugFault))
const FunnelStatus = z.enum(['DRAFT', 'LIVE', 'ARCHIVED'])
const PageType = z.enum(['PAGE', 'RESULT'])

export const FunnelAddress = z.strictObject({ workspaceId: WorkspaceId, funnelId: z.string().max(100) })
export type FunnelAddress = z.infer<typeof FunnelAddress>

export const CreateFunnelInput = z.strictObject({
  workspaceId: WorkspaceId,
  name: Name,
  slug: Slug.optional(),
})
export type CreateFunnelInput = z.infer<typeof CreateFunnelInput>

export const ChangeFunnelInput = FunnelAddress.extend({
  name: Name.optional(),
  slug: Slug.optional(),
  status: FunnelStatus.optional(),
  /** The key of a theme of the workspace, `global:KEY` for one of the platform's, or null for none. */
  theme: z.string().max(200).nullable().optional(),
  /** Members that are given take the place of those that are there. */
  settings: Json.optional(),
  tracking: z.record(z.string().max(50), z.string().trim().max(200)).optional(),
  /** What visitors have to type; null: nothing. */
  password: z.string().min(4, 'At least 4 characters.').max(256).nullable().optional(),
})
export type ChangeFunnelInput = z.infer<typeof ChangeFunnelInput>

export const MoveFunnelInput = FunnelAddress.extend({
  /** The funnel it then stands before; last without it. */
  before: z.string().max(100).optional(),
})
export type MoveFunnelInput = z.infer<typeof MoveFunnelInput>

export const CreatePageInput = FunnelAddress.extend({
  name: Name,
  slug: Slug.optional(),
  type: PageType.optional(),
})
export type CreatePageInput = z.infer<typeof CreatePageInput>

export const FunnelSettingsView = z.object({
  workspace: z.object({ id: z.string(), name: z.string(), slug: z.string() }),
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  status: FunnelStatus,
  theme: z.string().nullable(),
  themes: z.array(z.object({ key: z.string(), name: z.string() })),
  settings: Json,
  tracking: z.record(z.string(), z.string()),
  passwordProtected: z.boolean(),
  /** Protected without one: a copy or an import, which lets nobody in until there is one. */
  passwordSet: z.boolean(),
})
export type FunnelSettingsView = z.infer<typeof FunnelSettingsView>

/** One page and its history. */
export const OnePage = z.strictObject({ workspaceId: WorkspaceId, pageId: z.string().max(100) })
export type OnePage = z.infer<typeof OnePage>
export const MovePageInput = OnePage.extend({
  /** The page of the same funnel it then stands before; last without it. */
  before: z.string().max(100).optional(),
})
export type MovePageInput = z.infer<typeof MovePageInput>
export const ListPageVersionsInput = OnePage.extend(PageInput.shape)
export const ReadPageVersionInput = OnePage.extend({
  version: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1),
})
export const RestorePageInput = ReadPageVersionInput.extend({ editedFrom: z.string().max(64).optional() })
export type RestorePageInput = z.infer<typeof RestorePageInput>

export const PageVersion = z.object({
  version: z.number(),
  /** FIRST: as it was before its first edit, or was set by something else than an edit. */
  kind: z.enum(['FIRST', 'EDIT', 'RESTORE', 'UPDATE', 'UNDO']),
  by: z.string().nullable(),
  savedAt: z.string(),
  /** Equal where the content is. */
  contentVersion: z.string(),
  /** Whether the page shows just that now. */
  isShown: z.boolean(),
})
export type PageVersion = z.infer<typeof PageVersion>
export const PageVersionList = z.object({ items: z.array(PageVersion), nextCursor: z.string().nullable() })
export const PageVersionContent = PageVersion.extend({ content: Json })
export type PageVersionContent = z.infer<typeof PageVersionContent>

/** Empty: in no folder. */
const Folder = z
  .string()
  .trim()
  .max(100)
  .superRefine((text, check) => {
    if (text !== '') checked(nameFault)(text, check)
  })
/** A picture's number in its library, as text. */
const PictureId = z.string().max(20)
/** A file, in base64. How much it may be, and of what, is for the verb. */
const FileContent = z.base64()

export const ListPicturesInput = PageInput.extend({
  workspaceId: WorkspaceId,
  folder: z.string().max(200).optional(),
})
export type ListPicturesInput = z.infer<typeof ListPicturesInput>

export const AddPictureInput = z.strictObject({
  workspaceId: WorkspaceId,
  name: Name,
  folder: Folder.optional(),
  content: FileContent,
})
export type AddPictureInput = z.infer<typeof AddPictureInput>

export const ChangePictureInput = z.strictObject({
  workspaceId: WorkspaceId,
  pictureId: PictureId,
  name: Name.optional(),
  folder: Folder.optional(),
})
export type ChangePictureInput = z.infer<typeof ChangePictureInput>

export const PictureIdInput = z.strictObject({ workspaceId: WorkspaceId, pictureId: PictureId })
export type PictureIdInput = z.infer<typeof PictureIdInput>

export const ReplacePictureInput = PictureIdInput.extend({ content: FileContent })
export type ReplacePictureInput = z.infer<typeof ReplacePictureInput>

export const PictureView = z.object({
  id: z.string(),
  name: z.string(),
  /** Empty: in none. */
  folder: z.string(),
  /** At full size: what pages and settings name it by. */
  address: z.string(),
  thumbnail: z.string(),
  width: z.number(),
  height: z.number(),
  bytes: z.number(),
  createdAt: z.string(),
})
export type PictureView = z.infer<typeof PictureView>

const PictureFolder = z.object({ name: z.string(), count: z.number() })
export type PictureFolder = z.infer<typeof PictureFolder>

export const PictureList = z.object({
  items: z.array(PictureView),
  nextCursor: z.string().nullable(),
  folders: z.array(PictureFolder),
})

export const ListSubmissionsInput = PageInput.extend({ workspaceId: WorkspaceId })
export type ListSubmissionsInput = z.infer<typeof ListSubmissionsInput>

const Answer = z.object({ label: z.string(), value: z.string() })
export type Answer = z.infer<typeof Answer>

/** What a visitor filled in. */
export const Submission = z.object({
  id: z.string(),
  page: z.string(),
  /** Its heading; empty where it has none. */
  form: z.string(),
  answers: z.array(Answer),
  receivedAt: z.string(),
})
export type Submission = z.infer<typeof Submission>
export const SubmissionList = z.object({ items: z.array(Submission), nextCursor: z.string().nullable() })

export const ManualCloneInput = z
  .strictObject({
    id: WorkspaceId,
    newOwnerId: z.uuid(),
    paymentId: z.uuid().optional(),
    reason: z
      .string()
      .trim()
      .min(1)
      .superRefine(checked((text) => textFault(text, 1_000)))
      .optional(),
  })
  .refine((input) => input.paymentId !== undefined || input.reason !== undefined, {
    path: ['reason'],
    message: 'Give the payment whose copy failed, or a reason.',
  })
export type ManualCloneInput = z.infer<typeof ManualCloneInput>

export const Workspace = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  description: z.string(),
  image: z.string().nullable(),
  settings: Json,
  planType: Plan,
  status: z.enum(['ACTIVE', 'FROZEN', 'ARCHIVED', 'DELETED']),
  notForResale: z.boolean(),
  /** Made by cloning another one: bought, or given by an admin. Does not count against the plan's limit. */
  isCopy: z.boolean(),
  funnels: z.number(),
  pages: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
export type Workspace = z.infer<typeof Workspace>

/** One of a list: without the settings, which may be large. */
export const WorkspaceLine = Workspace.omit({ settings: true }).extend({
  /** What one is in it. */
  role: z.enum(ROLES),
})
export type WorkspaceLine = z.infer<typeof WorkspaceLine>

export const WorkspaceList = z.object({ items: z.array(WorkspaceLine), nextCursor: z.string().nullable() })

const PageLine = z.object({
  /** The page's key. */
  id: z.string(),
  linkingId: z.string(),
  name: z.string(),
  slug: z.string(),
  type: z.enum(['PAGE', 'RESULT']),
  visits: z.number(),
  updatedAt: z.string(),
})

export const WorkspaceTree = Workspace.omit({ funnels: true, pages: true }).extend({
  /** What one is in it, and may. */
  role: z.enum(ROLES),
  permissions: z.array(z.enum(PERMISSIONS)),
  counts: z.object({ funnels: z.number(), pages: z.number(), themes: z.number() }),
  themes: z.array(z.object({ key: z.string(), name: z.string() })),
  /** In their order; `permissions` are those the role has. */
  roleTemplates: z.array(z.object({ name: z.string(), permissions: z.array(z.string()) })),
  funnels: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      slug: z.string(),
      status: z.enum(['DRAFT', 'LIVE', 'ARCHIVED']),
      theme: z.string().nullable(),
      passwordProtected: z.boolean(),
      /** Whether any tracking id is entered; the ids themselves are in the export. */
      hasTracking: z.boolean(),
      pages: z.array(PageLine),
    }),
  ),
})
export type WorkspaceTree = z.infer<typeof WorkspaceTree>

export const PageView = PageLine.extend({
  seo: Json,
  content: Json,
  /** Names this content: to be given back as `editedFrom` with what was made of it. */
  contentVersion: z.string(),
  workspace: z.object({ id: z.string(), name: z.string(), slug: z.string() }),
  funnel: z.object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    /** A theme of the workspace, or a global one. */
    theme: z.object({ name: z.string(), tokens: Json }).nullable(),
  }),
  /** The links in the content, each once; `target` is null when the page is no longer there. */
  links: z.array(
    z.object({
      href: z.string(),
      target: z
        .object({
          pageId: z.string(),
          name: z.string(),
          slug: z.string(),
          funnelId: z.string(),
          linkingId: z.string(),
        })
        .nullable(),
    }),
  ),
})
export type PageView = z.infer<typeof PageView>

export const MakeReleaseInput = z.strictObject({
  workspaceId: WorkspaceId,
  /** “Version N” when it is left out. */
  label: Name.optional(),
  notes: z
    .string()
    .trim()
    .superRefine(checked((text) => textFault(text, 5_000)))
    .optional(),
})
export type MakeReleaseInput = z.infer<typeof MakeReleaseInput>

export const ListReleasesInput = PageInput.extend({ workspaceId: WorkspaceId })
export type ListReleasesInput = z.infer<typeof ListReleasesInput>

export const Release = z.object({
  id: z.string(),
  number: z.number(),
  label: z.string(),
  notes: z.string(),
  createdAt: z.string(),
  /** Of the workspace then. */
  name: z.string(),
  funnels: z.number(),
  pages: z.number(),
  /** How many copies were made of it, and how many owners of older ones took it. */
  sold: z.number(),
  taken: z.number(),
})
export type Release = z.infer<typeof Release>

export const ReleaseList = z.object({
  items: z.array(Release),
  nextCursor: z.string().nullable(),
  /** Whether a release now would be another one than the latest. */
  hasChanged: z.boolean(),
})
export type ReleaseList = z.infer<typeof ReleaseList>

/** Choices by the keys of the items and clashes that `readUpdate` names. */
const Choices = z.record(z.string().max(500), z.string().max(20))

export const UpdateInput = z.strictObject({ workspaceId: WorkspaceId, choices: Choices.optional() })
export type UpdateInput = z.infer<typeof UpdateInput>
export const TakeUpdateInput = UpdateInput.extend({
  /** As `readUpdate` told it: what was looked at is what is taken. */
  seen: z.string().max(64),
})
export type TakeUpdateInput = z.infer<typeof TakeUpdateInput>
const FieldDiff = z.object({
  name: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
})
const BlockDiff = z.object({
  /** Empty: the page itself. */
  id: z.string(),
  type: z.string(),
  change: z.enum(['added', 'removed', 'changed', 'moved']),
  fields: z.array(FieldDiff),
})
const ReleaseLine = z.object({ id: z.string(), label: z.string(), notes: z.string(), createdAt: z.string() })
const Texts = z.array(z.object({ name: z.string(), text: z.string() })).nullable()

/** What there is to take into a copy, and what it would become. */
export const UpdateView = z.object({
  workspace: z.object({ id: z.string(), name: z.string(), frozen: z.boolean() }),
  isCopy: z.boolean(),
  seller: z.string().nullable(),
  /** What the copy is of: null for a state before the first release. */
  taken: ReleaseLine.nullable(),
  /** The latest, if it is another one. */
  release: ReleaseLine.nullable(),
  /** All releases that come with it, the oldest first. */
  since: z.array(ReleaseLine),
  undo: z.object({ label: z.string(), takenAt: z.string() }).nullable(),
  update: z
    .object({
      seen: z.string(),
      items: z.array(
        z.object({
          key: z.string(),
          kind: z.enum(['workspace', 'theme', 'role', 'funnel', 'page']),
          name: z.string(),
          within: z.string().nullable(),
          change: z.enum(['ADDED', 'CHANGED', 'BOTH_CHANGED', 'REMOVED', 'GONE']),
          options: z.array(z.enum(['take', 'keep', 'merge', 'remove'])),
          choice: z.enum(['take', 'keep', 'merge', 'remove']),
          note: z.string().nullable(),
          clashes: z.array(
            z.object({
              key: z.string(),
              kind: z.enum(['block', 'field']),
              name: z.string(),
              type: z.string(),
              choice: z.enum(['mine', 'theirs']),
              /** Null: it is not there (any more). */
              theirs: Texts,
              mine: Texts,
            }),
          ),
          /** What the seller changed: of the thing itself, and of a page block by block. */
          fields: z.array(FieldDiff),
          blocks: z.array(BlockDiff),
        }),
      ),
      /** What taking it by these choices would do. */
      outcome: z.array(
        z.object({
          kind: z.enum(['workspace', 'theme', 'role', 'funnel', 'page', 'picture']),
          name: z.string(),
          what: z.enum(['added', 'removed', 'changed', 'moved']),
        }),
      ),
    })
    .nullable(),
})
export type UpdateView = z.infer<typeof UpdateView>

export const UpdatedPageInput = UpdateInput.extend({ pageId: z.string().max(100) })
export const UpdatedPage = z.object({
  name: z.string(),
  isTouched: z.boolean(),
  /** What it would show; null where it stays as it is. */
  after: Json.nullable(),
  changes: z.array(BlockDiff),
})
export type UpdatedPage = z.infer<typeof UpdatedPage>

export const UpdateDone = z.object({ changes: z.number() })

const FoundTrace = z.object({
  kind: z.enum(['TRACKING', 'KEY', 'MAIL', 'WEBHOOK', 'OWN_SITE']),
  /** In words, and where it can be opened. */
  where: z.string(),
  funnelId: z.string().nullable(),
  pageId: z.string().nullable(),
  path: z.string(),
  excerpt: z.string(),
})
export type FoundTrace = z.infer<typeof FoundTrace>
/** What would reach buyers and probably should not. */
export const TraceReport = z.object({ found: z.array(FoundTrace), more: z.boolean() })
export type TraceReport = z.infer<typeof TraceReport>

export const CloneResult = z.object({
  cloneId: z.string(),
  clonedWorkspaceId: z.string(),
  clonedWorkspaceName: z.string(),
  clonedWorkspaceSlug: z.string(),
  funnelsCloned: z.number(),
  pagesCloned: z.number(),
  message: z.string(),
  /** What the buyer has to see to, in words. */
  needsInput: z.array(z.string()),
})
export type CloneResult = z.infer<typeof CloneResult>

/** Where a copy came from, told to its owner. */
export const CloneReport = z.object({
  copiedAt: z.string(),
  /** The name of whoever sold or gave it. */
  from: z.string(),
  bought: z.boolean(),
  /** As many as there were then. */
  funnels: z.number(),
  pages: z.number(),
  copied: z.array(z.string()),
  reset: z.array(z.string()),
  notCopied: z.array(z.string()),
  /** What is not entered yet, in words. */
  needsInput: z.array(z.string()),
})
export type CloneReport = z.infer<typeof CloneReport>

/** How much of one limit is used, how much is left, and what would raise it. */
export const LimitUsage = z.object({
  what: z.enum(LIMITS),
  used: z.number().int(),
  /** Null: there is no such limit. */
  limit: z.number().int().nullable(),
  left: z.number().int().nullable(),
  /** The workspace or funnel in which most is used; null: it counts over all, or it is said which. */
  where: z.string().nullable(),
  /** Why there can be no further one, and what would raise the limit; null when there can. */
  refusal: z.string().nullable(),
  /** The higher plans that allow more; null: any number. */
  plans: z.array(z.object({ planType: Plan, limit: z.number().int().nullable() })),
  /** What raises it by how many; the price is that of one a month. Null: nothing can, for there is no limit. */
  addon: z
    .object({
      addon: Addon,
      /** What one of it gives. */
      words: z.string(),
      by: z.number().int(),
      price: MoneyJson,
      /** How many of it are paid for. */
      have: z.number().int(),
    })
    .nullable(),
})
export type LimitUsage = z.infer<typeof LimitUsage>

/** How many workspaces count against the plan, and how many may. */
export const WorkspaceUsage = LimitUsage.extend({ planType: Plan })
export type WorkspaceUsage = z.infer<typeof WorkspaceUsage>

export const MembersView = z.object({
  workspace: z.object({ id: z.string(), name: z.string(), isCopy: z.boolean() }),
  /** One's own. */
  role: z.enum(ROLES),
  permissions: z.array(z.enum(PERMISSIONS)),
  manages: z.boolean(),
  /** Seats of the owner's plan, over all their workspaces. */
  usage: LimitUsage,
  members: z.array(
    z.object({
      userId: z.string(),
      name: z.string(),
      /** Null: not for who does not manage members. */
      email: z.string().nullable(),
      role: z.enum(ROLES),
      permissions: z.array(z.enum(PERMISSIONS)),
      isMe: z.boolean(),
      canChange: z.boolean(),
      joinedAt: z.string(),
    }),
  ),
  roles: z.array(
    z.object({ role: z.enum(GIVEN_ROLES), permissions: z.array(z.enum(PERMISSIONS)), canGive: z.boolean() }),
  ),
  /** Not answered yet; `OWNER`: the workspace is offered to them. */
  invitations: z.array(
    z.object({ id: z.string(), email: z.string(), role: z.enum(ROLES), expiresAt: z.string() }),
  ),
  links: z.array(
    z.object({
      id: z.string(),
      role: z.enum(ROLES),
      url: z.string(),
      uses: z.number().int(),
      maxUses: z.number().int(),
      expiresAt: z.string(),
    }),
  ),
})
export type MembersView = z.infer<typeof MembersView>

/** What is used and left in one workspace, and what of it is only to be read. */
export const WorkspaceLimits = z.object({
  planType: Plan,
  funnels: LimitUsage,
  pages: z.array(z.object({ funnelId: z.string(), usage: LimitUsage })),
  /** Why the whole workspace is only to be read, as there are more than the plan allows; null: it is not. */
  readOnly: z.string().nullable(),
  /** Ids of funnels and keys of pages over the limit, the newest. */
  readOnlyFunnels: z.array(z.string()),
  readOnlyPages: z.array(z.string()),
})
export type WorkspaceLimits = z.infer<typeof WorkspaceLimits>

/** The workspace document (offshoot.workspace/1) as it is exported. */
export interface WorkspaceDocument {
  readonly format: 'offshoot.workspace/1'
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly description: string
  readonly image: string | null
  readonly settings: Record<string, unknown>
  readonly themes: readonly { key: string; name: string; tokens: Record<string, unknown> }[]
  readonly roleTemplates: readonly { name: string; permissions: Record<string, boolean> }[]
  /** Only where there are some. */
  readonly pictures?: readonly { name: string; folder: string; address: string }[]
  readonly funnels: readonly {
    id: string
    name: string
    slug: string
    status: 'DRAFT' | 'LIVE' | 'ARCHIVED'
    theme: string | null
    settings: Record<string, unknown>
    tracking: Record<string, string>
    passwordProtected: boolean
    pages: readonly {
      id: string
      key: string
      linkingId: string
      visits: number
      name: string
      slug: string
      type: 'PAGE' | 'RESULT'
      seo: Record<string, unknown>
      content: Record<string, unknown>
    }[]
  }[]
}
export const WorkspaceDocument = z.custom<WorkspaceDocument>(() => true)
