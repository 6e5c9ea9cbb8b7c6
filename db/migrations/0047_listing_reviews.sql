CREATE TABLE "listing_review_reports" (
	"review_id" uuid NOT NULL,
	"reporter_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"settled_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "listing_review_reports_review_id_reporter_id_pk" PRIMARY KEY("review_id","reporter_id")
);
--> statement-breakpoint
CREATE TABLE "listing_reviews" (
	"id" uuid PRIMARY KEY NOT NULL,
	"listing_id" uuid NOT NULL,
	"author_id" uuid NOT NULL,
	"rating" integer NOT NULL,
	"text" text NOT NULL,
	"reply" text,
	"replied_at" timestamp (3) with time zone,
	"hidden_reason" text,
	"hidden_by" uuid,
	"hidden_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "listing_reviews_once" UNIQUE("listing_id","author_id"),
	CONSTRAINT "listing_reviews_rating" CHECK ("listing_reviews"."rating" between 1 and 5),
	CONSTRAINT "listing_reviews_hidden" CHECK (num_nulls("listing_reviews"."hidden_reason", "listing_reviews"."hidden_by", "listing_reviews"."hidden_at") in (0, 3)),
	CONSTRAINT "listing_reviews_replied" CHECK (("listing_reviews"."reply" is null) = ("listing_reviews"."replied_at" is null))
);
--> statement-breakpoint
ALTER TABLE "listing_review_reports" ADD CONSTRAINT "listing_review_reports_review_id_listing_reviews_id_fk" FOREIGN KEY ("review_id") REFERENCES "public"."listing_reviews"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listing_review_reports" ADD CONSTRAINT "listing_review_reports_reporter_id_users_id_fk" FOREIGN KEY ("reporter_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listing_reviews" ADD CONSTRAINT "listing_reviews_listing_id_listings_id_fk" FOREIGN KEY ("listing_id") REFERENCES "public"."listings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listing_reviews" ADD CONSTRAINT "listing_reviews_author_id_users_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listing_reviews" ADD CONSTRAINT "listing_reviews_hidden_by_users_id_fk" FOREIGN KEY ("hidden_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "listing_review_reports_waiting" ON "listing_review_reports" USING btree ("review_id") WHERE "listing_review_reports"."settled_at" is null;--> statement-breakpoint
CREATE INDEX "listing_reviews_list" ON "listing_reviews" USING btree ("listing_id","created_at","id");--> statement-breakpoint
CREATE INDEX "listing_reviews_author" ON "listing_reviews" USING btree ("author_id");--> statement-breakpoint
CREATE INDEX "listing_reviews_newest" ON "listing_reviews" USING btree ("created_at","id");