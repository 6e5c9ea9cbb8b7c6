CREATE TYPE "public"."coupon_scope" AS ENUM('ALL', 'PLANS', 'WORKSPACES');--> statement-breakpoint
CREATE TABLE "coupons" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"affiliate_id" uuid NOT NULL,
	"percentage" numeric(5, 2),
	"amount" bigint,
	"currency" char(3),
	"months" integer,
	"scope" "coupon_scope" NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"max_uses" integer,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "coupons_code_unique" UNIQUE("code"),
	CONSTRAINT "coupons_discount" CHECK (("coupons"."percentage" > 0 and "coupons"."percentage" <= 100 and num_nonnulls("coupons"."amount", "coupons"."currency") = 0)
        or ("coupons"."percentage" is null and "coupons"."amount" > 0 and "coupons"."currency" is not null)),
	CONSTRAINT "coupons_months" CHECK ("coupons"."months" between 0 and 120),
	CONSTRAINT "coupons_uses" CHECK ("coupons"."max_uses" >= 1)
);
--> statement-breakpoint
ALTER TABLE "attributions" ADD COLUMN "coupon_id" uuid;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "coupon_id" uuid;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "discount_amount" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "discount_months" integer;--> statement-breakpoint
ALTER TABLE "coupons" ADD CONSTRAINT "coupons_code_affiliate_codes_code_fk" FOREIGN KEY ("code") REFERENCES "public"."affiliate_codes"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "coupons" ADD CONSTRAINT "coupons_affiliate_id_affiliates_id_fk" FOREIGN KEY ("affiliate_id") REFERENCES "public"."affiliates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "coupons" ADD CONSTRAINT "coupons_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "coupons_affiliate" ON "coupons" USING btree ("affiliate_id","created_at","id");--> statement-breakpoint
CREATE INDEX "coupons_list" ON "coupons" USING btree ("created_at","id");--> statement-breakpoint
ALTER TABLE "attributions" ADD CONSTRAINT "attributions_coupon_id_coupons_id_fk" FOREIGN KEY ("coupon_id") REFERENCES "public"."coupons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_coupon_id_coupons_id_fk" FOREIGN KEY ("coupon_id") REFERENCES "public"."coupons"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "orders_coupon" ON "orders" USING btree ("coupon_id") WHERE "orders"."coupon_id" is not null;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_discount" CHECK ("orders"."discount_amount" between 0 and "orders"."price_amount" and ("orders"."coupon_id" is not null or "orders"."discount_amount" = 0));--> statement-breakpoint
-- A code's terms never change; it is only ended.
REVOKE UPDATE, DELETE, TRUNCATE ON "coupons" FROM "offshoot_app";--> statement-breakpoint
GRANT UPDATE ("ended_at") ON "coupons" TO "offshoot_app";
