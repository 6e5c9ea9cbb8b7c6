-- How a withdrawal may move on; where its money goes never changes.
INSERT INTO "state_transitions" VALUES
  ('withdrawals', 'REQUESTED', 'APPROVED'), ('withdrawals', 'REQUESTED', 'REJECTED'), ('withdrawals', 'REQUESTED', 'CANCELLED'),
  ('withdrawals', 'APPROVED', 'ON_HOLD'), ('withdrawals', 'APPROVED', 'PROCESSING'), ('withdrawals', 'APPROVED', 'PAID'),
  ('withdrawals', 'APPROVED', 'FAILED'),
  ('withdrawals', 'ON_HOLD', 'APPROVED'), ('withdrawals', 'ON_HOLD', 'REJECTED'),
  ('withdrawals', 'PROCESSING', 'PAID'), ('withdrawals', 'PROCESSING', 'FAILED'),
  ('withdrawals', 'PAID', 'RETURNED');
--> statement-breakpoint
CREATE TRIGGER "withdrawals_transition" BEFORE UPDATE OF "status" ON "withdrawals"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
CREATE TRIGGER "withdrawals_fixed" BEFORE UPDATE OF "id", "user_id", "amount", "currency", "method_id", "created_at" ON "withdrawals"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "withdrawals_kept" BEFORE DELETE OR TRUNCATE ON "withdrawals"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "payout_methods_fixed" BEFORE UPDATE OF "id", "user_id", "kind", "sealed", "masked", "hold_until", "created_at" ON "payout_methods"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "payout_methods", "withdrawals" TO "offshoot_app";

--> statement-breakpoint
REVOKE DELETE, TRUNCATE ON "payout_methods", "withdrawals", "payment_refunds", "payment_disputes" FROM "offshoot_app";
