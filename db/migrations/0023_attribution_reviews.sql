CREATE TYPE "public"."attribution_review_status" AS ENUM('OPEN', 'ANSWERED');--> statement-breakpoint
CREATE TABLE "attribution_moves" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"from_affiliate_id" uuid NOT NULL,
	"moved_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "attribution_reviews" (
	"id" uuid PRIMARY KEY NOT NULL,
	"affiliate_id" uuid NOT NULL,
	"customer_id" uuid,
	"message" text NOT NULL,
	"status" "attribution_review_status" DEFAULT 'OPEN' NOT NULL,
	"answer" text,
	"answered_by" uuid,
	"answered_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "attribution_reviews_answered" CHECK (("attribution_reviews"."status" = 'ANSWERED') = ("attribution_reviews"."answer" is not null))
);
--> statement-breakpoint
ALTER TABLE "attribution_moves" ADD CONSTRAINT "attribution_moves_customer_id_attributions_customer_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."attributions"("customer_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attribution_moves" ADD CONSTRAINT "attribution_moves_from_affiliate_id_affiliates_id_fk" FOREIGN KEY ("from_affiliate_id") REFERENCES "public"."affiliates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attribution_reviews" ADD CONSTRAINT "attribution_reviews_affiliate_id_affiliates_id_fk" FOREIGN KEY ("affiliate_id") REFERENCES "public"."affiliates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attribution_reviews" ADD CONSTRAINT "attribution_reviews_customer_id_users_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attribution_reviews" ADD CONSTRAINT "attribution_reviews_answered_by_users_id_fk" FOREIGN KEY ("answered_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "attribution_moves_customer" ON "attribution_moves" USING btree ("customer_id","moved_at");--> statement-breakpoint
CREATE INDEX "attribution_reviews_affiliate" ON "attribution_reviews" USING btree ("affiliate_id","created_at","id");--> statement-breakpoint
CREATE INDEX "attribution_reviews_list" ON "attribution_reviews" USING btree ("status","created_at","id");
--> statement-breakpoint

INSERT INTO "state_transitions" VALUES ('attribution_reviews', 'OPEN', 'ANSWERED');

--> statement-breakpoint

CREATE TRIGGER "attribution_reviews_transition" BEFORE UPDATE OF "status" ON "attribution_reviews"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();

--> statement-breakpoint

REVOKE UPDATE, DELETE, TRUNCATE ON "attribution_moves" FROM "offshoot_app";

--> statement-breakpoint

REVOKE DELETE, TRUNCATE ON "attribution_reviews" FROM "offshoot_app";
