CREATE TYPE "public"."proof_scope" AS ENUM('INCREMENTAL', 'FULL');--> statement-breakpoint
CREATE TYPE "public"."tax_form" AS ENUM('W9', 'W8BEN', 'W8BENE');--> statement-breakpoint
CREATE TABLE "issued_statements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"currency" char(3) NOT NULL,
	"period_from" timestamp (3) with time zone NOT NULL,
	"period_to" timestamp (3) with time zone NOT NULL,
	"timezone" text NOT NULL,
	"document" text NOT NULL,
	"key_id" text NOT NULL,
	"signature" text NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "issued_statements_period" UNIQUE("user_id","currency","period_from","period_to"),
	CONSTRAINT "issued_statements_range" CHECK ("issued_statements"."period_to" > "issued_statements"."period_from")
);
--> statement-breakpoint
CREATE TABLE "ledger_proofs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"scope" "proof_scope" NOT NULL,
	"ok" boolean NOT NULL,
	"checked" jsonb NOT NULL,
	"violations" jsonb NOT NULL,
	"seal_no" bigint,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ledger_seal_proposal" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"upto_transfer_id" bigint NOT NULL,
	"xmax_then" bigint NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "ledger_seal_proposal_one" CHECK ("ledger_seal_proposal"."one")
);
--> statement-breakpoint
CREATE TABLE "ledger_seals" (
	"no" bigint PRIMARY KEY NOT NULL,
	"from_transfer_id" bigint NOT NULL,
	"upto_transfer_id" bigint NOT NULL,
	"transfers" bigint NOT NULL,
	"entries" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	"sealed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "ledger_seals_from" UNIQUE("from_transfer_id"),
	CONSTRAINT "ledger_seals_range" CHECK ("ledger_seals"."upto_transfer_id" > "ledger_seals"."from_transfer_id")
);
--> statement-breakpoint
CREATE TABLE "ledger_snapshots" (
	"seal_no" bigint NOT NULL,
	"account_id" bigint NOT NULL,
	"balance" bigint NOT NULL,
	"entries" bigint NOT NULL,
	CONSTRAINT "ledger_snapshots_seal_no_account_id_pk" PRIMARY KEY("seal_no","account_id")
);
--> statement-breakpoint
CREATE TABLE "connected_accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"mode" text NOT NULL,
	"external_id" text NOT NULL,
	"details_submitted" boolean DEFAULT false NOT NULL,
	"payouts_enabled" boolean DEFAULT false NOT NULL,
	"told_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "connected_accounts_user" UNIQUE("user_id","provider","mode"),
	CONSTRAINT "connected_accounts_external" UNIQUE("provider","mode","external_id")
);
--> statement-breakpoint
CREATE TABLE "payout_documents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"method_id" uuid NOT NULL,
	"name" text NOT NULL,
	"media_type" text NOT NULL,
	"bytes" integer NOT NULL,
	"sealed" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tax_profiles" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"form" "tax_form" NOT NULL,
	"country" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"masked" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"replaced_at" timestamp (3) with time zone,
	CONSTRAINT "tax_profiles_country" CHECK ("tax_profiles"."country" ~ '^[A-Z]{2}$')
);
--> statement-breakpoint
CREATE TABLE "program_settings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"value" jsonb NOT NULL,
	"effective_from" timestamp (3) with time zone NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"changed_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "program_settings_not_before" CHECK ("program_settings"."effective_from" >= "program_settings"."created_at")
);
--> statement-breakpoint
ALTER TABLE "withdrawals" ALTER COLUMN "fee" SET DEFAULT 0;--> statement-breakpoint
UPDATE "withdrawals" SET "fee" = 0 WHERE "fee" IS NULL;--> statement-breakpoint
ALTER TABLE "withdrawals" ALTER COLUMN "fee" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "attributions" ADD COLUMN "hold_days" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "attributions" ADD COLUMN "earns_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "ledger_accounts" ADD COLUMN "identity" "bytea";--> statement-breakpoint
ALTER TABLE "ledger_accounts" ADD COLUMN "earned" bigint;--> statement-breakpoint
ALTER TABLE "ledger_accounts" ADD COLUMN "closed_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "ledger_transfers" ADD COLUMN "hash" "bytea";--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "provider_fee" bigint;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "first_approved_by" uuid;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "first_approved_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "provider" text;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "provider_ref" text;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "sent_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "issued_statements" ADD CONSTRAINT "issued_statements_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_snapshots" ADD CONSTRAINT "ledger_snapshots_seal_no_ledger_seals_no_fk" FOREIGN KEY ("seal_no") REFERENCES "public"."ledger_seals"("no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_snapshots" ADD CONSTRAINT "ledger_snapshots_account_id_ledger_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."ledger_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connected_accounts" ADD CONSTRAINT "connected_accounts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_documents" ADD CONSTRAINT "payout_documents_method_id_payout_methods_id_fk" FOREIGN KEY ("method_id") REFERENCES "public"."payout_methods"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tax_profiles" ADD CONSTRAINT "tax_profiles_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "program_settings" ADD CONSTRAINT "program_settings_changed_by_users_id_fk" FOREIGN KEY ("changed_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ledger_entries_line" ON "ledger_entries" USING btree ("account_id","line_type","created_at","seq") WHERE "ledger_entries"."line_type" is not null;--> statement-breakpoint
CREATE INDEX "ledger_proofs_time" ON "ledger_proofs" USING btree ("started_at");--> statement-breakpoint
CREATE INDEX "payout_documents_method" ON "payout_documents" USING btree ("method_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tax_profiles_current" ON "tax_profiles" USING btree ("user_id") WHERE "tax_profiles"."replaced_at" is null;--> statement-breakpoint
CREATE INDEX "program_settings_name" ON "program_settings" USING btree ("name","effective_from","created_at","id");--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_first_approved_by_users_id_fk" FOREIGN KEY ("first_approved_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "withdrawals_provider_ref" ON "withdrawals" USING btree ("provider","provider_ref") WHERE "withdrawals"."provider_ref" is not null;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_fee" CHECK ("withdrawals"."fee" >= 0 and "withdrawals"."fee" < "withdrawals"."amount");--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_two_persons" CHECK ("withdrawals"."first_approved_by" is null or ("withdrawals"."first_approved_by" <> "withdrawals"."user_id" and "withdrawals"."first_approved_by" is distinct from "withdrawals"."approved_by"));--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_sent" CHECK ("withdrawals"."status" <> 'PROCESSING' or "withdrawals"."provider" is not null);