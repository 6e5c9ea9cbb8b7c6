-- What a copy must not inherit though it lies among the settings: whoever knows these names can count the buyer's
-- visitors, read their submissions or spend the seller's quota. Names are compared without case, blanks, `-`, `_`, `.`, `:` and `/`.
-- Members of these very names go, also when their value is a number.
CREATE FUNCTION "is_secret_name"(p_name text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(translate(p_name, '-_. :/', '')) = ANY (ARRAY[
    -- who counts the visitors
    'tracking', 'trackingid', 'trackingids', 'trackingscript', 'trackingscripts', 'trackingcode', 'trackingcodes',
    'googleanalytics', 'googleanalyticsid', 'gaid', 'gameasurementid', 'measurementid',
    'googletagmanager', 'googletagmanagerid', 'gtmid', 'googleadsid', 'googleadsconversionid',
    'metapixel', 'metapixelid', 'facebookpixel', 'facebookpixelid', 'fbpixelid', 'pixelid', 'pixelids',
    'tiktokpixelid', 'pinteresttagid', 'snapchatpixelid', 'twitterpixelid', 'xpixelid', 'linkedinpartnerid',
    'linkedininsighttagid', 'hotjarid', 'clarityid', 'microsoftclarityid', 'segmentwritekey', 'posthogkey',
    'mixpaneltoken', 'matomositeid', 'plausibledomain',
    -- keys
    'apikey', 'apikeys', 'apitoken', 'apitokens', 'apisecret', 'accesskey', 'accesstoken', 'accesstokens',
    'refreshtoken', 'authtoken', 'bearertoken', 'secret', 'secrets', 'secretkey', 'clientsecret', 'privatekey',
    'signingsecret', 'credentials', 'password', 'passwords', 'passwordhash',
    -- where submissions are sent
    'webhook', 'webhooks', 'webhookurl', 'webhookurls', 'webhooksecret', 'webhooksecrets', 'webhookendpoint',
    'webhookendpoints',
    -- addresses that stay with the source
    'domain', 'domains', 'customdomain', 'customdomains'])
$$;
--> statement-breakpoint
-- Names made up by people: `stripeSecretKey`, `smtp-password`. What has such a word in it goes when a text is in it:
-- flags and figures (`passwordProtected`, `maxTokens`) are no secrets, nor are the words beside an input.
CREATE FUNCTION "sounds_secret"(p_name text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT n !~ '(label|placeholder|title|heading|colou?r|icon)$' AND n ~ (
    'apikey|accesskey|privatekey|licen[cs]ekey|signingkey|encryptionkey|writekey|credential|authorization'
    || '|secret(?!ar)|passw(or)?d|passphrase|webhook|pixel|tracking|analytics(id|key|code)|measurementid'
    -- design tokens are no secrets
    || '|token(?!s|iz)|(api|access|auth|bearer|bot|refresh|session|id)tokens'
    || '|^gtm|gtm(id|code|container|script|tag)?$|(head|header|body|footer|custom)(script|code|snippet)s?$')
  FROM (SELECT lower(translate(p_name, '-_. :/', ''))) names(n)
$$;
--> statement-breakpoint
-- Texts that are secrets, whatever their name: keys and ids by their issuers' prefixes, addresses with a password or
-- a hook in them, and the code of those who count visitors.
CREATE FUNCTION "is_secret_text"(p_text text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p_text ~ (
    '^\s*((sk|rk|pk)_(live|test)_|whsec_|AKIA[0-9A-Z]{12}|AIza[0-9A-Za-z_-]{30}|xox[abprs]-|gh[pousr]_[0-9A-Za-z]{20}'
    || '|sk-[0-9A-Za-z_-]{20}|(G-(?=[0-9A-Z]*[0-9])[0-9A-Z]{4,14}|GTM-[0-9A-Z]{4,}|UA-[0-9]{4,}-[0-9]+|AW-[0-9]{6,}'
    || '|Bearer\s+\S{6,})\s*$|https://hooks[.](slack|zapier)[.]com/)'
    || '|://[^/?#@\s]+:[^/?#@\s]+@|googletagmanager[.]com|google-analytics[.]com|connect[.]facebook[.]net'
    || '|\m(gtag|fbq)\(')
$$;
--> statement-breakpoint
CREATE FUNCTION "is_secret"(p_name text, p_value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN jsonb_typeof(p_value) IN ('boolean', 'null') THEN false
    WHEN is_secret_name(p_name) THEN true
    WHEN sounds_secret(p_name) THEN jsonb_path_exists(p_value, 'strict $.** ? (@.type() == "string")')
    ELSE jsonb_typeof(p_value) = 'string' AND is_secret_text(p_value #>> '{}')
  END
$$;
--> statement-breakpoint
-- The same JSON without secrets, at any depth: members, elements of lists, and the `value` beside a `name` or `key`
-- that names one. Everything else is as it was.
CREATE FUNCTION "strip_secrets"(p_value jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  CASE jsonb_typeof(p_value)
    WHEN 'object' THEN
      RETURN (SELECT coalesce(jsonb_object_agg(m.key, strip_secrets(m.value)), '{}')
        FROM jsonb_each(p_value) m
        WHERE NOT is_secret(m.key, m.value) AND NOT (lower(m.key) IN ('value', 'values') AND EXISTS (
          SELECT FROM jsonb_each(p_value) n
          WHERE lower(n.key) IN ('name', 'key') AND jsonb_typeof(n.value) = 'string'
            AND is_secret(n.value #>> '{}', m.value))));
    WHEN 'array' THEN
      RETURN (SELECT coalesce(jsonb_agg(strip_secrets(e.value) ORDER BY e.no), '[]')
        FROM jsonb_array_elements(p_value) WITH ORDINALITY e(value, no) WHERE NOT is_secret('', e.value));
    ELSE
      RETURN p_value;
  END CASE;
END $$;
