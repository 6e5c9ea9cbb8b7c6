-- How an affiliate's account may go on; a code once given is given for good.
INSERT INTO "state_transitions" VALUES
  ('affiliates', 'PENDING', 'APPROVED'), ('affiliates', 'PENDING', 'REJECTED'),
  ('affiliates', 'REJECTED', 'APPROVED'),
  ('affiliates', 'APPROVED', 'SUSPENDED'), ('affiliates', 'SUSPENDED', 'APPROVED');
--> statement-breakpoint
CREATE TRIGGER "affiliates_transition" BEFORE UPDATE OF "status" ON "affiliates"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
INSERT INTO "affiliate_codes" ("code", "affiliate_id", "created_at")
  SELECT "code", "id", "created_at" FROM "affiliates" ON CONFLICT DO NOTHING;
--> statement-breakpoint
ALTER TABLE "affiliates" ADD CONSTRAINT "affiliates_code_known" FOREIGN KEY ("code") REFERENCES "affiliate_codes"("code")
  DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
CREATE TRIGGER "affiliate_codes_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "affiliate_codes"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON "affiliate_codes" FROM "offshoot_app";
--> statement-breakpoint
REVOKE DELETE, TRUNCATE ON "affiliates", "attributions" FROM "offshoot_app";
