-- Trusted: who may create in this database may have it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
-- Words as they are compared: lower case, without accents, and nothing but words. The application folds what is searched in
-- the same way (server/domain/marketplace/search-words.ts). Not every collation knows the case of these two alphabets.
CREATE FUNCTION "search_text"(words text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT lower(translate(regexp_replace(regexp_replace(
      normalize(replace(replace(replace(replace(replace(replace(words, 'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), NFKD),
      '[\u0300-\u036f]', '', 'g'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'),
    'øØłŁđĐıАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς',
    'oollddiабвгдежзиклмнопрстуфхцчшщъыьэюяαβγδεζηθικλμνξοπρστυφχψωσ'))
$$;
--> statement-breakpoint
-- Each word as it is written, and the stems of the two languages whose rules most sellers need.
CREATE FUNCTION "listing_document"(language text, title text, tagline text, tags text[], description text) RETURNS tsvector
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('simple'::regconfig, public.search_text(title)), 'A')
    || setweight(to_tsvector('simple'::regconfig, public.search_text(tagline || ' ' || array_to_string(tags, ' '))), 'B')
    || setweight(to_tsvector('simple'::regconfig, public.search_text(description)), 'C')
    || CASE WHEN language IN ('en', 'de') THEN
      setweight(to_tsvector(CASE language WHEN 'de' THEN 'german'::regconfig ELSE 'english'::regconfig END, public.search_text(title)), 'A')
      || setweight(to_tsvector(CASE language WHEN 'de' THEN 'german'::regconfig ELSE 'english'::regconfig END,
        public.search_text(tagline || ' ' || array_to_string(tags, ' '))), 'B')
      || setweight(to_tsvector(CASE language WHEN 'de' THEN 'german'::regconfig ELSE 'english'::regconfig END, public.search_text(description)), 'C')
      ELSE ''::tsvector END
$$;
--> statement-breakpoint
CREATE FUNCTION "word_slips"(word text) RETURNS text[]
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_agg(DISTINCT left(word, n - 1) || substr(word, n + 1)) || word FROM generate_series(1, char_length(word)) n
$$;
--> statement-breakpoint
CREATE TABLE "listing_words" (
	"word" text PRIMARY KEY NOT NULL,
	"slips" text[] GENERATED ALWAYS AS (word_slips(word)) STORED NOT NULL
);
--> statement-breakpoint
DROP INDEX "listings_document";--> statement-breakpoint
ALTER TABLE "listings" drop column "document";--> statement-breakpoint
ALTER TABLE "listings" ADD COLUMN "document" "tsvector" GENERATED ALWAYS AS (listing_document(language, title, tagline, tags, description)) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "listing_words_slips" ON "listing_words" USING gin ("slips") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "listing_words_near" ON "listing_words" USING gin ("word" gin_trgm_ops) WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "listings_tags" ON "listings" USING gin ("tags") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "listings_rated" ON "listings" USING btree ("rating_rank","id") WHERE "listings"."status" = 'LIVE';--> statement-breakpoint
CREATE INDEX "listings_priced" ON "listings" USING btree ("price_currency","price_amount","id") WHERE "listings"."status" = 'LIVE';--> statement-breakpoint
CREATE INDEX "listings_category" ON "listings" USING btree ("category","sold","id") WHERE "listings"."status" = 'LIVE';--> statement-breakpoint
CREATE INDEX "listings_featured" ON "listings" USING btree ("featured_at","id") WHERE "listings"."status" = 'LIVE' and "listings"."featured_at" is not null;--> statement-breakpoint
CREATE INDEX "listings_document" ON "listings" USING gin ("document") WITH (fastupdate=false);
--> statement-breakpoint
DROP FUNCTION "listing_document"(text, text, text[], text);
--> statement-breakpoint
-- In one order, so that two listings at once wait for each other rather than both.
CREATE FUNCTION "keep_listing_words"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO listing_words (word)
    SELECT word FROM unnest(tsvector_to_array(public.listing_document('', new.title, new.tagline, new.tags, new.description))) word
    WHERE char_length(word) BETWEEN 3 AND 32 AND word !~ '[0-9]' ORDER BY word
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "listings_words" AFTER INSERT OR UPDATE OF "status", "title", "tagline", "tags", "description" ON "listings"
  FOR EACH ROW WHEN (new."status" = 'LIVE') EXECUTE FUNCTION "keep_listing_words"();
--> statement-breakpoint
INSERT INTO "listing_words" ("word")
  SELECT DISTINCT "word" FROM "listings", unnest(tsvector_to_array(listing_document('', "title", "tagline", "tags", "description"))) "word"
  WHERE "status" = 'LIVE' AND char_length("word") BETWEEN 3 AND 32 AND "word" !~ '[0-9]';
