ALTER TABLE "subscriptions" ADD COLUMN "is_plan" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "frequency" "frequency";--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "price_amount" bigint;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "price_currency" char(3);--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "customer_ref" text;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "paid_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "entitled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "plan_stays_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "next_plan" "plan";--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "next_frequency" "frequency";--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "next_price_amount" bigint;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "next_price_ref" text;--> statement-breakpoint
CREATE UNIQUE INDEX "subscriptions_one_plan" ON "subscriptions" USING btree ("organization_id") WHERE "subscriptions"."is_plan" and "subscriptions"."status" <> 'CANCELLED';