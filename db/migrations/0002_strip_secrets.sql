-- What a copy must not inherit though it lies among the settings: whoever knows these names can count the buyer's
-- visitors, read their submissions or spend the seller's quota. Names are compared without case, `-`, `_` and `.`.
CREATE FUNCTION "is_secret_name"(p_name text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(translate(p_name, '-_. ', '')) = ANY (ARRAY[
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
-- The same JSON without members of such names, at any depth. Everything else is as it was.
CREATE FUNCTION "strip_secrets"(p_value jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  CASE jsonb_typeof(p_value)
    WHEN 'object' THEN
      RETURN (SELECT coalesce(jsonb_object_agg(m.key, strip_secrets(m.value)), '{}')
        FROM jsonb_each(p_value) m WHERE NOT is_secret_name(m.key));
    WHEN 'array' THEN
      RETURN (SELECT coalesce(jsonb_agg(strip_secrets(e.value) ORDER BY e.no), '[]')
        FROM jsonb_array_elements(p_value) WITH ORDINALITY e(value, no));
    ELSE
      RETURN p_value;
  END CASE;
END $$;
