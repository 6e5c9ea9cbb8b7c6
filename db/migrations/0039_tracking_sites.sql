ALTER TYPE "public"."api_key_scope" ADD VALUE 'track';--> statement-breakpoint
CREATE TABLE "sign_ups_elsewhere" (
	"id" uuid PRIMARY KEY NOT NULL,
	"mailbox" "bytea" NOT NULL,
	"affiliate_id" uuid NOT NULL,
	"rate_percentage" numeric(5, 2) NOT NULL,
	"hold_days" integer NOT NULL,
	"code" text NOT NULL,
	"clicked_at" timestamp (3) with time zone NOT NULL,
	"origin" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "sign_ups_elsewhere_mailbox_unique" UNIQUE("mailbox")
);
--> statement-breakpoint
CREATE TABLE "tracking_sites" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"public_key" text NOT NULL,
	"origins" text[] NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "tracking_sites_public_key_unique" UNIQUE("public_key"),
	CONSTRAINT "tracking_sites_origins" CHECK (cardinality("tracking_sites"."origins") between 1 and 20)
);
--> statement-breakpoint
ALTER TABLE "sign_ups_elsewhere" ADD CONSTRAINT "sign_ups_elsewhere_affiliate_id_affiliates_id_fk" FOREIGN KEY ("affiliate_id") REFERENCES "public"."affiliates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tracking_sites" ADD CONSTRAINT "tracking_sites_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sign_ups_elsewhere_affiliate" ON "sign_ups_elsewhere" USING btree ("affiliate_id","created_at");