CREATE TYPE "public"."addon" AS ENUM('EXTRA_WORKSPACE', 'EXTRA_MEMBER', 'EXTRA_FUNNEL', 'EXTRA_PAGE', 'EXTRA_DOMAIN');--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "addon" "addon";--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "quantity" integer;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "addon" "addon";--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "quantity" integer;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "told_days_left" integer;--> statement-breakpoint
CREATE INDEX "subscriptions_addon_ends" ON "subscriptions" USING btree ("id") WHERE "subscriptions"."addon" is not null and (("subscriptions"."cancel_at_period_end" and "subscriptions"."status" <> 'CANCELLED') or "subscriptions"."plan_stays_until" is not null);--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_addon" CHECK (("orders"."addon" is not null) = ("orders"."payment_type" = 'ADDON_PURCHASE') and ("orders"."addon" is not null) = (coalesce("orders"."quantity", 0) > 0));--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_addon" CHECK (("subscriptions"."addon" is not null) = (coalesce("subscriptions"."quantity", 0) > 0) and not ("subscriptions"."is_plan" and "subscriptions"."addon" is not null));