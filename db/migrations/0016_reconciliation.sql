CREATE TABLE "reconciliation_checkpoints" (
	"provider" text NOT NULL,
	"mode" "provider_mode" NOT NULL,
	"upto" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "reconciliation_checkpoints_provider_mode_pk" PRIMARY KEY("provider","mode")
);
--> statement-breakpoint
CREATE TABLE "reconciliation_days" (
	"provider" text NOT NULL,
	"mode" "provider_mode" NOT NULL,
	"day" date NOT NULL,
	"currency" char(3) NOT NULL,
	"charges" integer NOT NULL,
	"provider_charged" bigint NOT NULL,
	"booked_charged" bigint NOT NULL,
	"provider_refunded" bigint NOT NULL,
	"booked_refunded" bigint NOT NULL,
	"differences" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"checked_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "reconciliation_days_provider_mode_day_currency_pk" PRIMARY KEY("provider","mode","day","currency")
);
--> statement-breakpoint
CREATE TABLE "reconciliation_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"mode" "provider_mode" NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"upto" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"checked" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"found" integer DEFAULT 0 NOT NULL,
	"error" text
);
--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "looked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "webhook_events" ADD COLUMN "repeat_of" uuid;--> statement-breakpoint
ALTER TABLE "webhook_events" ADD COLUMN "run_id" uuid;--> statement-breakpoint
CREATE INDEX "reconciliation_runs_latest" ON "reconciliation_runs" USING btree ("provider","mode","started_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_repeat_of_webhook_events_id_fk" FOREIGN KEY ("repeat_of") REFERENCES "public"."webhook_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_run_id_reconciliation_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."reconciliation_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_events_repeat" ON "webhook_events" USING btree ("repeat_of") WHERE "webhook_events"."repeat_of" is not null;--> statement-breakpoint
CREATE INDEX "webhook_events_run" ON "webhook_events" USING btree ("run_id") WHERE "webhook_events"."run_id" is not null;