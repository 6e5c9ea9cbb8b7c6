CREATE TYPE "public"."commission_verdict" AS ENUM('RELEASED', 'REFUSED');--> statement-breakpoint
ALTER TABLE "commissions" ADD COLUMN "suspicion" jsonb;--> statement-breakpoint
ALTER TABLE "commissions" ADD COLUMN "verdict" "commission_verdict";--> statement-breakpoint
ALTER TABLE "commissions" ADD COLUMN "verdict_reason" text;--> statement-breakpoint
ALTER TABLE "commissions" ADD COLUMN "judged_by" uuid;--> statement-breakpoint
ALTER TABLE "commissions" ADD COLUMN "judged_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "payer_mark" "bytea";--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "card_mark" "bytea";--> statement-breakpoint
ALTER TABLE "commissions" ADD CONSTRAINT "commissions_judged_by_users_id_fk" FOREIGN KEY ("judged_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "commissions_suspected" ON "commissions" USING btree ("created_at","id") WHERE "commissions"."suspicion" is not null;--> statement-breakpoint
CREATE INDEX "payments_card" ON "payments" USING btree ("card_mark") WHERE "payments"."card_mark" is not null;--> statement-breakpoint
ALTER TABLE "commissions" ADD CONSTRAINT "commissions_judged" CHECK (num_nulls("commissions"."verdict", "commissions"."verdict_reason", "commissions"."judged_by", "commissions"."judged_at") in (0, 4) and ("commissions"."suspicion" is not null or "commissions"."verdict" is null));--> statement-breakpoint
ALTER TABLE "commissions" ADD CONSTRAINT "commissions_unjudged" CHECK ("commissions"."suspicion" is null or "commissions"."verdict" is not distinct from 'RELEASED' or "commissions"."credited_at" is null);--> statement-breakpoint
ALTER TABLE "commissions" ADD CONSTRAINT "commissions_refused" CHECK ("commissions"."verdict" is distinct from 'REFUSED' or "commissions"."reversed_amount" = "commissions"."amount");
--> statement-breakpoint

-- What speaks against a share is written with it, and what an admin made of it stands.
CREATE FUNCTION "commissions_judged_once"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a verdict on a commission stands' USING ERRCODE = 'check_violation';
END $$;

--> statement-breakpoint

CREATE TRIGGER "commissions_judged_once" BEFORE UPDATE OF "suspicion", "verdict", "verdict_reason", "judged_by", "judged_at" ON "commissions"
  FOR EACH ROW WHEN (old."suspicion" IS DISTINCT FROM new."suspicion" OR (old."verdict" IS NOT NULL AND
    (old."verdict", old."verdict_reason", old."judged_by", old."judged_at") IS DISTINCT FROM
    (new."verdict", new."verdict_reason", new."judged_by", new."judged_at"))) EXECUTE FUNCTION "commissions_judged_once"();
