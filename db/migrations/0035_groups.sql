CREATE TABLE "affiliate_group_terms" (
	"id" uuid PRIMARY KEY NOT NULL,
	"group_id" uuid NOT NULL,
	"rate_percentage" numeric(5, 2) NOT NULL,
	"window_days" integer NOT NULL,
	"hold_days" integer NOT NULL,
	"min_withdrawals" jsonb NOT NULL,
	"reason" text NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "affiliate_group_terms_rate" CHECK ("affiliate_group_terms"."rate_percentage" between 0 and 100),
	CONSTRAINT "affiliate_group_terms_days" CHECK ("affiliate_group_terms"."window_days" between 1 and 30 and "affiliate_group_terms"."hold_days" between 0 and 365)
);
--> statement-breakpoint
CREATE TABLE "affiliate_groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"invite" text NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "affiliate_groups_name_unique" UNIQUE("name"),
	CONSTRAINT "affiliate_groups_invite_unique" UNIQUE("invite")
);
--> statement-breakpoint
ALTER TABLE "affiliates" ADD COLUMN "group_id" uuid;--> statement-breakpoint
ALTER TABLE "affiliate_group_terms" ADD CONSTRAINT "affiliate_group_terms_group_id_affiliate_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."affiliate_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliate_group_terms" ADD CONSTRAINT "affiliate_group_terms_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliate_groups" ADD CONSTRAINT "affiliate_groups_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "affiliate_group_terms_last" ON "affiliate_group_terms" USING btree ("group_id","created_at","id");--> statement-breakpoint
ALTER TABLE "affiliates" ADD CONSTRAINT "affiliates_group_id_affiliate_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."affiliate_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "affiliates_group" ON "affiliates" USING btree ("group_id") WHERE "affiliates"."group_id" is not null;--> statement-breakpoint
-- What a group's terms were can always be told.
REVOKE UPDATE, DELETE, TRUNCATE ON "affiliate_group_terms" FROM "offshoot_app";--> statement-breakpoint
REVOKE DELETE, TRUNCATE ON "affiliate_groups" FROM "offshoot_app";
