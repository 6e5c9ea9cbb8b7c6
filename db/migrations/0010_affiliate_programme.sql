CREATE TABLE "affiliate_codes" (
	"code" text PRIMARY KEY NOT NULL,
	"affiliate_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "affiliate_codes_form" CHECK ("affiliate_codes"."code" ~ '^[a-z0-9][a-z0-9_-]{1,62}[a-z0-9]$')
);
--> statement-breakpoint
ALTER TABLE "affiliates" ADD COLUMN "payment_email" text;--> statement-breakpoint
ALTER TABLE "affiliates" ADD COLUMN "terms_version" text;--> statement-breakpoint
ALTER TABLE "affiliates" ADD COLUMN "terms_accepted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "affiliates" ADD COLUMN "recruiter_id" uuid;--> statement-breakpoint
ALTER TABLE "affiliates" ADD COLUMN "status_reason" text;--> statement-breakpoint
ALTER TABLE "affiliates" ADD COLUMN "status_changed_by" uuid;--> statement-breakpoint
ALTER TABLE "affiliates" ADD COLUMN "status_changed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "affiliate_codes" ADD CONSTRAINT "affiliate_codes_affiliate_id_affiliates_id_fk" FOREIGN KEY ("affiliate_id") REFERENCES "public"."affiliates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "affiliate_codes_affiliate" ON "affiliate_codes" USING btree ("affiliate_id");--> statement-breakpoint
ALTER TABLE "affiliates" ADD CONSTRAINT "affiliates_recruiter_id_affiliates_id_fk" FOREIGN KEY ("recruiter_id") REFERENCES "public"."affiliates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliates" ADD CONSTRAINT "affiliates_status_changed_by_users_id_fk" FOREIGN KEY ("status_changed_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "affiliates_list" ON "affiliates" USING btree ("status","created_at","id");--> statement-breakpoint
CREATE INDEX "affiliates_recruiter" ON "affiliates" USING btree ("recruiter_id") WHERE "affiliates"."recruiter_id" is not null;--> statement-breakpoint
ALTER TABLE "affiliates" ADD CONSTRAINT "affiliates_not_own_recruit" CHECK ("affiliates"."recruiter_id" is distinct from "affiliates"."id");