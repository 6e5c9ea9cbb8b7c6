CREATE TABLE "link_click_visitors" (
	"day" date NOT NULL,
	"link_id" uuid NOT NULL,
	"visitor" "bytea" NOT NULL,
	CONSTRAINT "link_click_visitors_day_link_id_visitor_pk" PRIMARY KEY("day","link_id","visitor")
);
--> statement-breakpoint
CREATE TABLE "link_clicks" (
	"link_id" uuid PRIMARY KEY NOT NULL,
	"clicks" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "link_click_visitors" ADD CONSTRAINT "link_click_visitors_link_id_affiliate_links_id_fk" FOREIGN KEY ("link_id") REFERENCES "public"."affiliate_links"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "link_clicks" ADD CONSTRAINT "link_clicks_link_id_affiliate_links_id_fk" FOREIGN KEY ("link_id") REFERENCES "public"."affiliate_links"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "orders_link" ON "orders" USING btree ("affiliate_link_id") WHERE "orders"."affiliate_link_id" is not null;