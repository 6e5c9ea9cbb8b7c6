-- What refunds and disputes may become, who may write them, and what an earlier version gave back. Hand-written.
INSERT INTO "state_transitions" VALUES
  ('payments', 'REFUNDED', 'DISPUTED'),
  ('payment_refunds', 'REQUESTED', 'PENDING'), ('payment_refunds', 'REQUESTED', 'SUCCEEDED'), ('payment_refunds', 'REQUESTED', 'FAILED'), ('payment_refunds', 'REQUESTED', 'CANCELED'),
  ('payment_refunds', 'PENDING', 'SUCCEEDED'), ('payment_refunds', 'PENDING', 'FAILED'), ('payment_refunds', 'PENDING', 'CANCELED'),
  ('payment_refunds', 'SUCCEEDED', 'FAILED'), ('payment_refunds', 'SUCCEEDED', 'CANCELED'),
  ('payment_disputes', 'NO_MONEY_MOVED', 'OPEN'), ('payment_disputes', 'NO_MONEY_MOVED', 'WON'), ('payment_disputes', 'NO_MONEY_MOVED', 'LOST'),
  ('payment_disputes', 'OPEN', 'WON'), ('payment_disputes', 'OPEN', 'LOST')
ON CONFLICT DO NOTHING;
--> statement-breakpoint
CREATE TRIGGER "payment_refunds_transition" BEFORE UPDATE OF "status" ON "payment_refunds"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
CREATE TRIGGER "payment_disputes_transition" BEFORE UPDATE OF "status" ON "payment_disputes"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
-- What was given back before refunds had rows of their own stays given back.
UPDATE "payments" SET "reported_refund_amount" = "refunded_amount" WHERE "refunded_amount" > 0;
--> statement-breakpoint
-- The grant of the first guards covered the tables of then. Refunds and disputes are never deleted.
GRANT SELECT, INSERT, UPDATE ON "payment_refunds", "payment_disputes" TO "offshoot_app";
