CREATE TYPE "public"."dispute_status" AS ENUM('NO_MONEY_MOVED', 'OPEN', 'WON', 'LOST');--> statement-breakpoint
CREATE TYPE "public"."refund_status" AS ENUM('REQUESTED', 'PENDING', 'SUCCEEDED', 'FAILED', 'CANCELED');--> statement-breakpoint
CREATE TABLE "payment_disputes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"mode" "provider_mode" NOT NULL,
	"external_id" text NOT NULL,
	"status" "dispute_status" NOT NULL,
	"amount" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "payment_disputes_external" UNIQUE("provider","mode","external_id"),
	CONSTRAINT "payment_disputes_amount" CHECK ("payment_disputes"."amount" >= 0)
);
--> statement-breakpoint
CREATE TABLE "payment_refunds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"mode" "provider_mode" NOT NULL,
	"external_id" text,
	"status" "refund_status" NOT NULL,
	"amount" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"requested_by_id" uuid,
	"reason" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "payment_refunds_external" UNIQUE("provider","mode","external_id"),
	CONSTRAINT "payment_refunds_amount" CHECK ("payment_refunds"."amount" >= 0),
	CONSTRAINT "payment_refunds_sent" CHECK ("payment_refunds"."external_id" is not null or "payment_refunds"."status" in ('REQUESTED', 'FAILED', 'CANCELED'))
);
--> statement-breakpoint
DROP INDEX "commissions_due";--> statement-breakpoint
ALTER TABLE "commissions" ADD COLUMN "held_amount" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "reported_refund_amount" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "reversals" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payment_disputes" ADD CONSTRAINT "payment_disputes_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_refunds" ADD CONSTRAINT "payment_refunds_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_refunds" ADD CONSTRAINT "payment_refunds_requested_by_id_users_id_fk" FOREIGN KEY ("requested_by_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "payment_disputes_payment" ON "payment_disputes" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "payment_refunds_payment" ON "payment_refunds" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "payments_charge" ON "payments" USING btree ("charge_id");--> statement-breakpoint
CREATE INDEX "commissions_due" ON "commissions" USING btree ("hold_until") WHERE "commissions"."credited_at" is null;--> statement-breakpoint
ALTER TABLE "commissions" ADD CONSTRAINT "commissions_held" CHECK ("commissions"."held_amount" between 0 and "commissions"."amount" - "commissions"."reversed_amount");