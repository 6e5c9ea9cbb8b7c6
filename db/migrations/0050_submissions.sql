CREATE TABLE "form_submissions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" bigint NOT NULL,
	"page_no" integer NOT NULL,
	"page_name" text NOT NULL,
	"block_id" text NOT NULL,
	"form_title" text NOT NULL,
	"answers" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "form_submissions" ADD CONSTRAINT "form_submissions_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "form_submissions_list" ON "form_submissions" USING btree ("workspace_id","created_at","id");