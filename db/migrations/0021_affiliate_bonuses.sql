CREATE TABLE "affiliate_bonuses" (
	"affiliate_id" uuid NOT NULL,
	"name" text NOT NULL,
	"commission_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "affiliate_bonuses_affiliate_id_name_pk" PRIMARY KEY("affiliate_id","name"),
	CONSTRAINT "affiliate_bonuses_commission_id_unique" UNIQUE("commission_id")
);
--> statement-breakpoint
ALTER TABLE "affiliate_bonuses" ADD CONSTRAINT "affiliate_bonuses_affiliate_id_affiliates_id_fk" FOREIGN KEY ("affiliate_id") REFERENCES "public"."affiliates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliate_bonuses" ADD CONSTRAINT "affiliate_bonuses_commission_id_commissions_id_fk" FOREIGN KEY ("commission_id") REFERENCES "public"."commissions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- What was granted stays granted.
REVOKE UPDATE, DELETE, TRUNCATE ON "affiliate_bonuses" FROM "offshoot_app";
