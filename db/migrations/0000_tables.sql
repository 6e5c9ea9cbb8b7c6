CREATE TYPE "public"."affiliate_status" AS ENUM('PENDING', 'APPROVED', 'REJECTED', 'SUSPENDED');--> statement-breakpoint
CREATE TYPE "public"."commission_kind" AS ENUM('SALE', 'REFERRAL', 'OVERRIDE', 'BONUS');--> statement-breakpoint
CREATE TYPE "public"."commission_status" AS ENUM('PENDING', 'CREDITED', 'PARTIALLY_REVERSED', 'REVERSED');--> statement-breakpoint
CREATE TYPE "public"."link_status" AS ENUM('ACTIVE', 'REVOKED', 'EXPIRED', 'EXHAUSTED');--> statement-breakpoint
CREATE TYPE "public"."account_kind" AS ENUM('available', 'pending', 'withdrawing', 'provider', 'revenue', 'fees', 'tax', 'paid_out', 'adjustments');--> statement-breakpoint
CREATE TYPE "public"."balance_transaction_type" AS ENUM('COMMISSION', 'WITHDRAWAL', 'ADJUSTMENT', 'REFUND');--> statement-breakpoint
CREATE TYPE "public"."frequency" AS ENUM('MONTHLY', 'YEARLY');--> statement-breakpoint
CREATE TYPE "public"."offer_mode" AS ENUM('ONE_OFF', 'SUBSCRIPTION');--> statement-breakpoint
CREATE TYPE "public"."payment_type" AS ENUM('PLAN_PURCHASE', 'PLAN_RENEWAL', 'ADDON_PURCHASE', 'ADDON_RENEWAL', 'WORKSPACE_PURCHASE', 'WORKSPACE_RENEWAL');--> statement-breakpoint
CREATE TYPE "public"."plan" AS ENUM('FREE', 'BUSINESS', 'AGENCY');--> statement-breakpoint
CREATE TYPE "public"."provider_mode" AS ENUM('sandbox', 'test', 'live');--> statement-breakpoint
CREATE TYPE "public"."user_role" AS ENUM('USER', 'ADMIN');--> statement-breakpoint
CREATE TYPE "public"."token_purpose" AS ENUM('VERIFY_EMAIL', 'RESET_PASSWORD', 'OPEN_PURCHASE');--> statement-breakpoint
CREATE TYPE "public"."mail_status" AS ENUM('QUEUED', 'SENT', 'DEAD');--> statement-breakpoint
CREATE TYPE "public"."order_status" AS ENUM('OPEN', 'PAID', 'FULFILLED', 'EXPIRED', 'FAILED');--> statement-breakpoint
CREATE TYPE "public"."payment_status" AS ENUM('PENDING', 'CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'DISPUTED', 'FAILED');--> statement-breakpoint
CREATE TYPE "public"."subscription_status" AS ENUM('TRIALING', 'ACTIVE', 'PAST_DUE', 'CANCELLED');--> statement-breakpoint
CREATE TYPE "public"."webhook_status" AS ENUM('RECEIVED', 'PROCESSED', 'IGNORED', 'QUARANTINED', 'DEAD');--> statement-breakpoint
CREATE TYPE "public"."funnel_status" AS ENUM('DRAFT', 'LIVE', 'ARCHIVED');--> statement-breakpoint
CREATE TYPE "public"."page_type" AS ENUM('PAGE', 'RESULT');--> statement-breakpoint
CREATE TYPE "public"."workspace_role" AS ENUM('OWNER', 'ADMIN', 'EDITOR', 'VIEWER');--> statement-breakpoint
CREATE TYPE "public"."workspace_status" AS ENUM('ACTIVE', 'FROZEN', 'ARCHIVED', 'DELETED');--> statement-breakpoint
CREATE TABLE "affiliate_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seller_id" uuid NOT NULL,
	"workspace_id" bigint NOT NULL,
	"name" text NOT NULL,
	"status" "link_status" DEFAULT 'ACTIVE' NOT NULL,
	"plan_type" "plan" NOT NULL,
	"offer_mode" "offer_mode" NOT NULL,
	"price_amount" bigint NOT NULL,
	"price_currency" char(3) NOT NULL,
	"frequency" "frequency",
	"frequency_interval" integer,
	"free_trial_period_in_days" integer DEFAULT 0 NOT NULL,
	"commission_percentage" numeric(5, 2) NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"max_uses" integer,
	"uses" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "affiliate_links_name" UNIQUE("seller_id","name"),
	CONSTRAINT "affiliate_links_price" CHECK ("affiliate_links"."price_amount" >= 0),
	CONSTRAINT "affiliate_links_rate" CHECK ("affiliate_links"."commission_percentage" between 0 and 100),
	CONSTRAINT "affiliate_links_period" CHECK (("affiliate_links"."offer_mode" = 'SUBSCRIPTION') = ("affiliate_links"."frequency" is not null)),
	CONSTRAINT "affiliate_links_uses" CHECK ("affiliate_links"."max_uses" is null or "affiliate_links"."max_uses" >= 1)
);
--> statement-breakpoint
CREATE TABLE "affiliates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"code" text NOT NULL,
	"status" "affiliate_status" DEFAULT 'PENDING' NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "affiliates_user_id_unique" UNIQUE("user_id"),
	CONSTRAINT "affiliates_code_unique" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "attributions" (
	"customer_id" uuid PRIMARY KEY NOT NULL,
	"affiliate_id" uuid NOT NULL,
	"rate_percentage" numeric(5, 2) NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "commissions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid,
	"kind" "commission_kind" NOT NULL,
	"status" "commission_status" NOT NULL,
	"beneficiary_id" uuid NOT NULL,
	"currency" char(3) NOT NULL,
	"base_amount" bigint NOT NULL,
	"rate_percentage" numeric(5, 2) NOT NULL,
	"amount" bigint NOT NULL,
	"reversed_amount" bigint DEFAULT 0 NOT NULL,
	"explanation" jsonb NOT NULL,
	"hold_until" timestamp (3) with time zone NOT NULL,
	"credited_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "commissions_once" UNIQUE("payment_id","beneficiary_id"),
	CONSTRAINT "commissions_amount" CHECK ("commissions"."amount" > 0 and "commissions"."amount" <= "commissions"."base_amount"),
	CONSTRAINT "commissions_reversed" CHECK ("commissions"."reversed_amount" between 0 and "commissions"."amount"),
	CONSTRAINT "commissions_source" CHECK (("commissions"."kind" = 'BONUS') = ("commissions"."payment_id" is null))
);
--> statement-breakpoint
CREATE TABLE "activity_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid,
	"user_id" uuid,
	"actor_kind" text NOT NULL,
	"action" text NOT NULL,
	"description" text NOT NULL,
	"subject_type" text,
	"subject_id" text,
	"before" jsonb,
	"after" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ledger_accounts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ledger_accounts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" "account_kind" NOT NULL,
	"user_id" uuid,
	"name" text DEFAULT '' NOT NULL,
	"currency" char(3) NOT NULL,
	"balance" bigint,
	"version" bigint,
	"head" "bytea",
	CONSTRAINT "ledger_accounts_identity" UNIQUE NULLS NOT DISTINCT("kind","user_id","name","currency"),
	CONSTRAINT "ledger_accounts_owner" CHECK (("ledger_accounts"."kind" in ('available', 'pending', 'withdrawing')) = ("ledger_accounts"."user_id" is not null)),
	CONSTRAINT "ledger_accounts_running" CHECK (("ledger_accounts"."user_id" is null) = ("ledger_accounts"."balance" is null)),
	CONSTRAINT "ledger_accounts_currency" CHECK ("ledger_accounts"."currency" ~ '^[A-Z]{3}$')
);
--> statement-breakpoint
CREATE TABLE "ledger_entries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ledger_entries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"transfer_id" bigint NOT NULL,
	"account_id" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"amount" bigint NOT NULL,
	"line_type" "balance_transaction_type",
	"balance_before" bigint,
	"balance_after" bigint,
	"seq" bigint,
	"hash" "bytea",
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "ledger_entries_amount" CHECK ("ledger_entries"."amount" <> 0),
	CONSTRAINT "ledger_entries_running" CHECK ("ledger_entries"."balance_after" = "ledger_entries"."balance_before" + "ledger_entries"."amount"),
	CONSTRAINT "ledger_entries_withdrawal_covered" CHECK ("ledger_entries"."line_type" is distinct from 'WITHDRAWAL' or "ledger_entries"."amount" > 0 or "ledger_entries"."balance_after" >= 0)
);
--> statement-breakpoint
CREATE TABLE "ledger_transfers" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ledger_transfers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"idempotency_key" text NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"kind" text NOT NULL,
	"currency" char(3) NOT NULL,
	"reference_type" text NOT NULL,
	"reference_id" text NOT NULL,
	"notes" text DEFAULT '' NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "ledger_transfers_idempotency_key_unique" UNIQUE("idempotency_key")
);
--> statement-breakpoint
CREATE TABLE "auth_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"purpose" "token_purpose" NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"email" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	"replaced" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "auth_tokens_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"granted_plan" "plan",
	"paid_plan" "plan" DEFAULT 'FREE' NOT NULL,
	"trial_ends_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id_hash" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"absolute_expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "sessions_id_hashed" CHECK ("sessions"."id_hash" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"email" text NOT NULL,
	"first_name" text NOT NULL,
	"last_name" text NOT NULL,
	"role" "user_role" DEFAULT 'USER' NOT NULL,
	"password_hash" text,
	"email_verified_at" timestamp (3) with time zone,
	"commission_percentage" numeric(5, 2) NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "users_email_unique" UNIQUE("email"),
	CONSTRAINT "users_email_lower" CHECK ("users"."email" = lower("users"."email")),
	CONSTRAINT "users_password_argon2id" CHECK ("users"."password_hash" is null or "users"."password_hash" like '$argon2id$%'),
	CONSTRAINT "users_commission_range" CHECK ("users"."commission_percentage" between 0 and 100)
);
--> statement-breakpoint
CREATE TABLE "mails" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"status" "mail_status" DEFAULT 'QUEUED' NOT NULL,
	"to_address" text NOT NULL,
	"template" text NOT NULL,
	"data" jsonb NOT NULL,
	"subject" text,
	"text" text,
	"html" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	CONSTRAINT "mails_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"status" "order_status" DEFAULT 'OPEN' NOT NULL,
	"payment_type" "payment_type" NOT NULL,
	"provider" text NOT NULL,
	"mode" "provider_mode" NOT NULL,
	"buyer_id" uuid,
	"email" text NOT NULL,
	"first_name" text NOT NULL,
	"last_name" text NOT NULL,
	"buyer_key" text NOT NULL,
	"offer_key" text NOT NULL,
	"attempt" text,
	"affiliate_link_id" uuid,
	"workspace_id" bigint,
	"seller_id" uuid,
	"commission_percentage" numeric(5, 2),
	"plan_type" "plan" NOT NULL,
	"offer_mode" "offer_mode" NOT NULL,
	"price_amount" bigint NOT NULL,
	"price_currency" char(3) NOT NULL,
	"frequency" "frequency",
	"frequency_interval" integer,
	"free_trial_period_in_days" integer DEFAULT 0 NOT NULL,
	"checkout_ref" text,
	"checkout_url" text,
	"failure" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"paid_at" timestamp (3) with time zone,
	"fulfilled_at" timestamp (3) with time zone,
	CONSTRAINT "orders_attempt" UNIQUE("buyer_key","offer_key","attempt"),
	CONSTRAINT "orders_checkout" UNIQUE("provider","mode","checkout_ref"),
	CONSTRAINT "orders_price" CHECK ("orders"."price_amount" >= 0)
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"type" "payment_type" NOT NULL,
	"status" "payment_status" NOT NULL,
	"provider" text NOT NULL,
	"mode" "provider_mode" NOT NULL,
	"external_id" text NOT NULL,
	"payment_intent_id" text,
	"charge_id" text,
	"invoice_id" text,
	"subscription_id" text,
	"buyer_id" uuid NOT NULL,
	"seller_id" uuid,
	"workspace_id" bigint,
	"currency" char(3) NOT NULL,
	"captured_amount" bigint NOT NULL,
	"tax_amount" bigint NOT NULL,
	"base_amount" bigint NOT NULL,
	"refunded_amount" bigint DEFAULT 0 NOT NULL,
	"fee_amount" bigint,
	"withheld" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"paid_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "payments_external" UNIQUE("provider","mode","external_id"),
	CONSTRAINT "payments_base" CHECK ("payments"."base_amount" = "payments"."captured_amount" - "payments"."tax_amount"),
	CONSTRAINT "payments_amounts" CHECK ("payments"."tax_amount" >= 0 and "payments"."base_amount" >= 0),
	CONSTRAINT "payments_refunded" CHECK ("payments"."refunded_amount" between 0 and "payments"."captured_amount")
);
--> statement-breakpoint
CREATE TABLE "provider_customers" (
	"provider" text NOT NULL,
	"mode" "provider_mode" NOT NULL,
	"buyer_key" text NOT NULL,
	"external_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "provider_customers_buyer" UNIQUE("provider","mode","buyer_key")
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"mode" "provider_mode" NOT NULL,
	"external_id" text NOT NULL,
	"order_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"plan" "plan" NOT NULL,
	"status" "subscription_status" NOT NULL,
	"current_period_end" timestamp (3) with time zone,
	"cancel_at_period_end" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "subscriptions_external" UNIQUE("provider","mode","external_id")
);
--> statement-breakpoint
CREATE TABLE "sandbox_deliveries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sandbox_deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"provider" text NOT NULL,
	"event_id" text NOT NULL,
	"url" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	"delivered" boolean DEFAULT false NOT NULL,
	"last_status" integer,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sandbox_idempotency_keys" (
	"provider" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer,
	"body" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "sandbox_idempotency_keys_provider_key_pk" PRIMARY KEY("provider","key")
);
--> statement-breakpoint
CREATE TABLE "sandbox_objects" (
	"id" text PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"type" text NOT NULL,
	"body" jsonb NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "sandbox_objects_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "jobs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"payload" jsonb NOT NULL,
	"run_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"lease_token" uuid,
	"leased_until" timestamp (3) with time zone,
	"dead_at" timestamp (3) with time zone,
	"last_error" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "jobs_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "webhook_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"event_id" text NOT NULL,
	"type" text NOT NULL,
	"api_version" text,
	"livemode" boolean NOT NULL,
	"status" "webhook_status" DEFAULT 'RECEIVED' NOT NULL,
	"body" text NOT NULL,
	"body_sha256" "bytea" NOT NULL,
	"outcome" text,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"processed_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_events_once" UNIQUE("provider","event_id")
);
--> statement-breakpoint
CREATE TABLE "funnels" (
	"workspace_id" bigint NOT NULL,
	"funnel_no" integer NOT NULL,
	"position" integer NOT NULL,
	"name" text NOT NULL,
	"slug" text NOT NULL,
	"status" "funnel_status" NOT NULL,
	"theme_no" integer,
	"global_theme_key" text,
	"settings" jsonb NOT NULL,
	"tracking" jsonb NOT NULL,
	"password_protected" boolean NOT NULL,
	"password_hash" text,
	CONSTRAINT "funnels_workspace_id_funnel_no_pk" PRIMARY KEY("workspace_id","funnel_no"),
	CONSTRAINT "funnels_slug" UNIQUE("workspace_id","slug"),
	CONSTRAINT "funnels_one_theme" CHECK ("funnels"."theme_no" is null or "funnels"."global_theme_key" is null)
);
--> statement-breakpoint
CREATE TABLE "global_themes" (
	"key" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"tokens" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "page_contents" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"body" jsonb NOT NULL,
	"bytes" integer NOT NULL,
	"orphaned_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "page_contents_sha256" CHECK (octet_length("page_contents"."hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "pages" (
	"workspace_id" bigint NOT NULL,
	"page_no" integer NOT NULL,
	"funnel_no" integer NOT NULL,
	"position" integer NOT NULL,
	"name" text NOT NULL,
	"slug" text NOT NULL,
	"type" "page_type" NOT NULL,
	"seo" jsonb NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"origin_hash" "bytea",
	"visits" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "pages_workspace_id_page_no_pk" PRIMARY KEY("workspace_id","page_no"),
	CONSTRAINT "pages_slug" UNIQUE("workspace_id","funnel_no","slug")
);
--> statement-breakpoint
CREATE TABLE "role_templates" (
	"workspace_id" bigint NOT NULL,
	"role_no" integer NOT NULL,
	"name" text NOT NULL,
	"permissions" jsonb NOT NULL,
	CONSTRAINT "role_templates_workspace_id_role_no_pk" PRIMARY KEY("workspace_id","role_no")
);
--> statement-breakpoint
CREATE TABLE "themes" (
	"workspace_id" bigint NOT NULL,
	"theme_no" integer NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"tokens" jsonb NOT NULL,
	CONSTRAINT "themes_workspace_id_theme_no_pk" PRIMARY KEY("workspace_id","theme_no"),
	CONSTRAINT "themes_key" UNIQUE("workspace_id","key")
);
--> statement-breakpoint
CREATE TABLE "workspace_clones" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source_workspace_id" bigint NOT NULL,
	"copy_workspace_id" bigint NOT NULL,
	"seller_id" uuid NOT NULL,
	"buyer_id" uuid NOT NULL,
	"payment_id" uuid,
	"reason" text,
	"cloned_by_id" uuid,
	"funnels_cloned" integer NOT NULL,
	"pages_cloned" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "workspace_clones_copy_workspace_id_unique" UNIQUE("copy_workspace_id"),
	CONSTRAINT "workspace_clones_payment_id_unique" UNIQUE("payment_id"),
	CONSTRAINT "workspace_clones_why" CHECK ("workspace_clones"."payment_id" is not null or "workspace_clones"."reason" is not null)
);
--> statement-breakpoint
CREATE TABLE "workspace_members" (
	"workspace_id" bigint NOT NULL,
	"user_id" uuid NOT NULL,
	"role" "workspace_role" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "workspace_members_workspace_id_user_id_pk" PRIMARY KEY("workspace_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "workspaces" (
	"id" bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY (sequence name "workspaces_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"owner_id" uuid NOT NULL,
	"name" text NOT NULL,
	"slug" text NOT NULL,
	"slug_base" text NOT NULL,
	"slug_no" integer NOT NULL,
	"image" text,
	"description" text DEFAULT '' NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"status" "workspace_status" DEFAULT 'ACTIVE' NOT NULL,
	"not_for_resale" boolean DEFAULT false NOT NULL,
	"source_id" bigint,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "workspaces_public_id_unique" UNIQUE("public_id"),
	CONSTRAINT "workspaces_slug_unique" UNIQUE("slug"),
	CONSTRAINT "workspaces_slug_no" UNIQUE("slug_base","slug_no")
);
--> statement-breakpoint
ALTER TABLE "affiliate_links" ADD CONSTRAINT "affiliate_links_seller_id_users_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliate_links" ADD CONSTRAINT "affiliate_links_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliates" ADD CONSTRAINT "affiliates_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attributions" ADD CONSTRAINT "attributions_customer_id_users_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attributions" ADD CONSTRAINT "attributions_affiliate_id_affiliates_id_fk" FOREIGN KEY ("affiliate_id") REFERENCES "public"."affiliates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "commissions" ADD CONSTRAINT "commissions_beneficiary_id_users_id_fk" FOREIGN KEY ("beneficiary_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_accounts" ADD CONSTRAINT "ledger_accounts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_transfer_id_ledger_transfers_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "public"."ledger_transfers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_account_id_ledger_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."ledger_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth_tokens" ADD CONSTRAINT "auth_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_buyer_id_users_id_fk" FOREIGN KEY ("buyer_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_affiliate_link_id_affiliate_links_id_fk" FOREIGN KEY ("affiliate_link_id") REFERENCES "public"."affiliate_links"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_seller_id_users_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_buyer_id_users_id_fk" FOREIGN KEY ("buyer_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_seller_id_users_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "funnels" ADD CONSTRAINT "funnels_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "funnels" ADD CONSTRAINT "funnels_global_theme_key_global_themes_key_fk" FOREIGN KEY ("global_theme_key") REFERENCES "public"."global_themes"("key") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "funnels" ADD CONSTRAINT "funnels_workspace_id_theme_no_themes_workspace_id_theme_no_fk" FOREIGN KEY ("workspace_id","theme_no") REFERENCES "public"."themes"("workspace_id","theme_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_templates" ADD CONSTRAINT "role_templates_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "themes" ADD CONSTRAINT "themes_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_members" ADD CONSTRAINT "workspace_members_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_members" ADD CONSTRAINT "workspace_members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "affiliate_links_workspace" ON "affiliate_links" USING btree ("workspace_id");--> statement-breakpoint
CREATE INDEX "attributions_affiliate" ON "attributions" USING btree ("affiliate_id");--> statement-breakpoint
CREATE INDEX "commissions_due" ON "commissions" USING btree ("hold_until") WHERE "commissions"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "commissions_beneficiary" ON "commissions" USING btree ("beneficiary_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "activity_log_organization" ON "activity_log" USING btree ("organization_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "activity_log_subject" ON "activity_log" USING btree ("subject_type","subject_id");--> statement-breakpoint
CREATE INDEX "ledger_accounts_user" ON "ledger_accounts" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_entries_seq" ON "ledger_entries" USING btree ("account_id","seq") WHERE "ledger_entries"."seq" is not null;--> statement-breakpoint
CREATE INDEX "ledger_entries_transfer" ON "ledger_entries" USING btree ("transfer_id");--> statement-breakpoint
CREATE INDEX "ledger_transfers_reference" ON "ledger_transfers" USING btree ("reference_type","reference_id");--> statement-breakpoint
CREATE INDEX "auth_tokens_user" ON "auth_tokens" USING btree ("user_id","purpose");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "users_organization" ON "users" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "mails_sent" ON "mails" USING btree ("sent_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "orders_open" ON "orders" USING btree ("buyer_key","offer_key") WHERE "orders"."status" = 'OPEN' and "orders"."attempt" is null;--> statement-breakpoint
CREATE INDEX "orders_workspace" ON "orders" USING btree ("workspace_id");--> statement-breakpoint
CREATE INDEX "payments_order" ON "payments" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "payments_buyer" ON "payments" USING btree ("buyer_id","paid_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "payments_seller" ON "payments" USING btree ("seller_id","paid_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "payments_intent" ON "payments" USING btree ("payment_intent_id");--> statement-breakpoint
CREATE INDEX "subscriptions_organization" ON "subscriptions" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "sandbox_deliveries_due" ON "sandbox_deliveries" USING btree ("next_attempt_at");--> statement-breakpoint
CREATE INDEX "sandbox_objects_type" ON "sandbox_objects" USING btree ("provider","type","seq" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "jobs_due" ON "jobs" USING btree ("run_at","id") WHERE "jobs"."dead_at" is null;--> statement-breakpoint
CREATE INDEX "webhook_events_status" ON "webhook_events" USING btree ("status","received_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "workspace_clones_source" ON "workspace_clones" USING btree ("source_workspace_id");--> statement-breakpoint
CREATE INDEX "workspace_clones_buyer" ON "workspace_clones" USING btree ("buyer_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "workspace_members_user" ON "workspace_members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "workspaces_owner" ON "workspaces" USING btree ("owner_id","created_at" DESC NULLS LAST);