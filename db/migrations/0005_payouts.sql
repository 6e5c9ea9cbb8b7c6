CREATE TYPE "public"."payout_kind" AS ENUM('STRIPE', 'PAYPAL', 'BANK', 'MAMOPAY', 'MANUAL');--> statement-breakpoint
CREATE TYPE "public"."withdrawal_status" AS ENUM('REQUESTED', 'APPROVED', 'ON_HOLD', 'PROCESSING', 'PAID', 'FAILED', 'REJECTED', 'CANCELLED', 'RETURNED');--> statement-breakpoint
CREATE TABLE "payout_methods" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"kind" "payout_kind" NOT NULL,
	"sealed" "bytea" NOT NULL,
	"masked" text NOT NULL,
	"hold_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"replaced_at" timestamp (3) with time zone,
	CONSTRAINT "payout_methods_sealed" CHECK (octet_length("payout_methods"."sealed") > 28)
);
--> statement-breakpoint
CREATE TABLE "withdrawals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"fee" bigint,
	"status" "withdrawal_status" DEFAULT 'REQUESTED' NOT NULL,
	"method_id" uuid NOT NULL,
	"reason" text,
	"approved_by" uuid,
	"approved_at" timestamp (3) with time zone,
	"paid_at" timestamp (3) with time zone,
	"reference" text,
	"idempotency_key" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "withdrawals_amount" CHECK ("withdrawals"."amount" > 0),
	CONSTRAINT "withdrawals_currency" CHECK ("withdrawals"."currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "withdrawals_not_own" CHECK ("withdrawals"."approved_by" is null or "withdrawals"."approved_by" <> "withdrawals"."user_id"),
	CONSTRAINT "withdrawals_approved" CHECK ("withdrawals"."status" not in ('APPROVED', 'ON_HOLD', 'PROCESSING', 'PAID', 'FAILED', 'RETURNED') or "withdrawals"."approved_by" is not null),
	CONSTRAINT "withdrawals_paid" CHECK ("withdrawals"."status" not in ('PAID', 'RETURNED') or ("withdrawals"."paid_at" is not null and "withdrawals"."reference" is not null))
);
--> statement-breakpoint
ALTER TABLE "payout_methods" ADD CONSTRAINT "payout_methods_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_method_id_payout_methods_id_fk" FOREIGN KEY ("method_id") REFERENCES "public"."payout_methods"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_approved_by_users_id_fk" FOREIGN KEY ("approved_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "payout_methods_current" ON "payout_methods" USING btree ("user_id") WHERE "payout_methods"."replaced_at" is null;--> statement-breakpoint
CREATE INDEX "payout_methods_user" ON "payout_methods" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "withdrawals_open" ON "withdrawals" USING btree ("user_id","currency") WHERE "withdrawals"."status" in ('REQUESTED', 'APPROVED', 'ON_HOLD', 'PROCESSING');--> statement-breakpoint
CREATE UNIQUE INDEX "withdrawals_attempt" ON "withdrawals" USING btree ("user_id","idempotency_key") WHERE "withdrawals"."idempotency_key" is not null;--> statement-breakpoint
CREATE INDEX "withdrawals_user" ON "withdrawals" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "withdrawals_status" ON "withdrawals" USING btree ("status","created_at","id");