ALTER TABLE "payments" ADD COLUMN "paid_elsewhere" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "webhook_events" ADD COLUMN "counted_at" timestamp (3) with time zone;