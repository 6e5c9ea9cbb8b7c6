CREATE TABLE "payout_batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"made_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "withdrawals" DROP CONSTRAINT "withdrawals_sent";--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "batch_id" uuid;--> statement-breakpoint
ALTER TABLE "payout_batches" ADD CONSTRAINT "payout_batches_made_by_users_id_fk" FOREIGN KEY ("made_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "payout_batches_time" ON "payout_batches" USING btree ("created_at","id");--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_batch_id_payout_batches_id_fk" FOREIGN KEY ("batch_id") REFERENCES "public"."payout_batches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "withdrawals_batch" ON "withdrawals" USING btree ("batch_id") WHERE "withdrawals"."batch_id" is not null;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_sent" CHECK ("withdrawals"."status" <> 'PROCESSING' or num_nonnulls("withdrawals"."provider", "withdrawals"."batch_id") = 1);--> statement-breakpoint

-- A batch stands as it was made, and a withdrawal in one is never in another.
CREATE TRIGGER "payout_batches_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "payout_batches"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "withdrawals_batched_once" BEFORE UPDATE OF "batch_id" ON "withdrawals"
  FOR EACH ROW WHEN (old."batch_id" IS NOT NULL AND old."batch_id" IS DISTINCT FROM new."batch_id") EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON "payout_batches" FROM "offshoot_app";
