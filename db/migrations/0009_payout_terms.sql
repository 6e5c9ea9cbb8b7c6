-- What is told once stays told: settings of the programme, tax details, documents, and what a withdrawal costs.
CREATE TRIGGER "program_settings_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "program_settings"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "payout_documents_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "payout_documents"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "tax_profiles_fixed" BEFORE UPDATE OF "id", "user_id", "form", "country", "sealed", "masked", "created_at" ON "tax_profiles"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "withdrawals_fee_fixed" BEFORE UPDATE OF "fee" ON "withdrawals"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "connected_accounts_fixed" BEFORE UPDATE OF "id", "user_id", "provider", "mode", "external_id", "created_at" ON "connected_accounts"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON "program_settings", "payout_documents" FROM "offshoot_app";
--> statement-breakpoint
REVOKE DELETE, TRUNCATE ON "tax_profiles", "connected_accounts" FROM "offshoot_app";
