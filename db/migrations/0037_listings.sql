-- Words are kept as they are written: a market is of many languages, and no dictionary fits them all.
CREATE FUNCTION "listing_document"(title text, tagline text, tags text[], description text) RETURNS tsvector
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('simple'::regconfig, title), 'A')
    || setweight(to_tsvector('simple'::regconfig, tagline), 'B')
    || setweight(to_tsvector('simple'::regconfig, array_to_string(tags, ' ')), 'B')
    || setweight(to_tsvector('simple'::regconfig, description), 'C')
$$;
--> statement-breakpoint
CREATE TYPE "public"."listing_status" AS ENUM('DRAFT', 'SUBMITTED', 'LIVE', 'REJECTED', 'PAUSED', 'SUSPENDED');--> statement-breakpoint
CREATE TABLE "listing_categories" (
	"key" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	CONSTRAINT "listing_categories_position_unique" UNIQUE("position")
);
--> statement-breakpoint
CREATE TABLE "listings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"seller_id" uuid NOT NULL,
	"workspace_id" bigint NOT NULL,
	"status" "listing_status" DEFAULT 'DRAFT' NOT NULL,
	"title" text NOT NULL,
	"tagline" text NOT NULL,
	"description" text NOT NULL,
	"category" text NOT NULL,
	"tags" text[] NOT NULL,
	"language" text NOT NULL,
	"version_notes" text NOT NULL,
	"plan_type" "plan" NOT NULL,
	"offer_mode" "offer_mode" NOT NULL,
	"price_amount" bigint NOT NULL,
	"price_currency" char(3) NOT NULL,
	"frequency" "frequency",
	"frequency_interval" integer,
	"free_trial_period_in_days" integer DEFAULT 0 NOT NULL,
	"commission_percentage" numeric(5, 2) NOT NULL,
	"status_reason" text,
	"decided_by" uuid,
	"decided_at" timestamp (3) with time zone,
	"submitted_at" timestamp (3) with time zone,
	"published_at" timestamp (3) with time zone,
	"featured_at" timestamp (3) with time zone,
	"sold" integer DEFAULT 0 NOT NULL,
	"review_count" integer DEFAULT 0 NOT NULL,
	"rating_sum" integer DEFAULT 0 NOT NULL,
	"rating_rank" integer GENERATED ALWAYS AS ((rating_sum * 1000 + 17500) / (review_count + 5)) STORED NOT NULL,
	"document" "tsvector" GENERATED ALWAYS AS (listing_document(title, tagline, tags, description)) STORED NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "listings_slug_unique" UNIQUE("slug"),
	CONSTRAINT "listings_price" CHECK ("listings"."price_amount" >= 0),
	CONSTRAINT "listings_rate" CHECK ("listings"."commission_percentage" between 0 and 100),
	CONSTRAINT "listings_period" CHECK (("listings"."offer_mode" = 'SUBSCRIPTION') = ("listings"."frequency" is not null)),
	CONSTRAINT "listings_reason" CHECK (("listings"."status" in ('REJECTED', 'SUSPENDED')) = ("listings"."status_reason" is not null)),
	CONSTRAINT "listings_published" CHECK ("listings"."status" not in ('LIVE', 'PAUSED') or "listings"."published_at" is not null),
	CONSTRAINT "listings_counts" CHECK ("listings"."sold" >= 0 and "listings"."review_count" >= 0),
	CONSTRAINT "listings_rating" CHECK ("listings"."rating_sum" between "listings"."review_count" and 5 * "listings"."review_count")
);
--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "listing_id" uuid;--> statement-breakpoint
ALTER TABLE "workspace_clones" ADD COLUMN "listing_id" uuid;--> statement-breakpoint
ALTER TABLE "listings" ADD CONSTRAINT "listings_seller_id_users_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listings" ADD CONSTRAINT "listings_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listings" ADD CONSTRAINT "listings_category_listing_categories_key_fk" FOREIGN KEY ("category") REFERENCES "public"."listing_categories"("key") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listings" ADD CONSTRAINT "listings_decided_by_users_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "listings_offer" ON "listings" USING btree ("workspace_id","plan_type","offer_mode","price_amount","price_currency",coalesce("frequency", 'MONTHLY'),coalesce("frequency_interval", 0),"free_trial_period_in_days") WHERE "listings"."status" <> 'REJECTED';--> statement-breakpoint
CREATE INDEX "listings_seller" ON "listings" USING btree ("seller_id","created_at","id");--> statement-breakpoint
CREATE INDEX "listings_workspace" ON "listings" USING btree ("workspace_id");--> statement-breakpoint
CREATE INDEX "listings_queue" ON "listings" USING btree ("status","created_at","id");--> statement-breakpoint
CREATE INDEX "listings_document" ON "listings" USING gin ("document");--> statement-breakpoint
CREATE INDEX "listings_new" ON "listings" USING btree ("published_at","id") WHERE "listings"."status" = 'LIVE';--> statement-breakpoint
CREATE INDEX "listings_popular" ON "listings" USING btree ("sold","id") WHERE "listings"."status" = 'LIVE';--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_listing_id_listings_id_fk" FOREIGN KEY ("listing_id") REFERENCES "public"."listings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "orders_listing" ON "orders" USING btree ("listing_id") WHERE "orders"."listing_id" is not null;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_one_seller" CHECK (num_nonnulls("orders"."affiliate_link_id", "orders"."listing_id") <= 1);