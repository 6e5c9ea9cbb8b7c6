ALTER TYPE "public"."workspace_status" ADD VALUE 'RELEASE';--> statement-breakpoint
CREATE TABLE "page_versions" (
	"workspace_id" bigint NOT NULL,
	"page_no" integer NOT NULL,
	"version_no" integer NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"kind" text NOT NULL,
	"author_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL,
	"edited_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "page_versions_workspace_id_page_no_version_no_pk" PRIMARY KEY("workspace_id","page_no","version_no")
);
--> statement-breakpoint
CREATE TABLE "workspace_releases" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" bigint NOT NULL,
	"number" integer,
	"label" text NOT NULL,
	"notes" text NOT NULL,
	"frozen_id" bigint NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"created_by_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "workspace_releases_frozen_id_unique" UNIQUE("frozen_id"),
	CONSTRAINT "workspace_releases_number" UNIQUE("workspace_id","number")
);
--> statement-breakpoint
CREATE TABLE "workspace_update_contents" (
	"update_id" uuid NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "workspace_update_contents_update_id_content_hash_pk" PRIMARY KEY("update_id","content_hash")
);
--> statement-breakpoint
CREATE TABLE "workspace_updates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" bigint NOT NULL,
	"release_id" uuid NOT NULL,
	"base_release_id" uuid,
	"changes" jsonb,
	"taken_by_id" uuid NOT NULL,
	"taken_at" timestamp (3) with time zone NOT NULL,
	"undone_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "funnels" ADD COLUMN "origin_no" integer;--> statement-breakpoint
ALTER TABLE "page_contents" ADD COLUMN "orphaned_xid" bigint;--> statement-breakpoint
ALTER TABLE "pages" ADD COLUMN "origin_no" integer;--> statement-breakpoint
ALTER TABLE "role_templates" ADD COLUMN "origin_no" integer;--> statement-breakpoint
ALTER TABLE "themes" ADD COLUMN "origin_no" integer;--> statement-breakpoint
ALTER TABLE "workspace_clones" ADD COLUMN "release_id" uuid;--> statement-breakpoint
ALTER TABLE "page_versions" ADD CONSTRAINT "page_versions_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_update_contents" ADD CONSTRAINT "workspace_update_contents_update_id_workspace_updates_id_fk" FOREIGN KEY ("update_id") REFERENCES "public"."workspace_updates"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_updates" ADD CONSTRAINT "workspace_updates_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "workspace_releases_fingerprint" ON "workspace_releases" USING btree ("workspace_id","fingerprint");--> statement-breakpoint
CREATE INDEX "workspace_updates_workspace" ON "workspace_updates" USING btree ("workspace_id","id");